/// A comparison as a screenful of text for a terminal or a log.
public enum ComparisonText {
  /// How many changes are listed for each peer before the rest is only counted.
  public static let changeLimit = 40

  /// Renders a comparison.
  ///
  /// The text ends in a newline. What a peer sent cannot control the terminal.
  public static func render(_ comparison: RunComparison, colored: Bool = false) -> String {
    var output = Output(isColored: colored)
    if !comparison.forced.isEmpty {
      let differences = comparison.forced.map { VisibleText.line($0) }.joined(separator: "; ")
      output.line(output.paint("Compared all the same, but: \(differences)", "33"))
      output.line()
    }
    if let conformance = comparison.conformance { output.append(conformance) }
    if let load = comparison.load { output.append(load, rules: comparison.rulesInWords) }
    let color = comparison.isRegression ? "31" : comparison.isJudged ? "32" : "33"
    output.line(output.paint(comparison.verdictInWords, color))
    return output.text
  }

  private struct Output: TerminalOutput {
    let isColored: Bool
    var text = ""

    init(isColored: Bool) { self.isColored = isColored }

    mutating func append(_ conformance: ConformanceComparison) {
      for agent in conformance.agents {
        line("\(paint("Conformance", "1"))  \(VisibleText.line(agent.name))")
        line("  \(agent.summary)")
        for change in agent.changes.prefix(ComparisonText.changeLimit) {
          let isRegression = change.isRegression(isStrict: conformance.isStrict)
          let word = change.directionInWords
          let names = change.names.joined(separator: "  ")
          line(
            "  \(paint(isRegression ? word.uppercased() : word, color(of: change.direction)))"
              + "  \(VisibleText.line(names))  \(VisibleText.line(change.description.section))"
              + "  \(change.verdictsInWords)")
          line("        \(VisibleText.line(change.explanation))")
        }
        let rest = agent.changes.count - ComparisonText.changeLimit
        if rest > 0 { line("  … and \(rest) more") }
        appendMissing(agent.onlyInBase, "case", "base")
        appendMissing(agent.onlyInHead, "case", "head")
        line()
      }
      appendMissing(conformance.onlyInBase, "peer", "base")
      appendMissing(conformance.onlyInHead, "peer", "head")
    }

    /// Names what only one side has: a few of them.
    private mutating func appendMissing(_ names: [String], _ what: String, _ side: String) {
      guard !names.isEmpty else { return }
      let some = names.prefix(5).map { VisibleText.line($0) }.joined(separator: ", ")
      let count = "\(names.count) \(what)\(names.count == 1 ? "" : "s")"
      line("  only in \(side): \(count): \(some)\(names.count > 5 ? ", …" : "")")
    }

    mutating func append(_ load: LoadComparison, rules: String) {
      for scenario in load.scenarios {
        line("\(paint("Load", "1"))  \(VisibleText.line(scenario.name))")
        line("  \(scenario.counts); \(rules)")
        appendTable(scenario.metrics)
        for text in scenario.reasons { line("  \(paint("not judged", "33"))  \(text)") }
        for remark in scenario.remarks {
          line("  \(paint("SUSPECT", "33"))  \(VisibleText.line(remark))")
        }
        line()
      }
      appendMissing(load.onlyInBase, "scenario", "base")
      appendMissing(load.onlyInHead, "scenario", "head")
    }

    private mutating func appendTable(_ metrics: [MetricComparison]) {
      let header = ["", "base", "head", "change", "lies within", "p", ""]
      let rows = metrics.map { metric in
        let isWorse = metric.judgement == .worse
        return [metric.metric.name] + metric.middles + [
          metric.effectInWords, metric.intervalInWords, metric.pValueInWords,
          isWorse ? "WORSE" : metric.judgementInWords,
        ]
      }
      let lines = TextTable.lines([header] + rows, leftColumns: [0, 6])
      line("  " + lines[0])
      // A line is painted as a whole, so that columns stay aligned.
      for (row, metric) in zip(lines.dropFirst(), metrics) {
        line("  " + paint(row, color(of: metric.judgement)))
      }
    }

    private func color(of direction: CaseChange.Direction) -> String {
      switch direction {
      case .worse: "31"
      case .better: "32"
      case .aside: "34"
      }
    }

    private func color(of judgement: MetricComparison.Judgement) -> String {
      switch judgement {
      case .worse: "31"
      case .better: "32"
      case .noChange: "0"
      case .notJudged: "90"
      }
    }
  }
}
