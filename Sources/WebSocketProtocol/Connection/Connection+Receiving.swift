extension Connection {
  /// Finds the next event in what was read; nil when all of it is taken.
  ///
  /// Answers that the protocol wants, to pings and Closes and for failures, are appended to `output`.
  /// The event's payload stays valid until `input` is used again.
  ///
  /// - Parameters:
  ///   - input: What was read.
  ///   - now: The current time, asked only when a deadline is set from it.
  ///   - output: Where answers go.
  /// - Returns: The event, which borrows from `input`.
  @inlinable @inline(__always)
  @_lifetime(&input)
  public mutating func nextEvent(
    _ input: inout Input, at now: @autoclosure () -> ContinuousClock.Instant,
    output: inout [UInt8]
  ) -> Event? {
    guard input.remainingByteCount > 0 else { return nil }
    if let found = wholeMessage(in: &input) {
      return .message(found.kind, input.bytes.span.extracting(found.payload))
    }
    return nextEventInParts(&input, at: now(), output: &output)
  }

  /// Takes the next message only if it is plain, of one frame that lies whole in what was read, and
  /// breaks no rule.
  ///
  /// For a reader who may look ahead at messages, but must not learn yet of anything that is answered.
  ///
  /// - Parameter input: What was read; nothing of it is taken unless a message is returned.
  /// - Returns: A `message`, which borrows from `input`, or nil.
  @_lifetime(&input)
  public mutating func nextWholeMessage(_ input: inout Input) -> Event? {
    guard input.remainingByteCount > 0, let found = wholeMessage(in: &input) else { return nil }
    return .message(found.kind, input.bytes.span.extracting(found.payload))
  }

  /// The short way: a plain message of one frame that lies whole in the input, and breaks no rule.
  ///
  /// Takes nothing unless it is exactly that.
  @inlinable @inline(__always)
  mutating func wholeMessage(
    in input: inout Input
  ) -> (kind: MessageKind, payload: Range<Int>)? {
    let available = input.bytes.count &- input.offset
    // One load gives all of a header that this is about.
    guard stage == .idle, available >= 8 else { return nil }
    var head = input.bytes.span.word(at: input.offset)
    let first = UInt8(truncatingIfNeeded: head)
    let second = UInt8(truncatingIfNeeded: head &>> 8)
    let isMasked = role == .server
    guard first == 0x81 || first == 0x82, (second & 0x80 != 0) == isMasked else { return nil }

    var length = Int(second & 0x7f)
    var start = input.offset &+ 2
    head &>>= 16
    if length >= 126 {
      guard length == 126 else { return nil }
      length = Int(UInt16(truncatingIfNeeded: head).byteSwapped)
      guard length >= 126 else { return nil }
      start &+= 2
      head &>>= 16
    }
    if isMasked { start &+= 4 }
    let key = MaskingKey(rawValue: UInt32(truncatingIfNeeded: head).littleEndian)
    let end = start &+ length
    guard end <= input.bytes.count, length <= shortcutByteCount else { return nil }

    let payload = start..<end
    var isASCII = false
    if isMasked { isASCII = key.apply(to: &input.bytes, in: payload) }
    if first == 0x81, !isASCII, !mayBeText(input.bytes.span.extracting(payload)) {
      // The long way finds this failure again, so the payload has to be as it was.
      if isMasked { key.restore(&input.bytes, in: payload) }
      return nil
    }
    input.offset = end
    return (first == 0x81 ? .text : .binary, payload)
  }

  /// Whether a whole message is UTF-8, or need not be.
  @usableFromInline
  func mayBeText(_ payload: Span<UInt8>) -> Bool {
    guard configuration.validatesUTF8 else { return true }
    var validator = UTF8Validator()
    return validator.validate(payload) && validator.isAtBoundary
  }

  /// The long way: any frame, any part of one, and what breaks a rule.
  @usableFromInline
  @_lifetime(&input)
  mutating func nextEventInParts(
    _ input: inout Input, at now: ContinuousClock.Instant, output: inout [UInt8]
  ) -> Event? {
    do throws(ProtocolFailure) {
      return try lawfulEvent(&input, at: now, output: &output)
    } catch {
      fail(error, at: now, output: &output)
      return .failed(error)
    }
  }

  @_lifetime(&input)
  private mutating func lawfulEvent(
    _ input: inout Input, at now: ContinuousClock.Instant, output: inout [UInt8]
  ) throws(ProtocolFailure) -> Event? {
    while true {
      switch stage {
      case .discarding:
        input.offset = input.bytes.count
        return nil
      case .idle, .betweenFrames, .header:
        guard let header = try takeHeader(from: &input) else { return nil }
        try begin(header)
      case .payload where frame.opcode.isControl:
        guard let control = takeControlPayload(from: &input) else { return nil }
        if control.isInPlace {
          return try receiveControl(
            input.bytes.span.extracting(control.range), at: now, output: &output)
        }
        return try receiveControl(input.scratch.span, at: now, output: &output)
      case .payload:
        let piece = try takeData(from: &input)
        switch piece {
        case .needsMore: return nil
        case .kept: continue
        case .inPlace(let range, let isFirst, let isFinal):
          return event(input.bytes.span.extracting(range), isFirst: isFirst, isFinal: isFinal)
        case .inScratch(let isFirst, let isFinal):
          return event(input.scratch.span, isFirst: isFirst, isFinal: isFinal)
        }
      }
    }
  }

  @_lifetime(copy payload)
  private func event(_ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool) -> Event {
    let isWhole =
      switch configuration.delivery {
      case .messages: true
      case .fragments: false
      case .asSent: isFirst && isFinal
      }
    return isWhole
      ? .message(message.kind, payload)
      : .fragment(message.kind, payload, isFirst: isFirst, isFinal: isFinal)
  }

  /// Takes the header of the next frame; nil while it is not all there.
  private mutating func takeHeader(
    from input: inout Input
  ) throws(ProtocolFailure) -> FrameHeader? {
    if stage != .header {
      if let (header, byteCount) = FrameHeader.decode(input.remaining) {
        try checkFirstOctet(input.bytes[input.offset])
        try checkSecondOctet(input.bytes[input.offset &+ 1])
        input.offset &+= byteCount
        return header
      }
    }
    // Each octet is looked at as it comes: what is wrong with it needs no further one.
    while input.offset < input.bytes.count {
      let octet = input.bytes[input.offset]
      input.offset &+= 1
      pendingHeader.append(octet)
      switch pendingHeader.count {
      case 1:
        try checkFirstOctet(octet)
        stage = .header
      case 2: try checkSecondOctet(octet)
      default: break
      }
      guard
        let (header, _) = FrameHeader.decode(
          pendingHeader.bytes.span.extracting(first: Int(pendingHeader.count)))
      else { continue }
      pendingHeader.count = 0
      return header
    }
    return nil
  }

  private var isMessageUnderWay: Bool { message.fragmentCount > 0 }

  /// The rules for FIN, RSV and opcode.
  private func checkFirstOctet(_ octet: UInt8) throws(ProtocolFailure) {
    let opcode = Opcode(rawValue: octet)
    var rsv = octet &>> 4 & 7
    if rsv & 4 != 0, compression != nil, !opcode.isReserved {
      guard opcode == .text || opcode == .binary else { throw .misplacedCompressionBit(opcode) }
      rsv &= 3
    }
    if rsv != 0 { throw .reservedBitsSet(rsv) }
    if opcode.isReserved { throw .reservedOpcode(opcode) }
    if opcode.isControl {
      if octet & 0x80 == 0 { throw .fragmentedControlFrame(opcode) }
    } else if opcode == .continuation {
      if !isMessageUnderWay { throw .unexpectedContinuation }
    } else if isMessageUnderWay {
      throw .interleavedMessage(opcode)
    }
  }

  /// The rule for MASK.
  private func checkSecondOctet(_ octet: UInt8) throws(ProtocolFailure) {
    switch role {
    case .server: if octet & 0x80 == 0 { throw .frameNotMasked }
    case .client: if octet & 0x80 != 0 { throw .frameMasked }
    }
  }

  /// Begins the payload of a frame whose first two octets are in order.
  private mutating func begin(_ header: FrameHeader) throws(ProtocolFailure) {
    let opcode = header.opcode
    if header.payloadLength > 125, opcode.isControl {
      throw .oversizedControlFrame(opcode)
    }
    if header.payloadLength > UInt64(Int64.max) { throw .lengthOutOfRange(header.payloadLength) }
    if header.lengthEncoding != .minimal { throw .lengthNotMinimal(header.payloadLength) }

    // No allocation follows from a declared length; it is only counted.
    guard let length = Int(exactly: header.payloadLength) else {
      throw .frameTooBig(header.payloadLength)
    }
    if !opcode.isControl {
      try beginData(header, length: length)
    }
    frame.remainingByteCount = length
    frame.maskingKey = header.maskingKey ?? .zero
    frame.opcode = opcode
    frame.isFinal = header.isFinal
    stage = .payload
  }

  private mutating func beginData(
    _ header: FrameHeader, length: Int
  ) throws(ProtocolFailure) {
    let limits = configuration.limits
    if header.opcode != .continuation {
      message = IncomingMessage()
      message.kind = header.opcode == .text ? .text : .binary
      message.isCompressed = header.rsv1
    }
    if length > limits.frameByteCount { throw .frameTooBig(header.payloadLength) }
    if length > limits.messageByteCount &- message.byteCount { throw .messageTooBig }
    if message.fragmentCount >= limits.fragmentCount { throw .tooManyFragments }
    message.byteCount &+= length
    message.fragmentCount &+= 1
  }
}
