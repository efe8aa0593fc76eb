import CaseLanguage
import WebSocketProtocol

extension Player {
  /// Sends a Close as the one who starts the closing handshake; only while open.
  func sendClose(code: UInt16?, reason: String = "", at now: ContinuousClock.Instant) {
    sendClose(Step.Close(code: code, reason: .text(reason)), at: now)
  }

  /// Sends a Close as the one who starts the closing handshake; only while open.
  func sendClose(_ close: Step.Close, at now: ContinuousClock.Instant) {
    guard state == .open else { return }
    writeClose(close, at: now)
    facts.closedByUs = true
    arm(.closeReply, after: settings.closeReplyTimeout, at: now)
  }

  private func writeClose(_ close: Step.Close, at now: ContinuousClock.Instant) {
    send(
      Step.Frame(opcode: .close, payload: close.payload, delivery: close.delivery), at: now)
    facts.localClose = PlayedClose(code: close.code, reason: close.reason.bytes())
    state = .closing
  }

  /// _Fail the WebSocket Connection_, as the established suite does: by a Close while open, by
  /// dropping TCP while closing.
  func failConnection(code: UInt16, reason: String, at now: ContinuousClock.Instant) {
    guard state == .open || state == .closing else { return }
    facts.failedByUs = true
    if state == .open, settings.manners.failsByDrop {
      dropConnection(.abort, at: now)
    } else if state == .open {
      sendClose(code: code, reason: reason, at: now)
    } else {
      dropConnection(.close, at: now)
    }
  }

  /// The peer broke a rule.
  func violation(_ what: String, code: UInt16 = 1002, at now: ContinuousClock.Instant) {
    guard state == .open || state == .closing else { return }
    if facts.violations.count < 8 { facts.violations.append(what) }
    recorder.note("the peer sent \(what)", at: now)
    failConnection(code: code, reason: what, at: now)
  }

  /// We drop TCP.
  func dropConnection(_ wish: Wish, at now: ContinuousClock.Instant) {
    guard state != .closed else { return }
    facts.droppedByUs = true
    state = .closed
    self.wish = wish
    recorder.note(wish == .abort ? "we abort TCP" : "we close TCP", at: now)
  }

  /// The peer's Close has arrived.
  func receivedClose(_ payload: [UInt8], at now: ContinuousClock.Instant) {
    let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
    let reason = Array(payload.dropFirst(2))
    facts.remoteClose = PlayedClose(code: code, reason: reason)
    if let code, !Self.isEstablishedCode(code) {
      if CloseCode(rawValue: code).isPermittedOnWire {
        refuseRegisteredCode(code, at: now)
      } else {
        violation("the close code \(code)", at: now)
      }
    }
    var validator = UTF8Validator()
    if !reason.isEmpty, !(validator.validate(reason.span) && validator.isAtBoundary) {
      violation("a close reason that is not UTF-8", code: 1007, at: now)
    }
    switch state {
    case .connecting, .closed: break
    case .closing: receivedCloseWhileClosing(at: now)
    case .open: receivedCloseWhileOpen(at: now)
    }
  }

  /// The established suite does not know the code, and fails the connection; the peer broke no rule.
  private func refuseRegisteredCode(_ code: UInt16, at now: ContinuousClock.Instant) {
    facts.refusedRegisteredCode = state == .open
    recorder.note("the established suite does not know the close code \(code)", at: now)
    failConnection(code: 1002, reason: "the close code \(code)", at: now)
  }

  private func receivedCloseWhileClosing(at now: ContinuousClock.Instant) {
    disarmCloseReply()
    facts.wasClean = true
    if role == .server {
      dropConnection(.abort, at: now)
    } else {
      arm(.serverDrop, after: settings.serverDropTimeout, at: now)
    }
  }

  private func receivedCloseWhileOpen(at now: ContinuousClock.Instant) {
    facts.wasClean = true
    let answer = settings.manners.echoesClose ? facts.remoteClose : nil
    writeClose(
      Step.Close(
        code: answer.map(\.code) ?? 1000, reason: .octets(answer?.reason ?? [])), at: now)
    if role == .server {
      dropConnection(.close, at: now)
    } else {
      armPatienceIfNothingElseEnds(at: now)
    }
  }

  /// The codes that the established suite accepts; 1012 to 1014 were registered after its time.
  static func isEstablishedCode(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1011, 3000...4999: true
    default: false
    }
  }

  /// Closes once everything that is expected has arrived; called after each message or Pong.
  func closeIfComplete(at now: ContinuousClock.Instant) {
    let expectation = playedCase.expectation
    guard closesByItself, expectation.reactions.contains(where: \.opening.opens) else { return }
    if playedCase.number(in: "autobahn") == nil, expectation.judgement == .events {
      progress.update(facts.events)
      if let ending = progress.ending {
        sendClose(code: ending.codes.first ?? 1000, at: now)
      }
      return
    }
    guard expectation.ending.initiator == .us else { return }
    if expectation.judgement == .events {
      let isComplete = expectation.establishedReactions.allSatisfy { reaction in
        guard reaction.opening.opens else { return true }
        return reaction.events.count == facts.events.count
          && zip(facts.events, reaction.events).allSatisfy { $0.matches($1.kind) }
      }
      guard isComplete else { return }
    }
    sendClose(code: expectation.ending.codes.first ?? 1000, at: now)
  }

  /// Whether no step of the case closes: then completeness does.
  private var closesByItself: Bool {
    !playedCase.steps.contains { if case .close = $0 { true } else { false } }
  }
}
