/// What became of one load scenario.
public struct ScenarioComparison: Equatable, Sendable {
  /// The scenario in a few words.
  public var name: String
  /// How many runs of base have it.
  public var baseCount: Int
  /// How many runs of head have it.
  public var headCount: Int
  /// The metrics, in the order in which they were asked for.
  public var metrics: [MetricComparison]
  /// What casts doubt on the numbers, one line each.
  public var remarks: [String]

  /// Takes what was measured; ``measure(_:questionCount:using:)`` and ``judge(_:)`` come later,
  /// for they depend on what else is asked.
  init(base: [LoadResults], head: [LoadResults], _ rules: ComparisonRules) {
    name = head[0].title
    (baseCount, headCount) = (base.count, head.count)
    metrics = rules.metrics.compactMap { MetricComparison($0, base: base, head: head) }
    remarks = []
    for (side, results) in [("base", base), ("head", head)] {
      let doubtful = results.filter { $0.generator.validity != .valid }
      guard !doubtful.isEmpty else { continue }
      let reason = doubtful.first?.generator.remarks.first.map { ": \($0)" } ?? ""
      remarks.append(
        "\(doubtful.count) of \(NumberText.counted(results.count, "run")) of \(side) may tell of the generator and not of "
          + "the server\(reason)")
    }
  }

  /// How many of the metrics are open questions, which the correction has to count.
  var questionCount: Int {
    metrics.count { !$0.isConstant && !$0.base.isEmpty && !$0.head.isEmpty }
  }

  mutating func measure(
    _ rules: ComparisonRules, questionCount: Int, using generator: inout some RandomNumberGenerator
  ) {
    // The strictest of the corrected levels: with fewer runs nothing whatever could be found.
    let level = rules.significance / Double(max(1, questionCount))
    let needed = MannWhitneyTest.neededCount(forPValue: level)
    for index in metrics.indices {
      let (base, head) = (metrics[index].base.count, metrics[index].head.count)
      // Pairs say more, but it takes more of them.
      metrics[index].isPaired =
        rules.isPaired && (base, head) == (baseCount, headCount) && base == head
        && SignedRankTest.leastPValue(base) <= level
      let isEnough =
        metrics[index].isPaired || MannWhitneyTest.leastPValue(base, head) <= level
      metrics[index].measure(rules, isSampleEnough: isEnough, using: &generator)
      if base == 0 || head == 0 {
        metrics[index].judgement = .notJudged("\(base == 0 ? "base" : "head") did not measure it")
      } else if !isEnough {
        metrics[index].judgement = .notJudged(
          "too few runs: \(base) and \(head), it takes \(needed) each")
      }
    }
  }
}
