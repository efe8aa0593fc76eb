/// A history as text for a terminal or a log: the runs, the trends, what changed.
public enum HistoryText {
  /// How many of the latest runs are listed unless somebody says otherwise.
  public static let usualLimit = 20
  /// How many columns a trend takes at most.
  private static let trendWidth = 60
  /// How many cases a change of verdicts names.
  private static let caseLimit = 5

  /// Renders a history with so many of the latest runs; the trends are about all of them.
  ///
  /// The text ends in a newline. What a peer or a run said cannot control the terminal.
  public static func render(
    _ history: History, limit: Int = usualLimit, colored: Bool = false
  ) -> String {
    var output = Output(isColored: colored)
    output.line("\(output.paint("History", "1"))  \(history.span)")
    output.appendRuns(history, limit: limit)
    output.appendVerdicts(history)
    for scenario in history.scenarios { output.append(scenario, history) }
    output.line()
    output.line(output.paint(history.verdictInWords, history.isRegression ? "31" : "32"))
    return output.text
  }

  private struct Output: TerminalOutput {
    let isColored: Bool
    var text = ""

    init(isColored: Bool) { self.isColored = isColored }

    mutating func appendRuns(_ history: History, limit: Int) {
      let metrics = (history.mainScenario?.series ?? []).map(\.metric.name)
      let shown = history.entries.indices.suffix(max(0, limit))
      let rows = shown.map { index in
        let entry = history.entries[index]
        let names = [entry.source?.shortCommit ?? "–", entry.nameInWords, entry.verdictsInWords]
        return [entry.started.minute] + names.map { VisibleText.line(String($0.prefix(60))) }
          + history.cells(ofEntry: index)
      }
      let header = ["started", "commit", "run", "verdicts"] + metrics
      let lines = TextTable.lines([header] + rows, leftColumns: [0, 1, 2, 3])
      line("  " + paint(lines[0], "2"))
      for row in lines.dropFirst() { line("  " + row) }
      let hidden = history.entries.count - shown.count
      if hidden > 0 { line("  … and \(hidden) before") }
    }

    mutating func appendVerdicts(_ history: History) {
      guard !history.verdictChanges.isEmpty else { return }
      line()
      line(paint("Verdicts", "1"))
      for change in history.verdictChanges {
        let place = history.span(from: change.lastEntry, to: change.firstEntry)
        line(
          "  \(history.entries[change.firstEntry].started.minute)  \(VisibleText.line(place))  "
            + VisibleText.line(change.agent))
        append("broken", change.broken, color: change.standingCount > 0 ? "31" : "0")
        append("mended", change.mended, color: "32")
      }
    }

    private mutating func append(_ word: String, _ cases: [String], color: String) {
      guard !cases.isEmpty else { return }
      let names = cases.prefix(HistoryText.caseLimit).map { VisibleText.line($0) }
      let rest = cases.count - names.count
      line(
        "    \(paint("\(cases.count) \(word)", color)): \(names.joined(separator: ", "))"
          + (rest > 0 ? ", and \(rest) more" : ""))
    }

    mutating func append(_ scenario: HistoryScenario, _ history: History) {
      line()
      line("\(paint("Load", "1"))  \(VisibleText.line(scenario.name))")
      line("  \(VisibleText.line(scenario.machine))")
      let width = scenario.series.map(\.metric.name.count).max() ?? 0
      for series in scenario.series { append(series, nameWidth: width, history) }
    }

    private mutating func append(_ series: HistorySeries, nameWidth: Int, _ history: History) {
      let name = series.metric.name
      let margin = String(repeating: " ", count: nameWidth + 4)
      let (trend, columns) = Sparkline.line(series.values, width: HistoryText.trendWidth)
      let padding = String(repeating: " ", count: nameWidth - name.count)
      let last = series.values.last.map(series.metric.words) ?? ""
      let range = [series.values.min(), series.values.max()].compactMap { $0 }
        .map(series.metric.words).joined(separator: " to ")
      line("  \(name)\(padding)  \(trend)  \(last)  \(paint("(\(range))", "2"))")
      guard !series.changes.isEmpty else { return }
      var marks = [Character](repeating: " ", count: trend.count)
      for change in series.changes {
        if let place = series.entries.firstIndex(of: change.firstEntry) {
          marks[columns[place]] = "▲"
        }
      }
      while marks.last == " " { marks.removeLast() }
      line(margin + String(marks))
      for change in series.changes {
        let place = history.span(from: change.lastEntry, to: change.firstEntry)
        let color = change.isWorse ? (change.stands ? "31" : "33") : "32"
        line(
          "\(margin)▲ \(history.entries[change.firstEntry].started.minute)  "
            + "\(VisibleText.line(place))  "
            + paint("\(change.sizeInWords(series.metric)) \(change.judgementInWords)", color)
            + "  \(change.pValueInWords)")
      }
    }
  }
}
