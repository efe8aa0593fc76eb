/// Runs in the order of time: what became of verdicts and measurements, and with which commit.
///
/// ```swift
/// let history = History(try HistoryFolder("reports/history").read().entries)
/// print(HistoryText.render(history), history.isRegression)
/// ```
public struct History: Equatable, Sendable {
  /// The runs, the oldest first.
  public var entries: [HistoryEntry]
  /// The load scenarios, in the order in which they first come.
  public var scenarios: [HistoryScenario]
  /// Where cases began or ceased to stop the gate.
  public var verdictChanges: [VerdictChange]
  /// The rules that were applied.
  public var rules: HistoryRules

  /// Cases of a peer that stop the gate since an entry, or do so no more.
  public struct VerdictChange: Equatable, Sendable {
    /// The peer's name.
    public var agent: String
    /// The position of the entry before that played the peer.
    public var lastEntry: Int
    /// The position of the first entry after.
    public var firstEntry: Int
    /// The cases that stop the gate and did not before.
    public var broken: [String]
    /// Those that did and do no more.
    public var mended: [String]
    /// How many of ``broken`` still stop the gate in the last entry that played them.
    public var standingCount: Int
  }

  /// Orders and judges entries; metrics that they were not read with are left out.
  public init(_ entries: [HistoryEntry], rules: HistoryRules = .init()) {
    self.rules = rules
    let sorted = entries.sorted { ($0.started, $0.name) < ($1.started, $1.name) }
    self.entries = sorted
    verdictChanges = Self.verdictChanges(sorted)
    scenarios = Self.scenarios(sorted, rules)
    // All sequences together are one family of questions.
    let count = scenarios.reduce(0) { $0 + $1.series.count { !$0.isConstant } }
    let significance = (1 - rules.confidence) / Double(max(1, count))
    for index in scenarios.indices {
      for position in scenarios[index].series.indices {
        scenarios[index].series[position].judge(rules, significance: significance)
      }
    }
  }

  /// Whether a change for the worse began among the last runs and has not been made good.
  public var isRegression: Bool { !regressions.isEmpty || !verdictRegressions.isEmpty }

  /// The changes of measurements that ``isRegression`` is about.
  public var regressions:
    [(scenario: HistoryScenario, metric: LoadMetric, change: HistorySeries.Change)]
  {
    scenarios.flatMap { scenario in
      scenario.series.flatMap { series in
        series.changes.filter { $0.isWorse && $0.stands && isRecent($0.firstEntry) }
          .map { (scenario, series.metric, $0) }
      }
    }
  }

  /// The changes of verdicts that ``isRegression`` is about.
  public var verdictRegressions: [VerdictChange] {
    verdictChanges.filter { $0.standingCount > 0 && isRecent($0.firstEntry) }
  }

  private func isRecent(_ entry: Int) -> Bool { entry >= entries.count - rules.recentCount }

  private static func scenarios(_ entries: [HistoryEntry], _ rules: HistoryRules)
    -> [HistoryScenario]
  {
    var groups: [(first: LoadResults, machine: String, places: [(entry: Int, position: Int)])] = []
    for (index, entry) in entries.enumerated() where entry.isComplete {
      for (position, measurement) in entry.measurements.enumerated() {
        let match = groups.firstIndex { group in
          (rules.joinsMachines || group.machine == entry.machine)
            && measurement.scenario.differences(from: group.first).isEmpty
        }
        if let match {
          groups[match].places.append((index, position))
        } else {
          groups.append((measurement.scenario, entry.machine, [(index, position)]))
        }
      }
    }
    var titles: [String: LoadResults] = [:]
    return groups.map { first, machine, places in
      let series = rules.metrics.compactMap { metric -> HistorySeries? in
        let measured = places.compactMap { place in
          entries[place.entry].measurements[place.position].value(metric)
            .map { (entry: place.entry, value: $0) }
        }
        guard !measured.isEmpty else { return nil }
        return HistorySeries(
          metric: metric, entries: measured.map(\.entry), values: measured.map(\.value))
      }
      // What has the title of another scenario says in what it differs.
      let differences = titles[first.title].map { first.differences(from: $0) } ?? []
      if titles[first.title] == nil { titles[first.title] = first }
      let name =
        differences.isEmpty
        ? first.title : "\(first.title); unlike the first: \(differences.joined(separator: ", "))"
      return HistoryScenario(
        name: name, machine: rules.joinsMachines ? "any machine" : machine, series: series)
    }
  }

  private static func verdictChanges(_ entries: [HistoryEntry]) -> [VerdictChange] {
    var latest: [String: (entry: Int, stopsGate: [String: Bool])] = [:]
    var changes: [VerdictChange] = []
    for (index, entry) in entries.enumerated() where entry.isComplete {
      for agent in entry.agents {
        let before = latest[agent.name]
        // Cases that this run left out are as they were.
        latest[agent.name] = (
          index, (before?.stopsGate ?? [:]).merging(agent.stopsGate) { $1 }
        )
        guard let before else { continue }
        let changed = agent.stopsGate.filter { before.stopsGate[$0.key] == !$0.value }
        guard !changed.isEmpty else { continue }
        changes.append(
          VerdictChange(
            agent: agent.name, lastEntry: before.entry, firstEntry: index,
            broken: changed.filter(\.value).keys.sorted(),
            mended: changed.filter { !$0.value }.keys.sorted(), standingCount: 0))
      }
    }
    for index in changes.indices {
      let now = latest[changes[index].agent]?.stopsGate ?? [:]
      changes[index].standingCount = changes[index].broken.count { now[$0] == true }
    }
    return changes
  }
}
