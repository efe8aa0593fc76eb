public import Reports

/// What came of a run.
public struct LoadOutcome: Sendable {
  /// How a run can end.
  public enum Ending: Sendable, Equatable {
    /// As planned.
    case completed
    /// Someone stopped it; what was measured until then is there.
    case interrupted
    /// The last connection ended before its time.
    case connectionsLost
    /// No connection could be established, for this reason.
    case notConnected(String)
  }

  /// Why the run ended.
  public var ending: Ending
  /// What was measured, as it is kept in a `Run`.
  public var results: LoadResults
  /// What was wrong with replies.
  public var faults: EchoFaults
  /// Messages that an open loop had planned and never sent.
  public var unsent: UInt64
  /// What the cases of a replay said about the server: of each the worst result; nil if none were played.
  public var conformance: ConformanceResults?
  /// The objective whose miss ended the run early, with what was measured; nil if none did.
  public var missedObjective: String?
  /// How long the run took, connecting and closing included.
  public var elapsed: Duration

  /// Whether the run is what was wanted: to its end, with its objectives met or, without any, flawless.
  public var isAsRequired: Bool {
    guard missedObjective == nil else { return false }
    guard results.objectives != nil else { return isFlawless }
    return ending != .connectionsLost && results.isAsRequired
  }

  /// Whether all messages came back in order and unharmed, and all connections held.
  public var isFlawless: Bool {
    ending != .connectionsLost && faults.total == 0 && unsent == 0 && results.errorCount == 0
  }
}
