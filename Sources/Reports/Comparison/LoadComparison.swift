/// What became of the load scenarios that two sides have in common.
public struct LoadComparison: Equatable, Sendable {
  /// The scenarios, in base's order.
  public var scenarios: [ScenarioComparison] = []
  /// Scenarios that only base has, in a few words each.
  public var onlyInBase: [String] = []
  /// Scenarios that only head has.
  public var onlyInHead: [String] = []
  /// In what scenarios differ that are compared all the same.
  var forced: [String] = []

  /// Compares what runs measured, one value for each run and metric.
  ///
  /// - Throws: ``ComparisonError`` when no scenario is on both sides.
  init(base: [LoadResults], head: [LoadResults], _ rules: ComparisonRules) throws(ComparisonError) {
    let groups = Self.groups(base)
    var others = Self.groups(head)
    var pairs: [(base: [LoadResults], head: [LoadResults])] = []
    var rest: [[LoadResults]] = []
    for group in groups {
      if let match = others.firstIndex(where: { $0[0].differences(from: group[0]).isEmpty }) {
        pairs.append((group, others.remove(at: match)))
      } else {
        rest.append(group)
      }
    }
    if pairs.isEmpty, let first = rest.first, let other = others.first {
      guard rules.isForced else {
        let isSingle = rest.count == 1 && others.count == 1
        throw ComparisonError(
          isSingle ? other[0].differences(from: first[0]) : ["no load scenario is on both sides"],
          canBeForced: true)
      }
      let count = min(rest.count, others.count)
      pairs = zip(rest, others).map { ($0, $1) }
      forced = pairs.flatMap { $0.head[0].differences(from: $0.base[0]) }
      rest.removeFirst(count)
      others.removeFirst(count)
    }
    scenarios = pairs.map { ScenarioComparison(base: $0.base, head: $0.head, rules) }
    onlyInBase = rest.map { $0[0].title }
    onlyInHead = others.map { $0[0].title }
    judge(rules)
  }

  /// All metrics of all scenarios are one family of questions.
  private mutating func judge(_ rules: ComparisonRules) {
    var generator = SeededGenerator(seed: rules.seed)
    let questionCount = scenarios.reduce(0) { $0 + $1.questionCount }
    for index in scenarios.indices {
      scenarios[index].measure(rules, questionCount: questionCount, using: &generator)
    }
    let places = scenarios.indices.flatMap { scenario in
      scenarios[scenario].metrics.indices.map { (scenario, $0) }
    }
    let asked = places.filter { scenario, metric in
      let metric = scenarios[scenario].metrics[metric]
      return metric.pValue != nil && !metric.isConstant
    }
    let corrected = HolmCorrection.corrected(
      asked.map { scenarios[$0.0].metrics[$0.1].pValue ?? 1 })
    for ((scenario, metric), pValue) in zip(asked, corrected) {
      scenarios[scenario].metrics[metric].pValue = pValue
    }
    for (scenario, metric) in places { scenarios[scenario].metrics[metric].judge(rules) }
  }

  /// Results by scenario, in the order in which the scenarios first come.
  private static func groups(_ results: [LoadResults]) -> [[LoadResults]] {
    results.reduce(into: []) { groups, result in
      let match = groups.firstIndex { $0[0].differences(from: result).isEmpty }
      if let match { groups[match].append(result) } else { groups.append([result]) }
    }
  }

  /// All metrics of all scenarios.
  var metrics: [MetricComparison] { scenarios.flatMap(\.metrics) }

  /// Whether a metric became worse.
  public var isRegression: Bool { metrics.contains { $0.judgement == .worse } }

  /// Whether there is a verdict on every metric that both sides measured.
  public var isJudged: Bool {
    metrics.allSatisfy { $0.base.isEmpty || $0.head.isEmpty || $0.pValue != nil }
  }
}
