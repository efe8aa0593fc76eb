import Testing
import WebSocketProtocol

@Suite("Two endpoints talk")
struct EndToEndTests {
  static let agreements: [PerMessageDeflate.Agreement?] = [
    nil, .init(),
    .init(serverNoContextTakeover: true, clientNoContextTakeover: true),
    .init(serverMaxWindowBits: 9, clientMaxWindowBits: 8),
    .init(clientNoContextTakeover: true, serverMaxWindowBits: 8),
  ]

  /// Messages whose lengths sit around every edge, alike enough to compress.
  private func messages(seed: UInt64) -> [(MessageKind, [UInt8])] {
    var generator = SeededGenerator(seed: seed)
    return [0, 1, 20, 125, 126, 127, 300, 4000, 65_535, 65_536, 150_000].map { count in
      if Bool.random(using: &generator) {
        return (.binary, generator.octets(count))
      }
      let text = Array("{\"name\": \"Grüße\", \"value\": 日本}, ".utf8)
      var payload: [UInt8] = []
      while payload.count + text.count <= count { payload += text }
      while payload.count < count {
        payload.append(UInt8.random(in: 0x20...0x7e, using: &generator))
      }
      return (.text, payload)
    }
  }

  @Test(arguments: agreements.indices, [Int.max, 4096, 700, 1])
  func `what one sends the other gets, in both directions and in reads of any length`(
    index: Int, chunkLength: Int
  ) throws {
    let agreement = Self.agreements[index]
    for (fragmentByteCount, threshold) in [(nil, 0), (1000, 0), (1, 100), (nil, 200)] {
      // In frames of one octet only what is short is worth the time.
      let all = messages(seed: UInt64(index)).filter {
        $0.1.count < (fragmentByteCount == 1 || chunkLength == 1 ? 5000 : .max)
      }
      let configuration = ConnectionConfiguration(
        compressionThreshold: threshold, fragmentByteCount: fragmentByteCount)
      let client = Endpoint(.client, configuration, compression: agreement)
      let server = Endpoint(.server, configuration, compression: agreement)
      for (kind, payload) in all { try client.send(kind, payload) }
      server.receive(client.takeOutput(), chunkLength: chunkLength)
      #expect(server.takeEvents() == all.map { RecordedEvent.message($0.0, $0.1) })
      for (kind, payload) in all { try server.send(kind, payload) }
      client.receive(server.takeOutput(), chunkLength: chunkLength)
      #expect(client.takeEvents() == all.map { RecordedEvent.message($0.0, $0.1) })
      try client.close(1000, reason: "done")
      server.receive(client.takeOutput(), chunkLength: chunkLength)
      client.receive(server.takeOutput(), chunkLength: chunkLength)
      #expect(server.takeEvents() == [.close(1000, "done")])
      #expect(client.takeEvents() == [.close(1000, "")])
    }
  }

  @Test(arguments: agreements.indices)
  func `compressed, plain and fragmented messages mix`(index: Int) throws {
    let agreement = Self.agreements[index]
    for role in Role.allCases {
      let sender = Endpoint(role, compression: agreement)
      let receiver = Endpoint(role.peer, compression: agreement)
      let text = Array("a text that repeats, a text that repeats".utf8)
      for round in 0..<4 {
        try sender.send(.text, text, compresses: round % 2 == 0)
        try sender.sendFragment(.binary, text, isFinal: false)
        try sender.sendPing([7])
        try sender.sendFragment(.binary, [], isFinal: false)
        try sender.sendFragment(.binary, text, isFinal: round % 2 == 0)
        if round % 2 == 1 { try sender.sendFragment(.binary, [], isFinal: true) }
      }
      let bytes = sender.takeOutput()
      for chunkLength in [.max, 10, 1] {
        let other = chunkLength == .max ? receiver : Endpoint(role.peer, compression: agreement)
        other.receive(bytes, chunkLength: chunkLength)
        let expected: [RecordedEvent] = [
          .message(.text, text), .ping([7]), .message(.binary, text + text),
        ]
        #expect(other.events == expected + expected + expected + expected)
      }
    }
  }

  @Test
  func `a compressed text fails at its first impossible octet, before its end has come`() throws {
    let sender = Endpoint(.client, compression: .init())
    try sender.sendFragment(.text, Array("valid".utf8) + [0xff], isFinal: false)
    let server = Endpoint(.server, compression: .init())
    server.receive(sender.takeOutput())
    #expect(server.events == [.failed(.textNotUTF8)])
    #expect(server.takeFrames().map(\.closeCode) == [1007])
  }

  @Test
  func `of two things wrong with a compressed text the earlier one counts, however it is cut`() {
    // A stored block of "a" and FF, then a block of a type that does not exist.
    let payload: [UInt8] = [0x00, 0x02, 0x00, 0xfd, 0xff, 0x61, 0xff, 0x06]
    for chunkLength in [1, 2, 5, .max] {
      let server = Endpoint(.server, compression: .init())
      server.receive(
        Frame(.text, payload, rsv: 4, maskingKey: testKey), chunkLength: chunkLength)
      #expect(server.events == [.failed(.textNotUTF8)])
    }
  }

  @Test
  func `what cannot be inflated fails the connection`() {
    for garbage in [[0xff, 0xff, 0xff], [0x06], [0x00, 0x05, 0x00, 0x00, 0x00, 0x01]] as [[UInt8]] {
      let server = Endpoint(.server, compression: .init())
      server.receive(Frame(.binary, garbage, rsv: 4, maskingKey: testKey))
      #expect(server.events == [.failed(.compressionCorrupt)])
    }
  }

  @Test
  func `a caller may send the payload of an event while it holds it`() throws {
    var connection = Connection(role: .server)
    var output: [UInt8] = []
    var bytes = Frame.text("echo").toward(.server).encoded
    var input = Input(bytes.mutableSpan)
    while let event = connection.nextEvent(&input, at: .now, output: &output) {
      guard case .message(let kind, let payload) = event else { continue }
      try connection.send(kind, payload, to: &output)
      try connection.send(kind, payload, to: &output)
    }
    #expect(frames(in: output) == [.text("echo"), .text("echo")])
  }

  @Test
  func `pieces of a compressed message come as they are inflated`() throws {
    let sender = Endpoint(.client, compression: .init())
    try sender.sendFragment(.text, Array("one ".utf8), isFinal: false)
    let first = sender.takeOutput()
    try sender.sendFragment(.text, Array("two".utf8), isFinal: true)
    let server = Endpoint(
      .server, ConnectionConfiguration(delivery: .fragments), compression: .init())
    server.receive(first)
    #expect(
      server.takeEvents() == [
        .fragment(.text, Array("one ".utf8), isFirst: true, isFinal: false)
      ])
    server.receive(sender.takeOutput())
    #expect(
      server.takeEvents() == [
        .fragment(.text, Array("two".utf8), isFirst: false, isFinal: true)
      ])
  }
}
