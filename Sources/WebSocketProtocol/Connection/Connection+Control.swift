extension Connection {
  /// Takes the payload of a control frame; nil while it is not all there.
  ///
  /// It lies in the input, or, if it came in several reads, in the input's scratch buffer.
  mutating func takeControlPayload(
    from input: inout Input
  ) -> (range: Range<Int>, isInPlace: Bool)? {
    let byteCount = min(frame.remainingByteCount, input.remainingByteCount)
    let endsFrame = byteCount == frame.remainingByteCount
    if byteCount == 0, !endsFrame { return nil }
    let range = input.offset..<(input.offset &+ byteCount)
    if role == .server {
      frame.maskingKey.apply(to: &input.bytes, in: range)
      frame.maskingKey = frame.maskingKey.advanced(by: byteCount)
    }
    input.offset = range.upperBound
    frame.remainingByteCount &-= byteCount

    if endsFrame {
      // Per RFC 6455 §5.4 control frames may stand between the fragments of a message.
      stage = message.fragmentCount > 0 ? .betweenFrames : .idle
      if controlPayload.isEmpty { return (range, true) }
    }
    input.bytes.span.extracting(range).append(to: &controlPayload)
    guard endsFrame else { return nil }
    input.scratch = controlPayload
    controlPayload = []
    return (0..<input.scratch.count, false)
  }

  /// Does what a whole control frame wants, per RFC 6455 §5.5.
  @_lifetime(copy payload)
  mutating func receiveControl(
    _ payload: Span<UInt8>, at now: ContinuousClock.Instant, output: inout [UInt8]
  ) throws(ProtocolFailure) -> Event {
    switch frame.opcode {
    case .ping:
      // Also after our own Close: RFC 6455 §5.5.2 exempts only who has received one.
      if configuration.repliesToPings {
        appendFrame(.pong, payload, to: &output)
      }
      return .ping(payload)
    case .close:
      return try receiveClose(payload, at: now, output: &output)
    default:
      return .pong(payload)
    }
  }

  /// Takes the peer's Close, and answers it unless it is the answer itself, per RFC 6455 §5.5.1.
  @_lifetime(copy payload)
  private mutating func receiveClose(
    _ payload: Span<UInt8>, at now: ContinuousClock.Instant, output: inout [UInt8]
  ) throws(ProtocolFailure) -> Event {
    var code: CloseCode?
    var reason = payload
    if payload.count == 1 { throw .truncatedCloseCode }
    if payload.count >= 2 {
      let received = CloseCode(rawValue: UInt16(payload[0]) &<< 8 | UInt16(payload[1]))
      guard received.isPermittedOnWire else { throw .closeCodeNotPermitted(received) }
      code = received
      reason = payload.extracting(droppingFirst: 2)
      var validator = UTF8Validator()
      guard validator.validate(reason), validator.isAtBoundary else { throw .closeReasonNotUTF8 }
    }
    receivedCode = code
    facts.insert(.receivedClose)
    if !facts.contains(.sentClose) {
      // The code goes back without the reason, which the peer knows.
      appendClose(code, reason: "", to: &output)
    }
    endReceiving(at: now)
    return .close(code, reason: reason)
  }

  /// _Fails the WebSocket Connection_, per RFC 6455 §7.1.7.
  mutating func fail(
    _ failure: ProtocolFailure, at now: ContinuousClock.Instant, output: inout [UInt8]
  ) {
    if !facts.contains(.sentClose) {
      appendClose(failure.code, reason: failure.sentence, to: &output)
    }
    facts.insert(.failed)
    endReceiving(at: now)
  }

  /// Discards all further input, gives memory back, and gives the transport time to close.
  private mutating func endReceiving(at now: ContinuousClock.Instant) {
    stage = .discarding
    sending = .ended
    releaseMemory()
    deadline = Deadline(now + configuration.closingTimeout)
  }

  private mutating func releaseMemory() {
    assembly = []
    controlPayload = []
    codec = nil
  }

  // MARK: Closing

  /// Starts the closing handshake, per RFC 6455 §7.1.2.
  ///
  /// Messages still come until the peer answers.
  ///
  /// - Parameters:
  ///   - code: Why; nil for a Close without payload.
  ///   - reason: At most 123 octets of UTF-8, only with a code.
  ///   - now: The current time; the peer's answer is awaited from here.
  ///   - output: Where the Close frame goes.
  /// - Throws: ``MisuseError``: `.notOpen`, `.closeCodeNotPermitted`, `.controlPayloadTooLong`.
  public mutating func close(
    _ code: CloseCode?, reason: String = "", at now: ContinuousClock.Instant,
    to output: inout [UInt8]
  ) throws(MisuseError) {
    guard sending != .ended else { throw .notOpen }
    if let code {
      guard code.isPermittedOnWire else { throw .closeCodeNotPermitted }
      guard reason.utf8.count <= 123 else { throw .controlPayloadTooLong }
    } else {
      guard reason.isEmpty else { throw .closeCodeNotPermitted }
    }
    appendClose(code, reason: reason, to: &output)
    deadline = Deadline(now + configuration.closingTimeout)
  }

  private mutating func appendClose(
    _ code: CloseCode?, reason: String, to output: inout [UInt8]
  ) {
    var payload: [UInt8] = []
    if let code {
      payload.append(UInt8(truncatingIfNeeded: code.rawValue &>> 8))
      payload.append(UInt8(truncatingIfNeeded: code.rawValue))
      payload.append(contentsOf: reason.utf8)
    }
    appendFrame(.close, payload.span, to: &output)
    facts.insert(.sentClose)
    sending = .ended
  }

  /// Takes the end of what the peer sends.
  ///
  /// - Returns: Whether the connection was closed cleanly, per RFC 6455 §7.1.4.
  @discardableResult
  public mutating func receiveEndOfStream() -> Bool {
    facts.insert(.transportEnded)
    stage = .discarding
    sending = .ended
    deadline = nil
    releaseMemory()
    return wasClean
  }

  /// Takes the passing of time; to be called once ``nextDeadline`` has come.
  ///
  /// - Returns: What was given up, if a deadline has passed: the transport is to be closed at once.
  public mutating func advance(to now: ContinuousClock.Instant) -> TimeoutAction? {
    guard let instant = nextDeadline, now >= instant else { return nil }
    let action: TimeoutAction =
      state == .awaitingClose ? .abandonClosingHandshake : .abandonTransport
    receiveEndOfStream()
    return action
  }

  /// Whether to close the transport once the output is written, per RFC 6455 §7.1.1.
  ///
  /// A server closes first; a client leaves that to the server until a deadline passes, unless the
  /// connection failed. Closing means: end our direction, go on reading until the peer ends its own or
  /// ``advance(to:)`` gives up, then close. Closing at once could destroy our Close on its way.
  public var shouldCloseTransport: Bool {
    switch state {
    case .open, .awaitingClose: false
    case .awaitingTransportClose: role == .server || facts.contains(.failed)
    case .closed: true
    }
  }
}
