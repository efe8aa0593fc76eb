import WebSocketProtocol

/// A twin's connection once it is open: the honest core, with the deviation at its borders.
struct Conversation: ~Copyable {
  private let deviation: Deviation
  private let keys: MaskingKeySource
  private var core: Connection
  private var session: Session
  private var incoming = IncomingFrames()
  private var output: [UInt8] = []
  private var lastMessage: Message?

  init(
    _ role: Role, _ deviation: Deviation, compression: PerMessageDeflate.Agreement?,
    keys: MaskingKeySource
  ) {
    self.deviation = deviation
    self.keys = keys
    core = Connection(
      role: role,
      configuration: ConnectionConfiguration(
        limits: deviation.limits, validatesUTF8: deviation.validatesUTF8,
        closingTimeout: deviation.closingTimeout, compressionLevel: 1),
      compression: compression, maskingKeys: keys)
    session = Session(role: role, compression: compression)
  }

  /// What came of a call.
  struct Results {
    /// Whether it is the twin's turn to end TCP.
    var isOver: Bool
    var nextDeadline: ContinuousClock.Instant?
    /// The payload of the last message that came.
    var lastPayload: [UInt8]?
    /// What is to be written.
    var output: [UInt8]
  }

  /// Takes what has come of the last call.
  mutating func takeResults() -> Results {
    defer { output = [] }
    return Results(
      isOver: core.shouldCloseTransport, nextDeadline: core.nextDeadline,
      lastPayload: lastMessage?.payload, output: output)
  }

  /// Takes the passing of time.
  mutating func advance(to now: ContinuousClock.Instant) { _ = core.advance(to: now) }

  mutating func receiveEndOfStream() {
    guard deviation.hearsEndOfStream else { return }
    core.receiveEndOfStream()
  }

  /// Takes what was read.
  mutating func receive(_ octets: [UInt8], at now: ContinuousClock.Instant) {
    guard deviation.hears != nil || deviation.hearsHeader != nil else {
      return feed(octets, at: now)
    }
    incoming.append(octets)
    while let piece = incoming.next(
      wantsWhole: deviation.hears != nil,
      change: { deviation.hearsHeader?(&$0, &session) })
    {
      switch piece {
      case .octets(let octets):
        feed(octets, at: now)
      case .header(let header):
        note(header)
        act(at: now)
        var octets: [UInt8] = []
        header.encode(to: &octets)
        feed(octets, at: now)
      case .frame(var frame):
        let passes = deviation.hears?(&frame, &session) ?? true
        act(at: now)
        guard passes else { continue }
        frame.header.payloadLength = UInt64(frame.payload.count)
        note(frame.header)
        feed(frame.encoded, at: now)
      }
    }
  }

  /// Keeps in mind whether a message is under way.
  private mutating func note(_ header: FrameHeader) {
    switch header.opcode {
    case .close: session.hasReceivedClose = true
    case .continuation: if header.isFinal { session.openMessage = nil }
    case .text, .binary: session.openMessage = header.isFinal ? nil : header.opcode
    default: break
    }
  }

  // MARK: The core

  private mutating func feed(_ octets: [UInt8], at now: ContinuousClock.Instant) {
    guard !octets.isEmpty else { return }
    var octets = octets
    var said: [UInt8] = []
    do {
      let span = octets.mutableSpan
      var input = Input(span)
      while input.remainingByteCount > 0,
        let event = core.nextEvent(&input, at: now, output: &said)
      {
        switch event {
        case .message(let kind, let payload):
          var copy: [UInt8] = []
          payload.append(to: &copy)
          answer(Message(kind: kind, payload: copy), output: &said)
        case .close: session.hasReceivedClose = true
        case .failed: session.hasFailed = true
        case .fragment, .ping, .pong: break
        }
        say(&said)
      }
    }
    say(&said)
    act(at: now)
  }

  /// Sends back what the deviation makes of a message.
  private mutating func answer(_ message: Message, output: inout [UInt8]) {
    lastMessage = message
    guard session.failure == nil else { return }
    for answer in deviation.echoes?(message, &session) ?? [message] {
      // After a Close the core takes no more messages.
      try? core.send(answer.kind, answer.payload.span, to: &output)
    }
  }

  /// Does what the deviation wanted to be done beside the core.
  private mutating func act(at now: ContinuousClock.Instant) {
    for var frame in session.replies {
      if session.role == .client { frame.header.maskingKey = keys.next() }
      frame.encode(to: &output)
    }
    session.replies = []
    guard let code = session.failure, core.state == .open else { return }
    var said: [UInt8] = []
    try? core.close(code, at: now, to: &said)
    say(&said)
  }

  /// Sends what the core said, or what the deviation makes of it.
  private mutating func say(_ said: inout [UInt8]) {
    guard !said.isEmpty else { return }
    defer { said.removeAll(keepingCapacity: true) }
    guard let change = deviation.says else { return output += said }
    var frames = IncomingFrames()
    frames.append(said)
    while case .frame(let frame)? = frames.next(wantsWhole: true, change: { _ in }) {
      for changed in change(frame, &session) { changed.encode(to: &output) }
    }
  }

  /// Sends a Close of our own.
  mutating func close(_ code: CloseCode, at now: ContinuousClock.Instant) {
    var said: [UInt8] = []
    try? core.close(code, at: now, to: &said)
    say(&said)
  }
}
