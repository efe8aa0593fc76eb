/// What a history says in words, for every rendering.

extension History {
  /// `No regression.`, or what became worse.
  var verdictInWords: String {
    var parts: [String] = []
    for change in verdictRegressions {
      let count = change.standingCount
      parts.append("\(count) \(count == 1 ? "case" : "cases") of \(change.agent)")
    }
    for name in regressions.map(\.metric.name) where !parts.contains(name) { parts.append(name) }
    guard !parts.isEmpty else { return "No regression." }
    let recent = NumberText.counted(rules.recentCount, "run")
    return "Regression in the last \(recent): \(parts.joined(separator: ", "))"
  }

  /// `42 runs, 2026-10-01 to 2026-11-21`.
  var span: String {
    let days = [entries.first, entries.last].compactMap { $0.map { $0.started.day } }
    let count = "\(entries.count) \(entries.count == 1 ? "run" : "runs")"
    guard days.count == 2 else { return count }
    return days[0] == days[1] ? "\(count), \(days[0])" : "\(count), \(days[0]) to \(days[1])"
  }

  /// Between which commits something changed: `1a2b3c4d → 5e6f7a8b`; of runs without, their names.
  func span(from last: Int, to first: Int) -> String {
    let names = [last, first].map { entries[$0].source?.shortCommit ?? entries[$0].name }
    return names[0] == names[1] ? names[1] : names.joined(separator: " → ")
  }

  /// The scenario that most entries have, which the list of runs shows.
  var mainScenario: HistoryScenario? {
    let counts = scenarios.map { $0.series.map(\.entries.count).max() ?? 0 }
    guard let greatest = counts.max(), let index = counts.firstIndex(of: greatest) else {
      return nil
    }
    return scenarios[index]
  }

  /// The metrics of the main scenario of one entry, with their units; a dash where there is none.
  func cells(ofEntry index: Int) -> [String] {
    (mainScenario?.series ?? []).map { series in
      guard let position = series.entries.firstIndex(of: index) else { return "–" }
      return series.metric.words(series.values[position])
    }
  }
}

extension HistoryEntry {
  /// `517 cases, 3 broken`, for all peers together; empty without any.
  var verdictsInWords: String {
    guard !agents.isEmpty else { return "" }
    let count = agents.reduce(0) { $0 + $1.caseCount }
    let broken = agents.reduce(0) { $0 + $1.brokenCount }
    return "\(NumberText.grouped(Double(count))) \(count == 1 ? "case" : "cases"), "
      + "\(broken == 0 ? "none" : "\(broken)") broken"
  }

  /// The name with what else is to be known of it.
  var nameInWords: String {
    (runCount > 1 ? "\(name) (\(runCount) runs)" : name) + (isComplete ? "" : " (did not end)")
  }
}

extension HistorySeries.Change {
  /// `+10.2 %`; of what was nothing before: `0 → 12`.
  func sizeInWords(_ metric: LoadMetric) -> String {
    guard let relativeSize else { return "\(metric.words(before)) → \(metric.words(after))" }
    return "\(relativeSize > 0 ? "+" : "")\(NumberText.fixed(100 * relativeSize, 1)) %"
  }

  /// `worse`, `better`, and of the former whether it was made good.
  var judgementInWords: String {
    isWorse ? (stands ? "worse" : "worse, made good since") : "better"
  }

  /// `p 0.0004`.
  var pValueInWords: String { "p \(NumberText.fixed(pValue, 4))" }
}

extension Timestamp {
  /// `2026-11-21`.
  var day: String { String(description.prefix(10)) }
  /// `2026-11-21 18:02`.
  var minute: String { String(description.prefix(16).replacing("T", with: " ")) }
}
