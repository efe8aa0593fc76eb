public import CaseLanguage
import HTTP
public import Reports
import WebSocketProtocol

/// Our own verdict: a pure function of the case and the facts.
///
/// It differs from ``EstablishedVerdict`` where that one knows less: it looks at the content of every
/// echo, it knows all conforming reactions of a case, and the close codes 1012 to 1014, which were
/// registered after its time, are codes like others. What the peer sends against the rules fails any
/// case, however well the connection ends after it.
public struct StrictVerdict: Equatable, Sendable {
  /// The grades of both axes.
  public var verdict: Verdict
  /// Why, in one line.
  public var reason: String

  /// The verdict on `playedCase`, given the facts.
  public init(of playedCase: Case, facts: CaseFacts) {
    if playedCase.credentials != nil, facts.request?.fields.contains(.authorization) != true {
      verdict = Verdict(.unsupported)
      reason = "the client sends no credentials from its URL"
      return
    }
    var expectation = playedCase.expectation
    let complaints = expectation.reactions.map { $0.opening.complaint(facts) }
    guard complaints.contains(nil) else {
      verdict = Verdict(expectation.isInformational ? .informational : .fail)
      reason = complaints.first.flatMap { $0 } ?? ""
      return
    }
    expectation.reactions = zip(expectation.reactions, complaints)
      .filter { $0.1 == nil }.map(\.0)
    if let reaction = expectation.reactions.first, !reaction.opening.opens {
      verdict = Verdict(
        behaviour: reaction.grade == .pass ? .pass : .acceptable, closing: .pass)
      reason = reaction.grade == .pass ? "as required" : Self.notStrict
      if let complaint = playedCase.checks.complaint(facts) {
        verdict.behaviour = .fail
        reason = complaint
      }
      if expectation.isInformational { verdict = Verdict(.informational) }
      return
    }
    if let answer = facts.wrongAnswer {
      verdict = Verdict(behaviour: .fail, closing: .pass)
      reason = "the answer to our offers is not permitted: \(answer)"
      return
    }
    let found = Self.bestReaction(expectation, facts)
    let ending = found?.ending ?? expectation.ending
    // What could not be played was closed by us, whatever the case wanted.
    let isOurs = facts.lacksCompression && facts.echo.strict != false
    let complaint = Self.closingComplaint(isOurs ? Ending() : ending, facts)
    verdict = Verdict(
      behaviour: found.map { $0.grade == .pass ? .pass : .acceptable } ?? .fail,
      closing: complaint == nil ? .pass : .fail)
    if Self.isFatal(ending, facts) { verdict.behaviour = .fail }
    if isOurs { verdict.behaviour = .unsupported }

    var reasons: [String] = []
    switch verdict.behaviour {
    case .unsupported: reasons.append("permessage-deflate was not agreed on")
    case .acceptable: reasons.append(Self.notStrict)
    case .fail where found == nil: reasons.append(Self.behaviourComplaint(expectation, facts))
    default: break
    }
    if let complaint { reasons.append(complaint) }
    if let violation = facts.violations.first {
      verdict.behaviour = .fail
      reasons.append("the peer sent \(violation)")
    }
    if verdict.behaviour != .unsupported, let complaint = playedCase.checks.complaint(facts) {
      verdict.behaviour = .fail
      reasons.append(complaint)
    }
    if facts.overran { reasons.append("the case ended only at its overall limit") }
    reason = reasons.isEmpty ? "as required" : reasons.joined(separator: "; ")
    if expectation.isInformational { verdict = Verdict(.informational) }
  }

  private static let notStrict = "conforming, but not the strict reading"

  /// The reaction that fits the facts: one with a good closing before one without, in their order.
  private static func bestReaction(_ expectation: Expectation, _ facts: CaseFacts) -> Reaction? {
    guard expectation.judgement == .events else {
      return facts.echo.strict == true ? expectation.reactions.first : nil
    }
    let fitting = expectation.reactions.filter { $0.matches(facts.events) }
    return fitting.first { closingComplaint($0.ending, facts) == nil } ?? fitting.first
  }

  /// What was wrong with how the connection ended; nil if nothing was.
  private static func closingComplaint(_ ending: Ending, _ facts: CaseFacts) -> String? {
    let closedByUs = facts.closedByUsFirst
    guard (ending.initiator == .us) == closedByUs else {
      if closedByUs {
        return facts.violations.isEmpty
          ? "the peer should have failed the connection, and did not"
          : "the peer should have failed the connection; we had to"
      }
      return facts.remoteClose == nil
        ? "the peer dropped the connection" : "the peer closed the connection"
    }
    if ending.isCleanRequired, !facts.wasClean, !facts.hasLaterCode {
      if facts.closeReplyTimedOut { return "no Close came in answer to ours" }
      if facts.serverDropTimedOut { return "the server left it to us to drop TCP" }
      return facts.remoteClose == nil
        ? "TCP ended without a closing handshake" : "the closing handshake was not clean"
    }
    // At its limit we end the case with 1001, which a peer may repeat.
    let repeatsOurs = facts.localClose?.code == 1001 && facts.remoteClose?.code == 1001
    if let code = facts.remoteClose?.code, !ending.codes.contains(code), !repeatsOurs {
      let allowed = Set(ending.codes).sorted().map(String.init).joined(separator: " or ")
      return "close code \(code) instead of \(allowed)"
    }
    if facts.role == .client, facts.droppedByUs, !facts.resetByScript, !facts.hasLaterCode {
      return "the server left it to us to drop TCP"
    }
    return nil
  }

  /// Whether the closing is so wrong that the behaviour counts as wrong too.
  private static func isFatal(_ ending: Ending, _ facts: CaseFacts) -> Bool {
    if ending.failsOnWrongInitiator, (ending.initiator == .us) != facts.closedByUs { return true }
    guard ending.failsOnWrongCode, (ending.initiator == .us) == facts.closedByUs,
      let code = facts.remoteClose?.code
    else { return false }
    return !(ending.isCleanRequired && !facts.wasClean) && !ending.codes.contains(code)
  }

  /// What was wrong with what arrived.
  private static func behaviourComplaint(_ expectation: Expectation, _ facts: CaseFacts) -> String {
    if let complaint = facts.echo.complaint { return complaint }
    guard expectation.judgement == .events else {
      return facts.echo.count == 0
        ? "the echo did not come in time" : "only \(facts.echo.count) echoes came in time"
    }
    let expected = expectation.reactions.first?.events ?? []
    for (index, event) in facts.events.enumerated() {
      guard index < expected.count else { return "unexpected \(event.summary)" }
      if !event.matches(expected[index].kind) {
        return "\(event.summary) instead of \(expected[index].kind.summary)"
      }
    }
    guard facts.events.count < expected.count else { return "not one of the expected reactions" }
    return "\(expected[facts.events.count].kind.summary) did not come"
  }
}

extension CaseFacts {
  /// The peer closed with a code that was registered after the established suite's time.
  fileprivate var hasLaterCode: Bool {
    guard let code = remoteClose?.code else { return false }
    return (1012...1014).contains(code)
  }
}

extension PlayedEvent {
  /// The event in a few words.
  var summary: String {
    switch self {
    case .message(let kind, let octets): "a \(kind) message of \(octets.byteCount) octets"
    case .pong(let octets): "a Pong of \(octets.byteCount) octets"
    case .mark(let name): "the end of pause \(name)"
    }
  }
}

extension ExpectedEvent.Kind {
  /// The event in a few words.
  var summary: String {
    switch self {
    case .message(let kind, let payload): "a \(kind) message of \(payload.count) octets"
    case .pong(let payload): "a Pong of \(payload.count) octets"
    case .mark(let name): "the end of pause \(name)"
    }
  }
}
