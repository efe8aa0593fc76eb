import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("What a configuration changes on the wire", .timeLimit(.minutes(5)))
struct WireTests {
  @Test
  func `text that is no UTF-8 comes back where nobody checks it`() async throws {
    try await withServer(configure: { $0.validatesUTF8 = false }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.text, [0xff, 0xfe])
      let frame = try #require(try await client.readFrame())
      #expect(frame.header.opcode == .text && frame.payload == [0xff, 0xfe])
    }
  }

  @Test
  func `the parameters of compression are those of the policy`() async throws {
    try await withServer(configure: {
      $0.compression?.serverMaxWindowBits = 10
      $0.compression?.clientMaxWindowBits = 11
      $0.compression?.serverNoContextTakeover = true
      $0.compression?.clientNoContextTakeover = true
    }) { _, address in
      let client = try await TestClient(to: address)
      let head = try await client.open(fields: [
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
      ])
      let line = try #require(head.split(separator: "\r\n").first { $0.contains("-Extensions") })
      for parameter in [
        "server_max_window_bits=10", "client_max_window_bits=11", "server_no_context_takeover",
        "client_no_context_takeover",
      ] { #expect(line.contains(parameter), "\(line)") }
    }
  }

  @Test
  func `a message that inflates beyond the limit ends with 1009`() async throws {
    try await withServer(configure: { $0.limits.inflatedMessageByteCount = 5_000 }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open(fields: ["Sec-WebSocket-Extensions: permessage-deflate"])
      let keys = MaskingKeySource { words in for index in words.indices { words[index] = 7 } }
      var core = Connection(
        role: .client, configuration: .standard, compression: PerMessageDeflate.Agreement(),
        maskingKeys: keys)
      for (count, isTaken) in [(5_000, true), (5_001, false)] {
        var output: [UInt8] = []
        try core.send(.text, [UInt8](repeating: 97, count: count).span, to: &output)
        #expect(output.count < 100)
        client.send(output)
        let frame = try #require(try await client.readFrame())
        #expect(frame.closeCode == (isTaken ? nil : .messageTooBig))
      }
    }
  }

  @Test
  func `a TLS handshake that does not come in time ends the connection`() async throws {
    let context = try TLSContext.selfSigned(hostNames: ["localhost"])
    try await withServer(configure: {
      $0.listeners[0].tls = context
      $0.timeouts.tlsHandshake = .milliseconds(100)
    }) { server, address in
      let client = try await TestClient(to: address)
      await #expect(throws: (any Error).self) { try await client.read(1) }
      #expect(server.connectionCount == 0)
    }
  }

  /// Stops reading when a message says so, and goes on a while later.
  private final class Pausing: ConnectionHandler {
    private let record: Record<String>

    init(_ record: Record<String>) { self.record = record }

    func received(
      _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
    ) {
      record.append("message \(payload[0])")
      guard payload[0] == 1 else { return }
      connection.pauseReceiving()
      let handle = connection.handle
      let record = record
      handle.loop.schedule(after: .milliseconds(200)) {
        record.append("resumed")
        handle.resumeReceiving()
      }
    }
  }

  @Test
  func `a handler on the loop stops reading, and loses nothing`() async throws {
    let record = Record<String>()
    try await withServer(.synchronous { _ in Pausing(record) }) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      // One of them in the same read as what pauses, one later.
      client.send(TestClient.frame(.binary, [1]) + TestClient.frame(.binary, [2]))
      client.send(.binary, [3])
      _ = try await record.first { $0 == "message 3" }
      #expect(record.all == ["message 1", "resumed", "message 2", "message 3"])
    }
  }

  @Test
  func `a task runs where it is told to`() async throws {
    let other = try EventLoop(name: "test-executor")
    try other.start()
    let places: [(HandlerExecutor, String)] = [
      (.loop, "loop"), (.custom(other), "other"), (.concurrent, "elsewhere"),
    ]
    for (executor, place) in places {
      let factory = HandlerFactory.asynchronous(on: executor) { connection in
        for try await _ in connection.messages {
          let own = connection.loop.isCurrent ? "loop" : nil
          try await connection.send(own ?? (other.isCurrent ? "other" : "elsewhere"))
        }
      }
      try await withServer(factory) { _, address in
        let client = try await TestClient(to: address)
        try await client.open()
        for _ in 0..<2 {
          client.send(.text, [97])
          #expect(try await client.readFrame()?.payload == Array(place.utf8))
        }
        client.abort()
      }
    }
    other.stop()
    other.join()
  }
}
