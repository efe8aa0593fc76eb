/// One metric of one load scenario through the runs of a history.
public struct HistorySeries: Equatable, Sendable {
  /// A change that is more than chance and large enough to matter.
  public struct Change: Equatable, Sendable {
    /// The position, in the history, of the last entry before the change.
    public var lastEntry: Int
    /// The position, in the history, of the first entry after it.
    public var firstEntry: Int
    /// The middle of the values before, back to the change before.
    public var before: Double
    /// The middle of the values after, up to the next change.
    public var after: Double
    /// How likely it is that chance alone does as much, in one sequence.
    public var pValue: Double
    /// Whether it is for the worse.
    public var isWorse: Bool
    /// Whether, by the last runs, it has not been made good.
    public var stands: Bool

    /// The change as a share of what was before; nil where that was nothing.
    public var relativeSize: Double? { before > 0 ? after / before - 1 : nil }
  }

  /// What was measured.
  public var metric: LoadMetric
  /// The positions, in the history, of the entries that measured it.
  public var entries: [Int]
  /// The value of each: the middle of its repetitions.
  public var values: [Double]
  /// The changes, in order.
  public var changes: [Change] = []

  /// Whether nothing ever differs, so that nothing needs to be asked.
  var isConstant: Bool { values.allSatisfy { $0 == values.first } }

  /// Finds the changes, at this level of significance.
  mutating func judge(_ rules: HistoryRules, significance: Double) {
    guard !isConstant else { return }
    var detection = ChangePointDetection()
    detection.significance = significance
    detection.minimumCount = rules.minimumCount
    detection.seed = rules.seed
    var points = detection.changePoints(in: values)
    // The least change goes first: what it divided may then differ less from its other neighbour.
    while let least = points.indices.min(by: { size(points, $0) < size(points, $1) }),
      size(points, least) < rules.minimumEffect
    {
      points.remove(at: least)
    }
    changes = points.indices.map { change(points, $0, rules) }
  }

  /// The middle of a stretch; of events their mean, which tells of one in a few runs.
  private func level(_ points: [ChangePoint], after position: Int) -> Double {
    let start = position < 0 ? 0 : points[position].index
    let end = position + 1 < points.count ? points[position + 1].index : values.count
    let stretch = Array(values[start..<end])
    if case .errors = metric { return stretch.mean }
    return stretch.median
  }

  private func size(_ points: [ChangePoint], _ position: Int) -> Double {
    relativeSize(level(points, after: position - 1), level(points, after: position))
  }

  private func relativeSize(_ before: Double, _ after: Double) -> Double {
    if before == after { return 0 }
    return before > 0 ? (after / before - 1).magnitude : .infinity
  }

  private func change(_ points: [ChangePoint], _ position: Int, _ rules: HistoryRules) -> Change {
    let before = level(points, after: position - 1)
    let after = level(points, after: position)
    let last = level(points, after: points.count - 1)
    let isWorse = (after > before) != metric.isBetterWhenGreater
    let isStillWorse = (last > before) != metric.isBetterWhenGreater
    return Change(
      lastEntry: entries[points[position].index - 1], firstEntry: entries[points[position].index],
      before: before, after: after, pValue: points[position].pValue, isWorse: isWorse,
      stands: isWorse == isStillWorse && relativeSize(before, last) >= rules.minimumEffect)
  }
}

/// One load scenario on one machine through the runs of a history.
public struct HistoryScenario: Equatable, Sendable {
  /// The scenario in a few words.
  public var name: String
  /// The machine in a few words.
  public var machine: String
  /// The metrics that were measured, in the order in which they were asked for.
  public var series: [HistorySeries]
}
