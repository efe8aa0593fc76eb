import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("A connection from its first octet to its last", .timeLimit(.minutes(5)))
struct ServerConnectionTests {
  @Test(arguments: HandlerStyle.allCases)
  func `valid messages before a violation come back before the Close`(
    style: HandlerStyle
  ) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(
        TestClient.frame(.text, [97]) + TestClient.frame(.text, [98])
          + TestClient.frame(.text, [99], rsv: 4) + TestClient.frame(.text, [100]))
      #expect(try await client.readFrame()?.payload == [97])
      #expect(try await client.readFrame()?.payload == [98])
      let close = try #require(try await client.readFrame())
      #expect(close.closeCode == .protocolError)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test
  func `invalid UTF-8 fails the connection before its frame is complete`() async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      let frame = TestClient.frame(.text, Array("abc".utf8) + [0xff] + Array("defghi".utf8))
      client.send(Array(frame[..<10]))
      #expect(try await client.readFrame()?.closeCode == .invalidPayloadData)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `the closing handshake is answered and the server ends TCP`(
    style: HandlerStyle
  ) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(TestClient.frame(.text, [97]) + Frame.close(.normalClosure).masked)
      #expect(try await client.readFrame()?.payload == [97])
      #expect(try await client.readFrame()?.closeCode == .normalClosure)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test
  func `a peer that goes on sending after a violation still gets the last octets`() async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      let payload = [UInt8].noise(300_000)
      client.send(TestClient.frame(.binary, payload) + TestClient.frame(.text, [], rsv: 7))
      for _ in 0..<50 { client.send(TestClient.frame(.binary, .noise(50_000))) }
      #expect(try await client.readFrame()?.payload == payload)
      #expect(try await client.readFrame()?.closeCode == .protocolError)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `a peer that ends its side gets its echoes first`(style: HandlerStyle) async throws {
    let closures = Record<ConnectionClosure>()
    try await withServer(
      style.echo,
      observer: { if case .closed(_, let closure) = $0 { closures.append(closure) } }
    ) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      for index in 0..<100 { client.send(.binary, [UInt8(index)]) }
      client.sendEndOfStream()
      for index in 0..<100 { #expect(try await client.readFrame()?.payload == [UInt8(index)]) }
      #expect(try await client.seesOrderlyEnd())
      let closure = try await closures.first { _ in true }
      #expect(!closure.wasClean && closure.code == nil)
      guard case .endOfStream = closure.cause else {
        Issue.record("cause \(closure.cause)")
        return
      }
    }
  }

  @Test
  func `a message over the limit ends with 1009`() async throws {
    try await withServer(configure: { $0.limits.messageByteCount = 1000 }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.binary, .noise(1000))
      #expect(try await client.readFrame()?.payload.count == 1000)
      client.send(.binary, .noise(1001))
      #expect(try await client.readFrame()?.closeCode == .messageTooBig)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test
  func `a peer that does not read is not read from`() async throws {
    try await withServer(configure: { $0.limits.queuedOutputByteCount = 100_000 }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.pauseReading()
      let payload = [UInt8].noise(60_000)
      // Far more than the kernel's buffers and the limit take together.
      for _ in 0..<400 { client.send(.binary, payload) }
      try await Task.sleep(for: .milliseconds(300))
      client.resumeReading()
      for _ in 0..<400 { #expect(try await client.readFrame()?.payload == payload) }
    }
  }

  @Test
  func `silence longer than the idle timeout is closed with 1001`() async throws {
    try await withServer(configure: { $0.timeouts.idle = .seconds(4) }) { _, address in
      let begin = ContinuousClock.now
      let client = try await TestClient(to: address)
      client.send(TestClient.request())
      client.send(TestClient.frame(.text, [97]), after: .seconds(1))
      _ = try await client.readHead()
      #expect(try await client.readFrame()?.payload == [97])
      #expect(try await client.readFrame()?.closeCode == .goingAway)
      #expect(ContinuousClock.now - begin >= .seconds(5))
      client.send(Frame.close(.goingAway).masked)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test
  func `a peer that never answers a Close is dropped in time`() async throws {
    try await withServer(configure: {
      $0.timeouts.idle = .milliseconds(50)
      $0.timeouts.closingHandshake = .milliseconds(100)
    }) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      #expect(try await client.readFrame()?.closeCode == .goingAway)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `compressed messages come back compressed`(style: HandlerStyle) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      let head = try await client.open(fields: [
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
      ])
      #expect(head.contains("permessage-deflate"))
      let agreement = PerMessageDeflate.Agreement()
      let keys = MaskingKeySource { words in for index in words.indices { words[index] = 7 } }
      var core = Connection(
        role: .client, configuration: .standard, compression: agreement, maskingKeys: keys)
      let text = [UInt8](repeating: 97, count: 10_000)
      for _ in 0..<3 {
        var output: [UInt8] = []
        try core.send(.text, text.span, to: &output)
        client.send(output)
        let frame = try #require(try await client.readFrame())
        #expect(frame.header.rsv1 && frame.payload.count < 200)
        #expect(Self.message(in: frame, &core) == text)
      }
    }
  }

  /// What a client makes of a frame.
  static func message(in frame: Frame, _ core: inout Connection) -> [UInt8]? {
    var octets = frame.encoded
    var output: [UInt8] = []
    var input = Input(octets.mutableSpan)
    var found: [UInt8]?
    while let event = core.nextEvent(&input, at: .now, output: &output) {
      guard case .message(_, let payload) = event else { continue }
      var copy: [UInt8] = []
      for index in payload.indices { copy.append(payload[index]) }
      found = copy
    }
    return found
  }
}

extension Frame {
  /// The frame as a client sends it.
  var masked: [UInt8] { TestClient.frame(header.opcode, payload, isFinal: header.isFinal) }
}
