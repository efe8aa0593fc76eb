/// A comparison in Markdown, for a comment on a change or a CI system's page.
public enum ComparisonMarkdown {
  /// How many changes are listed for each peer before the rest is only counted.
  static let changeLimit = 100

  /// The document; it ends in a newline, and what a peer sent is no markup in it.
  public static func text(for comparison: RunComparison) -> String {
    var output = "# \(cell(comparison.verdictInWords))\n\n"
    for difference in comparison.forced {
      output += "- compared all the same: \(cell(difference))\n"
    }
    if !comparison.forced.isEmpty { output += "\n" }
    if let conformance = comparison.conformance {
      for agent in conformance.agents { output += section(agent, isStrict: conformance.isStrict) }
      output += missing(conformance.onlyInBase, "peer", "base")
      output += missing(conformance.onlyInHead, "peer", "head")
    }
    if let load = comparison.load {
      for scenario in load.scenarios { output += section(scenario) }
      output += missing(load.onlyInBase, "scenario", "base")
      output += missing(load.onlyInHead, "scenario", "head")
      output += "For load, \(cell(comparison.rulesInWords)).\n"
    }
    return output
  }

  private static func section(
    _ agent: ConformanceComparison.Agent, isStrict: Bool
  ) -> String {
    var output = "## \(cell(agent.name))\n\n\(cell(agent.summary))\n\n"
    if !agent.changes.isEmpty {
      output += "| | case | clause | verdict | reason |\n|---|---|---|---|---|\n"
    }
    for change in agent.changes.prefix(changeLimit) {
      let word = cell(change.directionInWords)
      output += "| \(change.isRegression(isStrict: isStrict) ? "**\(word)**" : word) "
      output += "| \(cell(change.names.joined(separator: ", "))) "
      output += "| \(cell(change.description.section)) | \(cell(change.verdictsInWords)) "
      output += "| \(cell(change.explanation)) |\n"
    }
    let rest = agent.changes.count - changeLimit
    if rest > 0 { output += "\n… and \(rest) more.\n" }
    if !agent.changes.isEmpty { output += "\n" }
    return output + missing(agent.onlyInBase, "case", "base")
      + missing(agent.onlyInHead, "case", "head")
  }

  private static func section(_ scenario: ScenarioComparison) -> String {
    var output = "## \(cell(scenario.name))\n\n"
    output += "\(scenario.counts).\n\n"
    output += "| | base | head | change | lies within | p | |\n|---|--:|--:|--:|--:|--:|---|\n"
    for metric in scenario.metrics {
      let word = metric.judgementInWords
      let cells =
        [metric.metric.name] + metric.middles
        + [metric.effectInWords, metric.intervalInWords, metric.pValueInWords]
      output += "| \(cells.map(cell).joined(separator: " | ")) "
      output += "| \(metric.judgement == .worse ? "**worse**" : word) |\n"
    }
    output += "\n"
    let notes = scenario.reasons.map { "not judged: \($0)" } + scenario.remarks
    for note in notes { output += "- \(cell(note))\n" }
    return notes.isEmpty ? output : output + "\n"
  }

  private static func missing(_ names: [String], _ what: String, _ side: String) -> String {
    guard !names.isEmpty else { return "" }
    let some = names.prefix(20).map(cell).joined(separator: ", ")
    let count = "\(names.count) \(what)\(names.count == 1 ? "" : "s")"
    return "Only in \(side): \(count): \(some)\(names.count > 20 ? ", …" : "").\n\n"
  }

  private static func cell(_ text: String) -> String { MarkdownText.cell(text) }
}
