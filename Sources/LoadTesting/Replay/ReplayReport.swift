import Reports

/// What one loop, or all, found out about cases that were played as load.
struct ReplayReport: Sendable {
  /// Of each case the worst result, and how often it was met.
  var tally = CaseTally()
  /// Plays that have ended, over the whole run.
  var played = 0
  /// Of ``played``, those that ended in the measuring phase.
  var measured = 0
  /// Plays that the end of the run cut short.
  var unfinished = 0
  /// How often each verdict was given.
  var verdicts: [Grade: Int] = [:]

  /// Counts a play.
  mutating func add(_ result: CaseResult, isMeasured: Bool) {
    tally.add(result)
    played += 1
    if isMeasured { measured += 1 }
    verdicts[result.verdict.overall, default: 0] += 1
  }

  static func + (left: ReplayReport, right: ReplayReport) -> ReplayReport {
    var sum = left
    sum.tally += right.tally
    sum.played += right.played
    sum.measured += right.measured
    sum.unfinished += right.unfinished
    sum.verdicts.merge(right.verdicts, uniquingKeysWith: +)
    return sum
  }
}
