import Foundation
import Synchronization
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Messages in pieces", .timeLimit(.minutes(5)))
struct StreamingTests {
  /// Reads the rest of a message, and tells how many frames it had.
  private func message(from client: TestClient) async throws -> (payload: [UInt8], frames: Int) {
    var payload: [UInt8] = []
    var frames = 0
    while let frame = try await client.readFrame() {
      payload += frame.payload
      frames += 1
      #expect(frame.header.opcode == (frames == 1 ? .binary : .continuation))
      if frame.header.isFinal { break }
    }
    return (payload, frames)
  }

  private func withFile(
    _ octets: [UInt8], _ body: (String) async throws -> Void
  ) async throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "stream-\(UInt64.random(in: 0 ... .max))").path
    try Data(octets).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  @Test
  func `a file goes out whole or in part, from a task, and other messages wait`() async throws {
    let octets = [UInt8].noise(1_000_000)
    try await withFile(octets) { path in
      let factory = HandlerFactory.asynchronous { connection in
        async let whole = connection.send(.binary, file: path)
        async let part = connection.send(.binary, file: path, position: 1_000, length: 5)
        #expect(try await whole == 1_000_000)
        #expect(try await part == 5)
        try await connection.send("after")
        for try await _ in connection.messages {}
      }
      try await withServer(factory, configure: { $0.compression = nil }) { _, address in
        let client = try await TestClient(to: address)
        try await client.open()
        var sizes: Set<Int> = []
        for _ in 0..<2 {
          let (payload, frames) = try await message(from: client)
          sizes.insert(payload.count)
          #expect(frames > 1 || payload.count == 5)
          #expect(payload == (payload.count == 5 ? Array(octets[1_000..<1_005]) : octets))
        }
        #expect(sizes == [5, 1_000_000])
        #expect(try await client.readFrame()?.payload == Array("after".utf8))
      }
    }
  }

  private final class Sender: ConnectionHandler {
    let path: String
    init(path: String) { self.path = path }

    func opened(_ connection: inout ActiveConnection) {
      guard let source = try? FileSource(path: path) else { return }
      let handle = connection.handle
      handle.send(.binary, from: source) { result in
        if case .success(let count) = result { handle.send(.text, Array("\(count)".utf8)) }
      }
    }
  }

  @Test
  func `a file goes out from a handler on the loop, as the peer takes it`() async throws {
    let octets = [UInt8].noise(3_000_000)
    try await withFile(octets) { path in
      let factory = HandlerFactory.synchronous { _ in Sender(path: path) }
      try await withServer(
        factory,
        configure: {
          $0.compression = nil
          $0.limits.queuedOutputByteCount = 200_000
        }
      ) { server, address in
        let client = try await TestClient(to: address)
        try await client.open()
        client.pauseReading()
        try await Task.sleep(for: .milliseconds(100))
        for facts in await server.connections() { #expect(facts.queuedByteCount <= 200_000) }
        // A broadcast waits for the end of the message.
        let receipt = await server.deliver(Message("between"))
        client.resumeReading()
        #expect(try await message(from: client).payload == octets)
        var texts: Set<String> = []
        for _ in 0..<(1 + receipt.sentCount + receipt.queuedCount) {
          texts.insert(String(decoding: try await client.readFrame()?.payload ?? [], as: UTF8.self))
        }
        #expect(texts == ["between", "3000000"])
      }
    }
  }

  /// Goes on, octet by octet, until it is told to end.
  private final class EndlessSource: MessageSource, Sendable {
    let isOver = Atomic(false)

    func next(_ maximum: Int) -> (octets: [UInt8], isLast: Bool) {
      ([0x2e], isOver.load(ordering: .relaxed))
    }
  }

  private final class Beginner: ConnectionHandler {
    let source: EndlessSource
    init(_ source: EndlessSource) { self.source = source }

    func opened(_ connection: inout ActiveConnection) {
      connection.handle.send(.binary, from: source)
    }
  }

  @Test
  func `broadcasts that find no room while a message is under way cost them and not the message`()
    async throws
  {
    let source = EndlessSource()
    let factory = HandlerFactory.synchronous { _ in Beginner(source) }
    try await withServer(
      factory,
      configure: {
        $0.compression = nil
        $0.limits.queuedOutputByteCount = 1_000
      }
    ) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      #expect(try await client.readFrame()?.header.opcode == .binary)
      var receipts: [BroadcastReceipt] = []
      for _ in 0..<3 {
        receipts.append(
          await server.deliver(Message(.binary, [UInt8](repeating: 0x61, count: 400))))
      }
      #expect(receipts.map(\.queuedCount) == [1, 1, 0])
      #expect(receipts.last?.droppedCount == 1)
      source.isOver.store(true, ordering: .relaxed)
      while let frame = try await client.readFrame(), !frame.header.isFinal {
        #expect(frame.header.opcode == .continuation)
      }
      for _ in 0..<2 { #expect(try await client.readFrame()?.payload.count == 400) }
    }
  }

  @Test
  func `a stream of unknown length ends where its source ends`() async throws {
    let factory = HandlerFactory.asynchronous { connection in
      let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
      for index in 0..<5 { continuation.yield([UInt8](repeating: UInt8(index), count: 100)) }
      async let sent: Void = connection.send(.binary, fragments: stream)
      continuation.finish()
      try await sent
      try await connection.send("end")
      for try await _ in connection.messages {}
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      let (payload, frames) = try await message(from: client)
      #expect(payload.count == 500 && payload.last == 4 && frames == 6)
      #expect(try await client.readFrame()?.payload == Array("end".utf8))
    }
  }

  private struct Mishap: Error {}

  @Test
  func `a source that fails costs the connection, one that does not exist only the message`()
    async throws
  {
    let factory = HandlerFactory.asynchronous { connection in
      await #expect(throws: StreamError.self) {
        try await connection.send(.binary, file: "/no/such/file")
      }
      try await connection.send("still here")
      let failing = AsyncThrowingStream<[UInt8], any Error> {
        $0.yield([1])
        $0.finish(throwing: Mishap())
      }
      await #expect(throws: Mishap.self) {
        try await connection.send(.binary, fragments: failing)
      }
      for try await _ in connection.messages {}
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      #expect(try await client.readFrame()?.payload == Array("still here".utf8))
      #expect(try await client.readFrame()?.payload == [1])
      #expect(try await client.readFrame()?.closeCode == .internalError)
    }
  }

  @Test
  func `a part that the file does not have is refused with what it has`() async throws {
    try await withFile([1, 2, 3]) { path in
      for (position, length) in [(4, nil), (0, 4), (2, 2), (-1, nil)] as [(Int, Int?)] {
        let error = #expect(throws: StreamError.self) {
          try FileSource(path: path, position: position, length: length)
        }
        #expect(error?.description.hasSuffix("the file has 3") == true)
      }
    }
  }

  @Test
  func `long messages are cut where the configuration says so`() async throws {
    try await withServer(configure: {
      $0.fragmentByteCount = 1_000
      $0.compression = nil
    }) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, .noise(2_500))
      #expect(try await message(from: client) == (.noise(2_500), 3))
      _ = await server.deliver(Message(.binary, .noise(1_001)))
      #expect(try await message(from: client) == (.noise(1_001), 2))
    }
  }

  private final class Pieces: ConnectionHandler {
    func received(
      _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
    ) {
      try? connection.send("whole \(payload.count)")
    }

    func receivedFragment(
      _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
      on connection: inout ActiveConnection
    ) {
      try? connection.send("piece \(payload.count) \(isFirst) \(isFinal)")
    }
  }

  @Test
  func `only fragmented messages may come in pieces`() async throws {
    let factory = HandlerFactory.synchronous { _ in Pieces() }
    try await withServer(factory, configure: { $0.delivery = .asSent }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, .noise(200_000))
      client.send(.binary, [1, 2], isFinal: false)
      client.send(.continuation, [3], isFinal: true)
      client.send(.text, [97])
      for text in ["whole 200000", "piece 2 true false", "piece 1 false true", "whole 1"] {
        #expect(try await client.readFrame()?.payload == Array(text.utf8))
      }
    }
  }

  @Test
  func `tasks get pieces with their place`() async throws {
    let factory = HandlerFactory.asynchronous { connection in
      for try await piece in connection.messages {
        try await connection.send("\(piece.bytes.count) \(piece.isFirst) \(piece.isFinal)")
      }
    }
    try await withServer(factory, configure: { $0.delivery = .fragments }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, [1, 2], isFinal: false)
      client.send(.continuation, [3], isFinal: true)
      #expect(try await client.readFrame()?.payload == Array("2 true false".utf8))
      #expect(try await client.readFrame()?.payload == Array("1 false true".utf8))
    }
  }
}
