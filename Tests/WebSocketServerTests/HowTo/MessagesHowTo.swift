import Foundation
import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on messages.
enum MessagesHowTo {
  static let gather = HandlerFactory.asynchronous { connection in
    var size = 0
    for try await piece in connection.messages {
      size += piece.bytes.count
      if piece.isFinal {
        try await connection.send("\(size) octets")
        size = 0
      }
    }
  }

  static func files(_ path: String) -> HandlerFactory {
    .asynchronous { connection in
      try await connection.send(.binary, file: path)
      try await connection.send(.text, file: path, position: 2, length: 3)

      let (pieces, continuation) = AsyncStream.makeStream(of: [UInt8].self)
      continuation.yield(Array("one, ".utf8))
      continuation.yield(Array("two".utf8))
      continuation.finish()
      try await connection.send(.text, fragments: pieces)
      for try await _ in connection.messages {}
    }
  }

  static func pressure(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.limits.queuedOutputByteCount = 256 << 10
    configuration.slowConsumers = .dropOldest
    configuration.fragmentByteCount = 64 << 10
    return configuration
  }

  static let rooms = HandlerFactory.asynchronous { connection in
    connection.subscribe(to: "news")
    for try await message in connection.messages {
      connection.server.broadcast(message, to: .channel("news"), excluding: [connection.id])
    }
  }

  static func announce(_ server: WebSocketServer) async -> BroadcastReceipt {
    let receipt = await server.deliver(Message("the news"), to: .channel("news"))
    print(
      "\(receipt.sentCount) sent, \(receipt.queuedCount) wait, \(receipt.droppedCount) missed it")
    print("encoded \(receipt.encodingCount) times, compressed \(receipt.compressionCount) times")
    return receipt
  }

  static func alive(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.heartbeat = Heartbeat(interval: .seconds(30), timeout: .seconds(10)) {
      connection in
      connection.channels.contains("quiet") ? .skip : .ping(Array("there?".utf8))
    }
    return configuration
  }

  static func compressed(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    var compression = CompressionPolicy()
    compression.level = 6
    compression.threshold = 512
    compression.serverMaxWindowBits = 12
    compression.serverNoContextTakeover = true
    configuration.compression = compression
    configuration.limits.inflatedMessageByteCount = 4 << 20
    return configuration
  }

  static var blocking: HandlerFactory {
    let factory = HandlerFactory.asynchronous(on: .concurrent) { connection in
      for try await message in connection.messages {
        // May take its time: the loop goes on meanwhile.
        try await connection.send("\(message.bytes.reduce(0) { $0 &+ Int($1) })")
      }
    }
    return factory
  }
}

final class Firehose: ConnectionHandler {
  private var number = 0

  func opened(_ connection: inout ActiveConnection) { pour(&connection) }
  func readyToSend(_ connection: inout ActiveConnection) { pour(&connection) }

  private func pour(_ connection: inout ActiveConnection) {
    while number < 10_000 {
      do throws(SendError) {
        try connection.send("line \(number)")
        number += 1
      } catch {
        return  // As much waits as may: readyToSend is called when it has gone.
      }
    }
  }
}

@Suite("How to deal with messages", .timeLimit(.minutes(5)))
struct MessagesHowToTests {
  @Test func `pieces come as they are sent`() async throws {
    try await withServer(
      MessagesHowTo.gather,
      configure: {
        $0 = MessagesHowTo.alive(MessagesHowTo.pressure($0))
        $0.delivery = .fragments
        $0.compression = nil
      }
    ) { _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, [1, 2], isFinal: false)
      client.send(.continuation, [3])
      #expect(try await client.readFrame()?.payload == Array("3 octets".utf8))
    }
  }

  @Test func `files and streams go out`() async throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "howto-\(UInt64.random(in: 0 ... .max))").path
    try Data("0123456789".utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await withServer(MessagesHowTo.files(path), configure: { $0.compression = nil }) {
      _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open()
      var text = ""
      while !text.hasSuffix("two") {
        text += String(decoding: try #require(await client.readFrame()).payload, as: UTF8.self)
      }
      #expect(text == "0123456789234one, two")
    }
  }

  @Test func `a firehose waits for its peer`() async throws {
    try await withServer(
      .synchronous { _ in Firehose() },
      configure: {
        $0.compression = nil
        $0.limits.queuedOutputByteCount = 1000
      }
    ) { _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open()
      for number in 0..<10_000 {
        #expect(try await client.readFrame()?.payload == Array("line \(number)".utf8))
      }
    }
  }

  @Test func `what one says reaches the channel, compressed once for all`() async throws {
    try await withServer(
      MessagesHowTo.rooms,
      configure: {
        $0 = MessagesHowTo.compressed($0)
        $0.compression?.threshold = 0
      }
    ) { server, address async throws in
      let offer = ["Sec-WebSocket-Extensions: permessage-deflate"]
      var clients: [TestClient] = []
      for _ in 0..<3 {
        let client = try await TestClient(to: address)
        try await client.open(fields: offer)
        clients.append(client)
      }
      var receipt = BroadcastReceipt()
      while receipt.sentCount < 3 { receipt = await MessagesHowTo.announce(server) }
      #expect(receipt.encodingCount == 1 && receipt.compressionCount == 1)
    }
  }

  @Test func `a body may run elsewhere`() async throws {
    try await withServer(MessagesHowTo.blocking, configure: { $0.compression = nil }) {
      _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, [1, 2, 3])
      #expect(try await client.readFrame()?.payload == Array("6".utf8))
    }
  }
}
