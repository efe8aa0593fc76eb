public import CaseLanguage
public import Reports

/// What came of cases that were played more than once: of each the worst result, and how often it was
/// met.
public struct CaseTally: Sendable {
  private var worst: [String: CaseResult] = [:]
  private var counts: [String: PlayCounts] = [:]

  /// Nothing has been played.
  public init() {}

  /// Adds one play.
  public mutating func add(_ result: CaseResult) {
    var count = counts[result.caseID] ?? PlayCounts(total: 0, unmet: 0)
    count.total += 1
    if !result.verdict.isMet { count.unmet += 1 }
    counts[result.caseID] = count
    keep(result)
  }

  /// Adds the plays of `right`.
  public static func += (left: inout CaseTally, right: CaseTally) {
    for (id, count) in right.counts {
      var sum = left.counts[id] ?? PlayCounts(total: 0, unmet: 0)
      sum.total += count.total
      sum.unmet += count.unmet
      left.counts[id] = sum
    }
    for result in right.worst.values { left.keep(result) }
  }

  /// The worst of each case that was played, in the order of `cases`.
  public func results(of cases: [Case], withCounts: Bool = true) -> [CaseResult] {
    cases.compactMap { item in
      var result = worst[item.id]
      if withCounts { result?.plays = counts[item.id] }
      return result
    }
  }

  private mutating func keep(_ result: CaseResult) {
    if let known = worst[result.caseID], Self.rank(known) >= Self.rank(result) { return }
    worst[result.caseID] = result
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
