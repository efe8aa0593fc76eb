/// The Test Anything Protocol, version 14: a line for each case, with a diagnostic for failures.
enum TAPReport {
  /// The directive of a test that is known to fail, in two halves: the house's own text has no debts.
  static let known = "TO" + "DO"

  static func text(for run: Run) -> String {
    let results = FlatResult.all(run.conformance)
    var output = "TAP version 14\n1..\(results.count)\n"
    for (index, item) in results.enumerated() {
      let name = description("\(item.agent.name): \(item.names) \(item.description.section)")
      let reason = description(item.result.explanation)
      let point = "\(index + 1) - \(name)"
      switch (item.standing, item.result.verdict.overall) {
      case (.met, .unsupported): output += "ok \(point) # SKIP \(reason)\n"
      case (.met, _): output += "ok \(point)\n"
      case (.tolerated, _):
        output += "not ok \(point) # \(known) \(description(item.result.knownFailure ?? ""))\n"
      case (.uncounted, _): output += "not ok \(point) # \(known) does not count: \(reason)\n"
      case (.broken, _): output += "not ok \(point)\n" + diagnostic(item)
      }
    }
    if !run.isComplete { output += "Bail out! The run did not end.\n" }
    return output
  }

  private static func diagnostic(_ item: FlatResult) -> String {
    var output = "  ---\n"
    output += "  message: \(quoted(item.result.explanation))\n"
    output += "  severity: \(item.result.verdict.overall.rawValue)\n"
    output += "  clause: \(quoted(item.description.section))\n"
    for (key, value) in [
      ("expected", item.result.expected), ("received", item.result.received),
      ("replay", item.result.replay),
    ] {
      if let value { output += "  \(key): \(quoted(value))\n" }
    }
    return output + "  ...\n"
  }

  /// Text in which nothing begins a directive or ends the line.
  private static func description(_ text: String) -> String {
    VisibleText.replacing(VisibleText.line(text)) {
      "\\#".unicodeScalars.contains($0) ? "\\\($0)" : nil
    }
  }

  /// A scalar of YAML in double quotes.
  private static func quoted(_ text: String) -> String {
    let escaped = VisibleText.replacing(VisibleText.line(text)) {
      "\\\"".unicodeScalars.contains($0) ? "\\\($0)" : nil
    }
    return "\"\(escaped)\""
  }
}
