/// A history as CSV (RFC 4180): a line for each entry, a column for each metric of each scenario.
///
/// Spreadsheets read it, and so do other programs that look for change points.
public enum HistoryCSV {
  /// The document: times as RFC 3339, durations in nanoseconds, shares in percent.
  public static func text(for history: History) -> String {
    let columns = history.scenarios.enumerated().flatMap { number, scenario in
      scenario.series.map { series in
        let prefix = history.scenarios.count > 1 ? "\(number + 1)." : ""
        return (
          name: prefix + series.metric.name,
          values: Dictionary(
            zip(series.entries, series.values), uniquingKeysWith: { first, _ in first })
        )
      }
    }
    let header = ["time", "commit", "branch", "run", "cases", "broken"] + columns.map(\.name)
    var lines = [header]
    for (index, entry) in history.entries.enumerated() {
      let hasVerdicts = !entry.agents.isEmpty
      lines.append(
        [
          "\(entry.started)", entry.source?.commit ?? "", entry.source?.branch ?? "", entry.name,
          hasVerdicts ? "\(entry.agents.reduce(0) { $0 + $1.caseCount })" : "",
          hasVerdicts ? "\(entry.agents.reduce(0) { $0 + $1.brokenCount })" : "",
        ] + columns.map { column in column.values[index].map { "\($0)" } ?? "" })
    }
    return CSVText.text(lines)
  }
}
