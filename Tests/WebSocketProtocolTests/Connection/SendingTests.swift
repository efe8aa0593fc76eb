import Testing
import WebSocketProtocol

@Suite("RFC 6455 §6.1 Sending")
struct SendingTests {
  static let lengths = [0, 1, 7, 15, 16, 20, 32, 33, 125, 126, 127, 1000, 65_535, 65_536, 100_000]

  private func payload(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  }

  @Test(arguments: lengths)
  func `a server's frame is the shortest one without mask`(length: Int) throws {
    let endpoint = Endpoint(.server)
    try endpoint.send(.binary, payload(length))
    #expect(endpoint.output == Frame(.binary, payload(length)).encoded)
  }

  @Test(arguments: lengths)
  func `a client's frame is masked, each with a new key`(length: Int) throws {
    let endpoint = Endpoint(.client)
    try endpoint.send(.binary, payload(length))
    try endpoint.send(.binary, payload(length))
    let sent = frames(in: endpoint.output)
    #expect(sent.map(\.payload) == [payload(length), payload(length)])
    #expect(sent.allSatisfy { $0.header.maskingKey != nil })
    #expect(sent[0].header.maskingKey != sent[1].header.maskingKey)
    #expect(endpoint.output == sent.flatMap(\.encoded))
  }

  @Test
  func `fragments make one message, and pings may come between`() throws {
    let endpoint = Endpoint(.server)
    try endpoint.sendFragment(.text, [0x61], isFinal: false)
    try endpoint.sendPing([1])
    try endpoint.sendFragment(.text, [], isFinal: false)
    try endpoint.sendFragment(.text, [0x62], isFinal: true)
    try endpoint.send("c")
    #expect(
      endpoint.takeFrames() == [
        Frame(.text, [0x61], isFinal: false), Frame(.ping, [1]),
        Frame(.continuation, [], isFinal: false), Frame(.continuation, [0x62]), .text("c"),
      ])
  }

  @Test
  func `another message may not come between the fragments of one`() throws {
    let endpoint = Endpoint(.server)
    try endpoint.sendFragment(.text, [0x61], isFinal: false)
    #expect(throws: MisuseError.interleavedMessage) { try endpoint.send("x") }
    #expect(throws: MisuseError.interleavedMessage) {
      try endpoint.sendFragment(.binary, [], isFinal: true)
    }
    #expect(throws: MisuseError.interleavedMessage) {
      try endpoint.messageHeader(.binary, payloadLength: 3)
    }
    #expect(endpoint.takeFrames().count == 1)
  }

  @Test
  func `nothing is sent after a Close`() throws {
    let endpoint = Endpoint(.server)
    try endpoint.close(1000)
    _ = endpoint.takeFrames()
    #expect(throws: MisuseError.notOpen) { try endpoint.send("x") }
    #expect(throws: MisuseError.notOpen) { try endpoint.sendPing() }
    #expect(throws: MisuseError.notOpen) { try endpoint.sendFragment(.text, [], isFinal: true) }
    #expect(throws: MisuseError.notOpen) { try endpoint.messageHeader(.text, payloadLength: 1) }
    #expect(endpoint.output.isEmpty)
  }

  @Test
  func `a ping holds at most 125 octets`() throws {
    let endpoint = Endpoint(.server)
    try endpoint.sendPing(payload(125))
    #expect(throws: MisuseError.controlPayloadTooLong) { try endpoint.sendPing(payload(126)) }
    #expect(throws: MisuseError.controlPayloadTooLong) { try endpoint.sendPong(payload(126)) }
    #expect(endpoint.takeFrames() == [Frame(.ping, payload(125))])
  }

  @Test
  func `a long message is cut into frames where that is wanted`() throws {
    let configuration = ConnectionConfiguration(fragmentByteCount: 10)
    let endpoint = Endpoint(.server, configuration)
    try endpoint.send(.binary, payload(10))
    try endpoint.send(.binary, payload(25))
    #expect(
      endpoint.takeFrames() == [
        Frame(.binary, payload(10)),
        Frame(.binary, Array(payload(25)[..<10]), isFinal: false),
        Frame(.continuation, Array(payload(25)[10..<20]), isFinal: false),
        Frame(.continuation, Array(payload(25)[20...])),
      ])
  }

  @Test
  func `a header alone is given only where the payload can follow as it is`() throws {
    let server = Endpoint(.server)
    #expect(try server.messageHeader(.binary, payloadLength: 70_000))
    var expected: [UInt8] = []
    FrameHeader(opcode: .binary, payloadLength: 70_000).encode(to: &expected)
    #expect(server.output == expected)

    let cutting = Endpoint(.server, ConnectionConfiguration(fragmentByteCount: 10))
    let compressing = Endpoint(
      .server, ConnectionConfiguration(compressionThreshold: 64), compression: .init())
    let client = Endpoint(.client)
    #expect(try !client.messageHeader(.binary, payloadLength: 1))
    // Nor is an empty payload an exception: the frame of a client is masked all the same.
    #expect(try !client.messageHeader(.binary, payloadLength: 0))
    let always = Endpoint(.server, ConnectionConfiguration(), compression: .init())
    #expect(try !always.messageHeader(.binary, payloadLength: 0))
    #expect(try !cutting.messageHeader(.binary, payloadLength: 11))
    #expect(try cutting.messageHeader(.binary, payloadLength: 10))
    #expect(try !compressing.messageHeader(.binary, payloadLength: 64))
    #expect(try compressing.messageHeader(.binary, payloadLength: 63))
    #expect(client.output.isEmpty)
  }
}
