import CaseLanguage
import WebSocketProtocol

/// The exchange of messages that is under way.
struct ExchangeState {
  let step: Step.Exchange
  let source: MessageSource
  /// The index of the message whose echo is due.
  var index = 0
  /// The octets of that message.
  var sent: ExpectedOctets

  func expected(_ kind: MessageKind) -> ExpectedOctets? { kind == step.kind ? sent : nil }
}

extension Player {
  /// Sends the first message of an exchange.
  func begin(_ step: Step.Exchange, at now: ContinuousClock.Instant) {
    let source = MessageSource(
      step, agreement: agreement, role: role, streams: streams)
    guard step.count > 0 else {
      concludeExchange(true, at: now)
      return
    }
    exchange = ExchangeState(step: step, source: source, sent: source.octets(of: 0))
    sendNextMessage(at: now)
  }

  private func sendNextMessage(at now: ContinuousClock.Instant) {
    guard let exchange else { return }
    let step = exchange.step
    let fragmentSize = step.fragmentSize ?? settings.manners.fragmentByteCount
    facts.echo.sentByteCount += exchange.sent.range.count
    if let compressed = exchange.source.compressed(exchange.index) {
      sendMessage(
        step.kind.opcode, compressed.span, rsv: 4, fragmentSize: fragmentSize, .together,
        at: now)
    } else {
      let sent = exchange.sent
      sendMessage(
        step.kind.opcode, sent.storage.span.extracting(sent.range), rsv: 0,
        fragmentSize: fragmentSize, .together, at: now)
    }
  }

  /// An echo of an exchange has arrived; the next message goes out if it fits.
  func judgeEcho(_ message: ReceivedMessage, at now: ContinuousClock.Instant) {
    guard !facts.lacksCompression else {
      facts.echo.established = false
      facts.echo.strict = false
      complain("a message although no compression was agreed on")
      return
    }
    guard var current = exchange else {
      reject("a message came while no echo was due")
      return
    }
    let kindFits = message.kind == current.step.kind
    let lengthFits = message.octets.byteCount == current.sent.range.count
    if !message.fits {
      complain(
        "echo \(current.index + 1) is "
          + (!kindFits
            ? "of the wrong kind"
            : lengthFits
              ? "of other content"
              : "\(message.octets.byteCount) octets long, not \(current.sent.range.count)"))
      facts.echo.strict = false
    }
    let isAccepted =
      current.step.aliasComparison == .length ? kindFits && lengthFits : message.fits
    guard isAccepted else {
      concludeExchange(false, at: now)
      return
    }
    facts.echo.count += 1
    facts.echo.receivedByteCount += message.octets.byteCount
    current.index += 1
    guard current.index < current.step.count else {
      concludeExchange(true, at: now)
      return
    }
    current.sent = current.source.octets(of: current.index)
    exchange = current
    guard state == .open else { return }
    sendNextMessage(at: now)
  }

  private func concludeExchange(_ isGood: Bool, at now: ContinuousClock.Instant) {
    exchange = nil
    facts.echo.established = isGood
    facts.echo.strict = isGood && facts.echo.strict != false
    sendClose(code: playedCase.expectation.ending.codes.first ?? 1000, at: now)
  }

  /// The message that decides has arrived (or a further one, which may still mend the established
  /// suite's verdict, and is a fault in ours).
  func judgeFirstMessage(_ message: ReceivedMessage, at now: ContinuousClock.Instant) {
    let isFurther = facts.echo.established != nil
    let ending = playedCase.expectation.ending
    let event = playedCase.expectation.reactions.first?.events.first?.kind
    if case .message(let kind, let payload)? = event {
      let isEcho = message.kind == kind && message.octets.byteCount == payload.count
      if isEcho { facts.echo.established = true }
      if isEcho, message.fits || message.octets.matches(payload) {
        facts.echo.strict = facts.echo.strict ?? true
      } else {
        facts.echo.strict = false
        complain(
          message.kind != kind
            ? "the echo is a \(message.kind) message"
            : isEcho
              ? "the echo is of other content"
              : "the echo is \(message.octets.byteCount) octets long, not \(payload.count)")
      }
      facts.echo.count += 1
    }
    if isFurther { reject("a further message came after the first") }
    if facts.echo.established == nil { facts.echo.established = false }
    sendClose(code: ending.codes.first ?? 1000, at: now)
  }

  /// The peer sent what nobody asked for: a fault, of which the established suite does not know.
  private func reject(_ complaint: String) {
    facts.echo.strict = false
    complain(complaint)
  }

  private func complain(_ complaint: String) {
    if facts.echo.complaint == nil { facts.echo.complaint = complaint }
  }
}
