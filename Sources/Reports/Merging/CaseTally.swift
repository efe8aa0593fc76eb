/// What came of cases that were played more than once: of each the worst result, and how often it was
/// met.
public struct CaseTally: Sendable {
  private var worst: [String: CaseResult] = [:]
  private var counts: [String: PlayCounts] = [:]

  /// Nothing has been played.
  public init() {}

  /// Adds one play, or several of which `result` is the worst and has the counts.
  public mutating func add(_ result: CaseResult) {
    let plays = result.plays ?? PlayCounts(total: 1, unmet: result.verdict.isMet ? 0 : 1)
    let known = counts[result.caseID] ?? PlayCounts(total: 0, unmet: 0)
    counts[result.caseID] = PlayCounts(
      total: [known.total, plays.total].clampedSum, unmet: [known.unmet, plays.unmet].clampedSum)
    if let known = worst[result.caseID], Self.rank(known) >= Self.rank(result) { return }
    worst[result.caseID] = result
  }

  /// Adds the plays of another tally.
  public static func += (left: inout CaseTally, right: CaseTally) {
    for (id, var result) in right.worst {
      result.plays = right.counts[id]
      left.add(result)
    }
  }

  /// The worst of each case that was played, in the order of `caseIDs`.
  public func results(of caseIDs: [String], withCounts: Bool = true) -> [CaseResult] {
    caseIDs.compactMap { id in
      var result = worst[id]
      result?.plays = withCounts ? counts[id] : nil
      return result
    }
  }

  private static func rank(_ result: CaseResult) -> Int {
    switch result.verdict.overall {
    case .pass: 0
    case .acceptable: 1
    case .informational: 2
    case .unsupported: 3
    case .fail: 4
    case .error: 5
    }
  }
}
