public import CaseLanguage
public import Reports
import WebSocketProtocol

/// The verdict that the established suite gives: a pure function of the case and the facts.
///
/// The behaviour compares what arrived with what was expected; the closing asks who closed, whether
/// cleanly, with which code, and who dropped TCP. Where a case says so, a bad closing makes the
/// behaviour bad too.
public struct EstablishedVerdict: Equatable, Sendable {
  /// How the peer behaved.
  public var behaviour: AliasView.Behavior
  /// How the connection ended.
  public var closing: AliasView.BehaviorClose
  /// One line on the behaviour.
  public var result: String
  /// One line on the closing.
  public var closingResult: String

  /// The verdict on `playedCase`, given the facts.
  public init(of playedCase: Case, facts: CaseFacts) {
    let expectation = playedCase.expectation
    (behaviour, result) = Self.behaviour(expectation, facts)
    (closing, closingResult) = Self.closing(expectation.ending, facts)
    if closing == .failed, facts.isOpened, expectation.ending.failsOnWrongInitiator {
      behaviour = .failed
    }
    if closing == .wrongCode, expectation.ending.failsOnWrongCode {
      behaviour = .failed
      result = closingResult
    }
    if expectation.isInformational {
      behaviour = .informational
      closing = .informational
    }
  }

  private static func behaviour(
    _ expectation: Expectation, _ facts: CaseFacts
  ) -> (AliasView.Behavior, String) {
    guard facts.isOpened else { return (.failed, "The opening handshake was never completed.") }
    if facts.lacksCompression, facts.echo.established != false {
      return (.unimplemented, "permessage-deflate was not negotiated.")
    }
    guard expectation.judgement == .events else {
      if facts.echo.established == true { return (.ok, "Every echo was as expected.") }
      return (.failed, facts.echo.complaint ?? "The expected echo did not arrive in time.")
    }
    let match = expectation.establishedReactions.first { reaction in
      reaction.events.count == facts.events.count
        && zip(facts.events, reaction.events).allSatisfy { $0.matches($1.kind) }
    }
    guard let match else { return (.failed, "Actual events differ from any expected.") }
    return match.grade == .pass
      ? (.ok, "Actual events match at least one expected.")
      : (.nonStrict, "Actual events match a reaction that conforms, but not strictly.")
  }

  private static func closing(
    _ ending: Ending, _ facts: CaseFacts
  ) -> (AliasView.BehaviorClose, String) {
    guard facts.isOpened else { return (.failed, "The opening handshake was never completed.") }
    guard (ending.initiator == .us) == facts.closedByUs else {
      return (.failed, "The connection was failed by the wrong endpoint.")
    }
    if ending.isCleanRequired, !facts.wasClean {
      return (.unclean, "The connection should have been closed cleanly.")
    }
    if let code = facts.remoteClose?.code, !ending.codes.contains(code) {
      let allowed = ending.codes.map(String.init).joined(separator: ", ")
      return (.wrongCode, "The close code should have been \(allowed) or absent, and was \(code).")
    }
    if facts.role == .client, facts.droppedByUs {
      return (.failedByClient, "The server should have dropped TCP, but the client had to.")
    }
    return (.ok, "The connection was properly closed.")
  }
}
