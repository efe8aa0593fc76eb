internal import Glibc

/// What became of one metric of a load scenario.
public struct MetricComparison: Equatable, Sendable {
  /// What can be said.
  public enum Judgement: Equatable, Sendable {
    /// A change for the better that is no chance.
    case better
    /// A change for the worse that is no chance.
    case worse
    /// No change, or one that is too small to matter or may be chance.
    case noChange
    /// Nothing, for this reason.
    case notJudged(String)
  }

  /// How the values changed.
  public struct Effect: Equatable, Sendable {
    /// Whether `size` is a share of base (0.1 is 10 % more), and not a difference.
    public var isRelative: Bool
    /// The size of the change, positive where head has more.
    public var size: Double
    /// Between which sizes it lies with the rules' confidence; nil where there is too little to tell.
    public var interval: Bootstrap.Interval?
  }

  /// What is compared.
  public var metric: LoadMetric
  /// The value of each run of base that measured it.
  public var base: [Double]
  /// The value of each run of head that measured it.
  public var head: [Double]
  /// How it changed; nil where one side measured nothing.
  public var effect: Effect?
  /// How likely such a difference is by chance, corrected for the number of questions.
  public var pValue: Double?
  /// Whether each run of base was judged with the run of head that was made beside it.
  public var isPaired = false
  /// What can be said.
  public var judgement = Judgement.notJudged("")

  /// Takes the values of a metric; nil where no run has any.
  init?(_ metric: LoadMetric, base: [LoadResults], head: [LoadResults]) {
    self.metric = metric
    self.base = base.compactMap { metric.finiteValue(in: $0) }
    self.head = head.compactMap { metric.finiteValue(in: $0) }
    if self.base.isEmpty && self.head.isEmpty { return nil }
  }

  /// Whether all values are one and the same, so that no test is needed to see that nothing changed.
  var isConstant: Bool {
    (base + head).allSatisfy { $0 == base.first }
  }

  /// Errors are events: their mean tells of one in a few runs, which the median hides.
  var isOfEvents: Bool {
    if case .errors = metric { true } else { false }
  }

  /// How two samples differ: by a share where nothing is zero, or else by a difference.
  private func change(isRelative: Bool) -> ([Double], [Double]) -> Double {
    if isOfEvents { return { $1.mean - $0.mean } }
    return isRelative ? { $1.median / $0.median - 1 } : { $1.median - $0.median }
  }

  /// Fills in how the values changed, and how likely that is by chance.
  mutating func measure(
    _ rules: ComparisonRules, isSampleEnough: Bool,
    using generator: inout some RandomNumberGenerator
  ) {
    guard !base.isEmpty, !head.isEmpty else { return }
    let isRelative = !isOfEvents && base.allSatisfy { $0 > 0 }
    let bootstrap = Bootstrap(drawCount: rules.drawCount, confidence: rules.confidence)
    if isPaired {
      let differences = differences(isRelative: isRelative)
      let change = changeOfPairs(isRelative: isRelative)
      effect = Effect(isRelative: isRelative, size: change(differences))
      guard isSampleEnough else { return }
      effect?.interval = bootstrap.interval(differences, [0], using: &generator) { drawn, _ in
        change(drawn)
      }
      pValue = SignedRankTest(differences).pValue
    } else {
      let change = change(isRelative: isRelative)
      effect = Effect(isRelative: isRelative, size: change(base, head))
      guard isSampleEnough else { return }
      effect?.interval = bootstrap.interval(base, head, using: &generator, of: change)
      pValue = isConstant ? 1 : MannWhitneyTest(base, head).pValue
    }
  }

  /// By how much each run of head differs from the one of base beside it; relative ones as logarithms, by
  /// which a half and a double are equally far.
  private func differences(isRelative: Bool) -> [Double] {
    // A rate of nothing is as far below as can be.
    zip(base, head).map { isRelative ? log(max($1, $0 * 1e-9) / $0) : $1 - $0 }
  }

  /// What differences of pairs come to.
  private func changeOfPairs(isRelative: Bool) -> ([Double]) -> Double {
    if isOfEvents { return { $0.mean } }
    return isRelative ? { exp($0.median) - 1 } : { $0.median }
  }

  /// Judges by the corrected p value.
  mutating func judge(_ rules: ComparisonRules) {
    guard let effect, let pValue else { return }
    let isGreatEnough = effect.isRelative ? effect.size.magnitude >= rules.minimumEffect : true
    if pValue > rules.significance || !isGreatEnough || effect.size == 0 {
      judgement = .noChange
    } else {
      judgement = (effect.size > 0) == metric.isBetterWhenGreater ? .better : .worse
    }
  }
}

extension LoadMetric {
  /// What was measured, if it is a number that can be compared.
  fileprivate func finiteValue(in results: LoadResults) -> Double? {
    value(in: results).flatMap { $0.isFinite ? $0 : nil }
  }
}
