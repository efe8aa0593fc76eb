import WebSocketProtocol

/// An event with its payload copied, so that it can be kept and compared.
enum RecordedEvent: Hashable {
  case message(MessageKind, [UInt8])
  case fragment(MessageKind, [UInt8], isFirst: Bool, isFinal: Bool)
  case ping([UInt8])
  case pong([UInt8])
  case close(CloseCode?, String)
  case failed(ProtocolFailure)

  init(_ event: Event) {
    switch event {
    case .message(let kind, let payload): self = .message(kind, octets(payload))
    case .fragment(let kind, let payload, let isFirst, let isFinal):
      self = .fragment(kind, octets(payload), isFirst: isFirst, isFinal: isFinal)
    case .ping(let payload): self = .ping(octets(payload))
    case .pong(let payload): self = .pong(octets(payload))
    case .close(let code, let reason):
      self = .close(code, String(decoding: octets(reason), as: UTF8.self))
    case .failed(let failure): self = .failed(failure)
    }
  }

  static func text(_ text: String) -> RecordedEvent { .message(.text, Array(text.utf8)) }
}

/// A copy of lent octets.
func octets(_ span: Span<UInt8>) -> [UInt8] {
  var copy: [UInt8] = []
  span.append(to: &copy)
  return copy
}

/// A connection with its output, and with all that it has told.
final class Endpoint {
  var connection: Connection
  var output: [UInt8] = []
  var events: [RecordedEvent] = []
  var now = ContinuousClock.Instant.now
  var scratch: [UInt8] = []

  init(
    _ role: Role, _ configuration: ConnectionConfiguration = .standard,
    compression: PerMessageDeflate.Agreement? = nil
  ) {
    connection = Connection(
      role: role, configuration: configuration, compression: compression,
      maskingKeys: MaskingKeySource { keys in
        for index in keys.indices { keys[index] = 0x1234_5678 &* UInt32(index + 3) }
      })
  }

  /// Takes octets from the peer in reads of at most `chunkLength`.
  func receive(_ bytes: [UInt8], chunkLength: Int = .max) {
    var start = 0
    while start < bytes.count {
      let end = chunkLength < bytes.count - start ? start + chunkLength : bytes.count
      receiveAtOnce(Array(bytes[start..<end]))
      start = end
    }
  }

  private func receiveAtOnce(_ bytes: [UInt8]) {
    var bytes = bytes
    var input = Input(bytes.mutableSpan, scratch: scratch)
    scratch = []
    while let event = connection.nextEvent(&input, at: now, output: &output) {
      events.append(RecordedEvent(event))
    }
    scratch = input.recoverScratch()
  }

  func receive(_ frames: Frame..., chunkLength: Int = .max) {
    receive(frames.flatMap(\.encoded), chunkLength: chunkLength)
  }

  func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// The frames in the output so far, without their keys.
  func takeFrames() -> [Frame] {
    frames(in: takeOutput()).map { frame in
      var frame = frame
      frame.header.maskingKey = nil
      return frame
    }
  }

  func takeEvents() -> [RecordedEvent] {
    defer { events = [] }
    return events
  }

  func send(_ kind: MessageKind, _ payload: [UInt8], compresses: Bool? = nil) throws {
    try connection.send(kind, payload.span, compresses: compresses, to: &output)
  }

  func send(_ text: String, compresses: Bool? = nil) throws {
    try connection.send(text, compresses: compresses, to: &output)
  }

  func sendFragment(_ kind: MessageKind, _ payload: [UInt8], isFinal: Bool) throws {
    try connection.sendFragment(kind, payload.span, isFinal: isFinal, to: &output)
  }

  func sendPing(_ payload: [UInt8] = []) throws {
    try connection.sendPing(payload.span, to: &output)
  }

  func sendPong(_ payload: [UInt8] = []) throws {
    try connection.sendPong(payload.span, to: &output)
  }

  func messageHeader(_ kind: MessageKind, payloadLength: Int) throws -> Bool {
    try connection.messageHeader(kind, payloadLength: payloadLength, to: &output)
  }

  func close(_ code: CloseCode?, reason: String = "") throws {
    try connection.close(code, reason: reason, at: now, to: &output)
  }

  func advance(by duration: Duration) -> TimeoutAction? {
    now += duration
    return connection.advance(to: now)
  }

  func receiveEndOfStream() -> Bool { connection.receiveEndOfStream() }

  var state: ConnectionState { connection.state }
  var isIdle: Bool { connection.isIdle }
  var hasFailed: Bool { connection.hasFailed }
  var closeCode: CloseCode? { connection.closeCode }
  var wasClean: Bool { connection.wasClean }
  var nextDeadline: ContinuousClock.Instant? { connection.nextDeadline }
  var shouldCloseTransport: Bool { connection.shouldCloseTransport }
}

/// All whole frames in some octets.
func frames(in bytes: [UInt8]) -> [Frame] {
  var rest = bytes[...]
  var frames: [Frame] = []
  while let (header, headerByteCount) = FrameHeader.decode(rest.span),
    let length = Int(exactly: header.payloadLength), length <= rest.count - headerByteCount
  {
    var payload = Array(rest.dropFirst(headerByteCount).prefix(length))
    var octets = payload.mutableSpan
    header.maskingKey?.apply(to: &octets)
    frames.append(Frame(header: header, payload: payload))
    rest = rest.dropFirst(headerByteCount + length)
  }
  return frames
}

/// A key for frames that tests send as a client.
let testKey = MaskingKey(0x37, 0xfa, 0x21, 0x3d)

extension Frame {
  /// The frame as the peer of `role` would send it.
  func toward(_ role: Role) -> Frame {
    var frame = self
    frame.header.maskingKey = role == .server ? testKey : nil
    return frame
  }

  static func text(_ text: String, isFinal: Bool = true) -> Frame {
    Frame(.text, Array(text.utf8), isFinal: isFinal)
  }
}

/// A small seeded generator, so that random tests can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }

  mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
