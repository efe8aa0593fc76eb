/// The drawings of a history: each metric through the runs, with the level between changes.
struct HistoryCharts {
  let history: History

  /// The figures of a scenario; `id` is unique in the page.
  func figures(_ scenario: HistoryScenario, id: String) -> String {
    scenario.series.enumerated()
      .map { figure($1, id: "\(id)-\($0)") }.joined(separator: "\n")
  }

  /// How many cases stop the gate, for each peer; nil where no run has any.
  func verdicts(id: String) -> String? {
    var names: [String] = []
    for agent in history.entries.flatMap(\.agents) where !names.contains(agent.name) {
      names.append(agent.name)
    }
    guard !names.isEmpty else { return nil }
    // As many as the page has line styles; the table has them all.
    let lines = names.prefix(4).enumerated().map { position, name in
      Chart.Line(
        name: name, style: position + 1,
        points: history.entries.enumerated().compactMap { index, entry in
          entry.agents.first { $0.name == name }.map { (Double(index), Double($0.brokenCount)) }
        })
    }
    let greatest = lines.flatMap(\.points).map(\.y).max() ?? 0
    let chart = Chart(
      title: "Broken requirements",
      description: "How many cases stop the gate in each run, at most \(Int(greatest)).",
      x: runAxis,
      y: .fromZero(to: max(greatest, 5), label: "cases", text: NumberText.plainCount),
      lines: lines)
    return chart.figure(id: id)
  }

  private func figure(_ series: HistorySeries, id: String) -> String {
    let points = zip(series.entries, series.values).map { (x: Double($0), y: $1) }
    var lines = [Chart.Line(name: "each run", style: 1, points: points)]
    if !series.changes.isEmpty {
      lines.append(Chart.Line(name: "level", style: 4, points: levels(series)))
    }
    let changes = series.changes.map { change in
      "\(history.span(from: change.lastEntry, to: change.firstEntry)): "
        + "\(change.sizeInWords(series.metric)) \(change.judgementInWords)"
    }
    let last = series.values.last.map(series.metric.words) ?? ""
    let chart = Chart(
      title: series.metric.title,
      description: "\(series.values.count) runs, the last with \(last); "
        + (changes.isEmpty ? "no change." : "changes: " + changes.joined(separator: "; ")),
      x: runAxis,
      y: .around(series.values, label: series.metric.name, text: series.metric.axisText),
      lines: lines)
    return chart.figure(id: id)
  }

  /// Steps from one level to the next.
  private func levels(_ series: HistorySeries) -> [(x: Double, y: Double)] {
    guard let start = series.entries.first, let end = series.entries.last,
      let first = series.changes.first
    else { return [] }
    var points = [(x: Double(start), y: first.before)]
    for change in series.changes {
      let place = (Double(change.lastEntry) + Double(change.firstEntry)) / 2
      points += [(place, change.before), (place, change.after)]
    }
    return points + [(Double(end), series.changes.last?.after ?? first.after)]
  }

  /// The runs by their number, with the day of some.
  private var runAxis: Chart.Axis {
    let last = max(1, history.entries.count - 1)
    let tickCount = min(5, history.entries.count)
    let places = (0..<tickCount).map { tickCount > 1 ? $0 * last / (tickCount - 1) : 0 }
    let ticks = places.filter { $0 < history.entries.count }.map { place in
      (value: Double(place), label: String(history.entries[place].started.day.dropFirst(5)))
    }
    // A little more than the last run, for its day to have room.
    return Chart.Axis(label: "runs", range: 0...Double(last) * 1.02, ticks: ticks)
  }
}

extension LoadMetric {
  /// The name for headings.
  fileprivate var title: String {
    switch self {
    case .percentile(_, let ofSetUp):
      ofSetUp ? "Connection set-up, \(name.dropFirst("connect-".count))" : "Latency, \(name)"
    case .mean: "Latency, mean"
    case .maximum: "Latency, greatest"
    case .errors: "Errors"
    case .reach: "Reach"
    case .rate: "Messages per second"
    case .connected: "Connections that were established"
    case .serverCPU: "The server's processor time for each message"
    }
  }

  /// A value on an axis.
  fileprivate var axisText: (Double) -> String {
    switch self {
    case .percentile, .mean, .maximum, .serverCPU: NumberText.plainDuration
    case .errors, .rate: NumberText.plainCount
    case .reach, .connected: { "\(NumberText.plain($0)) %" }
    }
  }
}
