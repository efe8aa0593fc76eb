import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5 What a peer may not send")
struct ReceivingTests {
  /// What the rules say about the first two octets between messages; written apart from the sources.
  private func expectedFailure(
    first: UInt8, isMasked: Bool, role: Role, isCompressionAgreed: Bool
  ) -> Bool {
    let opcode = first & 15
    let rsv = first >> 4 & 7
    let isFinal = first & 0x80 != 0
    if rsv & 3 != 0 { return true }
    if rsv & 4 != 0, !isCompressionAgreed || (opcode != 1 && opcode != 2) { return true }
    if ![1, 2, 8, 9, 10].contains(opcode) { return true }
    if opcode >= 8, !isFinal { return true }
    return isMasked != (role == .server)
  }

  @Test(arguments: [Role.server, .client], [false, true])
  func `every first octet with and without mask is judged`(role: Role, isCompressionAgreed: Bool) {
    for first in UInt8.min...UInt8.max {
      for isMasked in [false, true] {
        let endpoint = Endpoint(role, compression: isCompressionAgreed ? .init() : nil)
        let payload: [UInt8] = first & 0x0f == 8 ? [] : [0x00]
        let frame = Frame(
          Opcode(rawValue: first), payload, isFinal: first & 0x80 != 0, rsv: first >> 4 & 7,
          maskingKey: isMasked ? testKey : nil)
        endpoint.receive(frame)
        let isFailure = expectedFailure(
          first: first, isMasked: isMasked, role: role, isCompressionAgreed: isCompressionAgreed)
        #expect(endpoint.hasFailed == isFailure, "\(first)")
        if isFailure {
          #expect(endpoint.takeFrames().map(\.closeCode) == [1002])
          #expect(endpoint.state == .awaitingTransportClose)
          #expect(endpoint.shouldCloseTransport)
        }
      }
    }
  }

  static let failures: [(frames: [Frame], failure: ProtocolFailure)] = [
    ([Frame(.ping, [UInt8](repeating: 0, count: 126))], .oversizedControlFrame(.ping)),
    ([Frame(.close, [UInt8](repeating: 0, count: 70_000))], .oversizedControlFrame(.close)),
    ([Frame(.pong, [1], lengthEncoding: .sixteenBit)], .lengthNotMinimal(1)),
    ([Frame(.text, [0x61], lengthEncoding: .sixteenBit)], .lengthNotMinimal(1)),
    ([Frame(.text, [0x61], lengthEncoding: .sixtyFourBit)], .lengthNotMinimal(1)),
    (
      [Frame(.binary, [UInt8](repeating: 0, count: 126), lengthEncoding: .sixtyFourBit)],
      .lengthNotMinimal(126)
    ),
    ([declaring(1 << 63)], .lengthOutOfRange(1 << 63)),
    ([declaring(.max)], .lengthOutOfRange(.max)),
    ([declaring(UInt64(Int64.max))], .frameTooBig(UInt64(Int64.max))),
    ([Frame(.continuation, [1])], .unexpectedContinuation),
    ([Frame(.continuation, [1], isFinal: false)], .unexpectedContinuation),
    ([.text("a"), Frame(.continuation)], .unexpectedContinuation),
    ([.text("a", isFinal: false), .text("b")], .interleavedMessage(.text)),
    (
      [Frame(.binary, [], isFinal: false), Frame(.binary, [], isFinal: false)],
      .interleavedMessage(.binary)
    ),
    ([Frame(.close, [3])], .truncatedCloseCode),
    ([.close(999)], .closeCodeNotPermitted(999)),
    ([.close(1004)], .closeCodeNotPermitted(1004)),
    ([.close(1005)], .closeCodeNotPermitted(1005)),
    ([.close(1006)], .closeCodeNotPermitted(1006)),
    ([.close(1015)], .closeCodeNotPermitted(1015)),
    ([.close(2999)], .closeCodeNotPermitted(2999)),
    ([.close(5000)], .closeCodeNotPermitted(5000)),
    ([.close(0)], .closeCodeNotPermitted(0)),
    ([.close(1000, reason: [0xff])], .closeReasonNotUTF8),
    ([.close(1000, reason: [0xe2, 0x82])], .closeReasonNotUTF8),
    ([Frame(.text, [0xff])], .textNotUTF8),
    ([Frame(.text, [0x61, 0xe2, 0x82])], .textNotUTF8),
    ([Frame(.text, [0xe2], isFinal: false), Frame(.continuation, [0x41])], .textNotUTF8),
    ([Frame(.text, [0xe2], isFinal: false), Frame(.continuation, [0x82])], .textNotUTF8),
  ]

  private static func declaring(_ length: UInt64) -> Frame {
    Frame(header: FrameHeader(opcode: .binary, payloadLength: length), payload: [1, 2, 3])
  }

  @Test(arguments: [Role.server, .client])
  func `what breaks a rule fails the connection with the code of the rule`(role: Role) {
    for (frames, failure) in Self.failures {
      for chunkLength in [1, 3, .max] {
        let endpoint = Endpoint(role)
        endpoint.receive(frames.flatMap { $0.toward(role).encoded }, chunkLength: chunkLength)
        #expect(endpoint.events.last == .failed(failure))
        #expect(endpoint.takeFrames().last?.closeCode == failure.code)

        // Whatever follows is discarded, also a Close.
        endpoint.events = []
        endpoint.receive(Frame.close(1000).toward(role), .text("x").toward(role))
        #expect(endpoint.events.isEmpty)
        #expect(endpoint.output.isEmpty)
        #expect(endpoint.receiveEndOfStream() == false)
        #expect(endpoint.closeCode == .abnormalClosure)
      }
    }
  }

  @Test
  func `text fails at its first impossible octet, before the frame is complete`() {
    let text = Array("κόσμε".utf8) + [0xf4, 0x90, 0x80, 0x80] + Array("edited".utf8)
    let bytes = Frame(.text, text, maskingKey: testKey).encoded
    let endpoint = Endpoint(.server)
    // The impossible octet is the one after F4.
    let before = Array(bytes[..<(6 + 11)])
    endpoint.receive(before)
    #expect(endpoint.events.isEmpty)
    endpoint.receive([bytes[17]])
    #expect(endpoint.events == [.failed(.textNotUTF8)])
  }

  @Test
  func `an illegal header fails before its last octet has come`() {
    let endpoint = Endpoint(.server)
    endpoint.receive([0xf1])
    #expect(endpoint.events == [.failed(.reservedBitsSet(7))])
    let other = Endpoint(.server)
    other.receive([0x82, 0x7e])
    #expect(other.events == [.failed(.frameNotMasked)])
  }

  @Test
  func `text that need not be UTF-8 is not checked`() {
    let endpoint = Endpoint(.client, ConnectionConfiguration(validatesUTF8: false))
    endpoint.receive(
      Frame(.text, [0xff]), Frame(.text, [0xfe], isFinal: false), Frame(.continuation))
    #expect(endpoint.events == [.message(.text, [0xff]), .message(.text, [0xfe])])
  }

  @Test
  func `who stops between two events can bring the rest again later`() {
    let frames = [Frame.text("one"), .text("two"), .text("three")].map { $0.toward(.server) }
    var bytes = frames.flatMap(\.encoded)
    var connection = Connection(role: .server)
    var output: [UInt8] = []
    var rest: [UInt8] = []
    do {
      var input = Input(bytes.mutableSpan)
      while let event = connection.nextEvent(&input, at: .now, output: &output) {
        #expect(RecordedEvent(event) == .text("one"))
        break
      }
      rest = octets(input.remaining)
      let restCount = input.remainingByteCount
      #expect(restCount == rest.count)
    }
    #expect(rest == Array(frames[1...].flatMap(\.encoded)))
    var found: [RecordedEvent] = []
    var input = Input(rest.mutableSpan)
    while let event = connection.nextEvent(&input, at: .now, output: &output) {
      found.append(RecordedEvent(event))
    }
    #expect(found == [.text("two"), .text("three")])
  }
}

@Suite("RFC 6455 §10.4 Limits")
struct LimitTests {
  private let limits = ConnectionLimits(
    frameByteCount: 200, messageByteCount: 300, inflatedMessageByteCount: 1000, fragmentCount: 4)

  private func endpoint(compressed: Bool = false) -> Endpoint {
    Endpoint(
      .client, ConnectionConfiguration(limits: limits), compression: compressed ? .init() : nil)
  }

  private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  @Test
  func `a frame may be as long as the limit and no longer`() {
    let exact = endpoint()
    exact.receive(Frame(.binary, zeros(200)))
    #expect(exact.events == [.message(.binary, zeros(200))])
    let over = endpoint()
    over.receive(Frame(.binary, zeros(201)))
    #expect(over.events == [.failed(.frameTooBig(201))])
    #expect(over.takeFrames().map(\.closeCode) == [1009])
  }

  @Test
  func `a message may be as long as the limit, whatever its fragments`() {
    let exact = endpoint()
    exact.receive(Frame(.binary, zeros(200), isFinal: false), Frame(.continuation, zeros(100)))
    #expect(exact.events == [.message(.binary, zeros(300))])
    let over = endpoint()
    over.receive(Frame(.binary, zeros(200), isFinal: false), Frame(.continuation, zeros(101)))
    #expect(over.events == [.failed(.messageTooBig)])
    #expect(over.takeFrames().map(\.closeCode) == [1009])
  }

  @Test
  func `a message may have as many fragments as the limit`() {
    let pieces =
      [Frame(.binary, isFinal: false)]
      + (0..<2).map { _ in
        Frame(.continuation, isFinal: false)
      }
    let exact = endpoint()
    exact.receive((pieces + [Frame(.continuation)]).flatMap(\.encoded))
    #expect(exact.events == [.message(.binary, [])])
    let over = endpoint()
    let more = pieces + [Frame(.continuation, isFinal: false), Frame(.continuation)]
    over.receive(more.flatMap(\.encoded))
    #expect(over.events == [.failed(.tooManyFragments)])
    #expect(over.takeFrames().map(\.closeCode) == [1008])
  }

  @Test
  func `an inflated message may be as long as the limit and no longer`() throws {
    for (count, isPossible) in [(1000, true), (1001, false), (150_000, false)] {
      let sender = Endpoint(.server, compression: .init())
      try sender.send(.binary, zeros(count))
      for chunkLength in [1, 10, .max] {
        let receiver = endpoint(compressed: true)
        receiver.receive(sender.output, chunkLength: chunkLength)
        #expect(
          receiver.events
            == [isPossible ? .message(.binary, zeros(count)) : .failed(.inflatedMessageTooBig)])
      }
    }
  }

  @Test
  func `a large message in many reads costs no more than its octets`() {
    let count = 4 << 20
    var payload = zeros(count)
    for index in stride(from: 0, to: count, by: 997) { payload[index] = UInt8(index % 251) }
    let endpoint = Endpoint(.server)
    endpoint.receive(
      Frame(.binary, payload, maskingKey: testKey).encoded, chunkLength: 16_384)
    #expect(endpoint.events == [.message(.binary, payload)])
    #expect(endpoint.isIdle)
  }
}
