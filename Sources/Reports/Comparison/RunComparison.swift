/// Two sides of runs held against each other: what became worse, and what better.
///
/// ```swift
/// let comparison = try RunComparison(base: RunFile.readAll("before"), head: RunFile.readAll("after"))
/// print(ComparisonText.render(comparison), comparison.isRegression)
/// ```
public struct RunComparison: Equatable, Sendable {
  /// What became of verdicts; nil if a side has none.
  public var conformance: ConformanceComparison?
  /// What became of measurements; nil if a side has none.
  public var load: LoadComparison?
  /// The rules that were applied.
  public var rules: ComparisonRules
  /// What differs although it should not, where the comparison was forced.
  public var forced: [String] = []

  /// Compares runs.
  ///
  /// - Throws: ``ComparisonError`` when they cannot be compared: they have nothing in common, did not
  ///   end, or their measurements come from different machines.
  public init(
    base: [Run], head: [Run], rules: ComparisonRules = .init()
  ) throws(ComparisonError) {
    self.rules = rules
    let differences = Self.differences(base: base, head: head)
    guard differences.isEmpty || rules.isForced else {
      throw ComparisonError(differences, canBeForced: true)
    }
    forced = differences
    let verdicts = [base, head].map { $0.compactMap(\.conformance) }
    if verdicts.allSatisfy({ $0.contains { !$0.agents.isEmpty } }) {
      conformance = try ConformanceComparison(base: verdicts[0], head: verdicts[1], rules)
    }
    let measurements = [base, head].map { $0.flatMap(\.load) }
    if measurements.allSatisfy({ !$0.isEmpty }) {
      let comparison = try LoadComparison(base: measurements[0], head: measurements[1], rules)
      forced += comparison.forced
      load = comparison
    }
    if conformance == nil && load == nil {
      let words = zip(verdicts, measurements).map { verdicts, load in
        verdicts.isEmpty ? load.isEmpty ? "nothing" : "load" : "conformance"
      }
      throw ComparisonError(
        ["base has results of \(words[0]) and head of \(words[1])"], canBeForced: false)
    }
  }

  /// Whether anything became worse in a way that counts.
  public var isRegression: Bool {
    conformance?.isRegression == true || load?.isRegression == true
  }

  /// Whether there were enough runs for a verdict on everything.
  public var isJudged: Bool { load?.isJudged != false }

  /// What speaks against a comparison of these runs as wholes.
  private static func differences(base: [Run], head: [Run]) -> [String] {
    var differences: [String] = []
    for (side, runs) in [("base", base), ("head", head)] {
      let count = runs.count { !$0.isComplete }
      guard count > 0 else { continue }
      differences.append(
        runs.count == 1
          ? "the run of \(side) did not end"
          : "\(count) of \(runs.count) runs of \(side) did not end")
    }
    // Verdicts do not depend on the machine; times do, and within one side too.
    let runs = (base + head).filter { !$0.load.isEmpty }
    if let first = runs.first {
      let others = runs.dropFirst().lazy.map { $0.machineDifferences(from: first) }
      differences += others.first { !$0.isEmpty } ?? []
    }
    return differences
  }
}
