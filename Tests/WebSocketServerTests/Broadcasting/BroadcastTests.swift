import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// Subscribes to the channel that the first message names.
private final class Subscriber: ConnectionHandler {
  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    var name = ""
    for index in payload.indices { name.unicodeScalars.append(Unicode.Scalar(payload[index])) }
    if name.hasPrefix("-") {
      connection.handle.unsubscribe(from: String(name.dropFirst()))
    } else {
      connection.handle.subscribe(to: name)
    }
    try? connection.send("ok \(connection.handle.channels.sorted().joined(separator: " "))")
  }
}

@Suite("Broadcast", .timeLimit(.minutes(5)))
struct BroadcastTests {
  private static let subscribers = HandlerFactory.synchronous { _ in Subscriber() }

  private func client(
    at address: SocketAddress, channel: String? = nil, fields: [String] = []
  ) async throws -> TestClient {
    let client = try await TestClient(to: address)
    try await client.open(fields: fields)
    if let channel {
      client.send(.text, Array(channel.utf8))
      #expect(try await client.readFrame()?.payload == Array("ok \(channel)".utf8))
    }
    return client
  }

  @Test(arguments: [1, 3])
  func `a channel's subscribers get a message, others do not`(loopCount: Int) async throws {
    try await withServer(Self.subscribers, configure: { $0.loopCount = loopCount }) {
      server, address in
      var insiders: [TestClient] = []
      for _ in 0..<5 { insiders.append(try await client(at: address, channel: "news")) }
      let outsider = try await client(at: address, channel: "sport")
      let receipt = await server.deliver(Message("hello"), to: .channel("news"))
      #expect(receipt.sentCount == 5 && receipt.encodingCount == 1)
      for insider in insiders {
        #expect(try await insider.readFrame()?.payload == Array("hello".utf8))
      }
      insiders[0].send(.text, Array("-news".utf8))
      #expect(try await insiders[0].readFrame()?.payload == Array("ok ".utf8))
      insiders[1].abort()
      while await server.deliver(Message("again"), to: .channel("news")).sentCount > 3 {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(await server.deliver(Message("x"), to: .channel("sport")).sentCount == 1)
      #expect(try await outsider.readFrame()?.payload == [120])
      #expect(await server.deliver(Message("x"), to: .channel("none")) == BroadcastReceipt())
    }
  }

  @Test
  func `everyone, a subprotocol and a list of ids can be chosen, with exclusions`() async throws {
    let opened = Record<ConnectionID>()
    try await withServer(
      Self.subscribers,
      configure: {
        $0.subprotocols = ["chat"]
        $0.loopCount = 2
      },
      observer: { if case .opened(let request) = $0 { opened.append(request.connectionID) } }
    ) { server, address in
      let chat = ["Sec-WebSocket-Protocol: chat"]
      var clients: [TestClient] = []
      for index in 0..<4 {
        clients.append(try await client(at: address, fields: index < 2 ? chat : []))
        while opened.all.count <= index { try await Task.sleep(for: .milliseconds(2)) }
      }
      let ids = opened.all
      #expect(await server.deliver(Message("1"), excluding: [ids[3]]).sentCount == 3)
      #expect(await server.deliver(Message("2"), to: .subprotocol("chat")).sentCount == 2)
      let some = BroadcastTarget.connections([ids[0], ids[3]])
      #expect(await server.deliver(Message("3"), to: some).sentCount == 2)
      server.send(Message("4"), to: ids[3])
      for (index, expected) in [["1", "2", "3"], ["1", "2"], ["1"], ["3", "4"]].enumerated() {
        for text in expected {
          #expect(try await clients[index].readFrame()?.payload == Array(text.utf8))
        }
      }
    }
  }

  @Test
  func `a message is compressed once for each set of parameters, and windows stay true`()
    async throws
  {
    try await withServer { server, address in
      let offers = [
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
      ]
      let text = String(repeating: "the same words again and again ", count: 100)
      var clients: [TestClient] = []
      for index in 0..<6 {
        clients.append(
          try await client(at: address, fields: index < 4 ? [offers[index % 2]] : []))
      }
      let inflaters = (0..<4).map { _ in Inflating() }
      for round in 0..<3 {
        // What the connection compresses itself refers to its window, which the broadcast leaves true.
        for index in 0..<4 {
          clients[index].send(.text, Array(text.utf8))
          let frame = try #require(try await clients[index].readFrame())
          #expect(try inflaters[index].inflate(frame) == Array(text.utf8))
        }
        let receipt = await server.deliver(Message("\(round) " + text))
        #expect(receipt.sentCount == 6)
        #expect(receipt.encodingCount == 3 && receipt.compressionCount == 2)
        for index in 0..<6 {
          let frame = try #require(try await clients[index].readFrame())
          let payload = index < 4 ? try inflaters[index].inflate(frame) : frame.payload
          #expect(payload == Array("\(round) \(text)".utf8))
        }
      }
      #expect(server.statistics.broadcastCompressionCount == 6)
    }
  }

  @Test(arguments: SlowConsumerPolicy.allCases)
  func `a peer that does not read keeps its bound, and the others get all`(
    policy: SlowConsumerPolicy
  ) async throws {
    // Far more than the kernel's buffers and the bound take together.
    let count = 60
    let payload = [UInt8].noise(50_000)
    try await withServer(configure: {
      $0.slowConsumers = policy
      $0.limits.queuedOutputByteCount = 500_000
      $0.listeners[0].sendBufferByteCount = 65_536
      $0.timeouts.closingHandshake = .seconds(120)
    }) { server, address in
      let slow = try await TestClient(to: address, receiveBufferByteCount: 8192)
      try await slow.open()
      slow.pauseReading()
      let quick = try await client(at: address)
      var lost = 0
      var sum = BroadcastReceipt()
      for index in 0..<count {
        let receipt = await server.deliver(Message(.binary, [UInt8(index & 255)] + payload))
        lost += receipt.droppedCount + receipt.displacedCount
        sum.closedCount += receipt.closedCount
        #expect(try await quick.readFrame()?.payload.first == UInt8(index & 255))
        for facts in await server.connections() { #expect(facts.queuedByteCount <= 500_000) }
      }
      slow.resumeReading()
      var arrived: [UInt8] = []
      var code: CloseCode?
      if policy == .close {
        #expect(sum.closedCount == 1 && lost == 0)
        while code == nil, let frame = try await slow.readFrame() {
          if frame.header.opcode == .close { code = frame.closeCode }
        }
        #expect(code == .tryAgainLater)
      } else {
        #expect(lost > 0)
        for _ in 0..<(count - lost) {
          arrived.append(try #require(try await slow.readFrame()?.payload.first))
        }
        let last = UInt8((count - 1) & 255)
        #expect((arrived.last == last) == (policy == .dropOldest))
        // What the peer has taken leaves room again.
        #expect(await server.deliver(Message("now")).sentCount == 2)
        #expect(try await slow.readFrame()?.payload == Array("now".utf8))
      }
    }
  }
}

/// Inflates what a server sends.
final class Inflating {
  private var decompressor = MessageDecompressor(
    agreement: PerMessageDeflate.Agreement(), role: .client)

  func inflate(_ frame: Frame) throws -> [UInt8] {
    var inflated: [UInt8] = []
    try decompressor.decompress(frame.payload.span, isFinal: true, to: &inflated, limit: 1 << 20)
    return inflated
  }
}
