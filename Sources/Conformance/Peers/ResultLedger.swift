import CaseLanguage
import Reports

/// The results of all plays: of each case the worst, and how often it was met.
struct ResultLedger {
  private let cases: [Case]
  private let levels: [String: RequirementLevel]
  private var round: [String: CaseResult] = [:]
  private var tally = CaseTally()
  private var reason: String?
  private var isGivenUp = false
  private var rounds = 0

  init(_ cases: [Case]) {
    self.cases = cases
    levels = Dictionary(
      cases.map { ($0.id, RequirementLevel(rawValue: $0.level.rawValue) ?? .must) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The cases that have no result in this round yet.
  var missing: [Case] {
    isGivenUp ? [] : cases.filter { round[$0.id] == nil }
  }

  /// All cases are to be played, once more.
  mutating func beginRound() {
    settle()
    rounds += 1
    isGivenUp = false
  }

  mutating func add(_ result: CaseResult) { round[result.caseID] = result }

  /// The result does not count: the case will be played again.
  mutating func forget(_ id: String) { round[id] = nil }

  /// The case has done something worse than its verdict says.
  mutating func blame(_ id: String, for what: String) {
    var result =
      round[id]
      ?? CaseResult(
        caseID: id, verdict: Verdict(.fail), reason: "", started: .now(), elapsed: .zero)
    result.verdict = Verdict(behaviour: .fail, closing: .fail)
    result.reason = result.reason.isEmpty ? what : "\(what): \(result.reason)"
    round[id] = result
  }

  /// Nothing more will be played in this round; with a reason, what is missing is an error.
  mutating func giveUp(why: String?) {
    if let why {
      for item in missing {
        round[item.id] = CaseResult(
          caseID: item.id, verdict: Verdict(.error), reason: why, started: .now(), elapsed: .zero)
      }
    }
    isGivenUp = true
  }

  /// Whether a failure of this round counts.
  func hasFailure(_ strictness: Gate.Strictness) -> Bool {
    let results = ConformanceResults(role: .client, cases: [], gate: Gate(failOn: strictness))
    return round.values.contains {
      results.standing(of: $0, level: levels[$0.caseID] ?? .must) == .broken
    }
  }

  /// The worst of each case over all rounds, in the order of the cases.
  var results: [CaseResult] {
    var ledger = self
    ledger.settle()
    return ledger.tally.results(of: cases.map(\.id), withCounts: rounds > 1)
  }

  private mutating func settle() {
    for result in round.values { tally.add(result) }
    round = [:]
  }
}
