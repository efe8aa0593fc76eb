/// The Test Anything Protocol, version 14: a line for each case, each load and whatever else went
/// wrong, with a diagnostic for failures.
enum TAPReport {
  /// The directive of a test that is known to fail, in two halves: the house's own text has no debts.
  static let known = "TO" + "DO"

  static func text(for run: Run) -> String {
    let results = FlatResult.all(run.conformance)
    let others = run.load.map(line(of:)) + RunTrouble.all(run).map(line(of:))
    var output = "TAP version 14\n1..\(results.count + others.count)\n"
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
    for (index, line) in others.enumerated() { output += line(results.count + index + 1) }
    if !run.isComplete { output += "Bail out! The run did not end.\n" }
    return output
  }

  /// What stands at a number of the list.
  private typealias Line = (_ number: Int) -> String

  private static func line(of load: LoadResults) -> Line {
    { number in
      let point = "\(number) - \(description("load: \(load.name)"))\n"
      guard !load.isAsRequired else { return "ok \(point)" }
      return "not ok \(point)" + diagnostic(load.shortfall, .fail)
    }
  }

  private static func line(of trouble: RunTrouble) -> Line {
    { number in
      let point = "not ok \(number) - \(description("\(trouble.place): \(trouble.name)"))"
      guard trouble.standing == .broken else {
        return "\(point) # \(known) does not count: \(description(trouble.reason))\n"
      }
      return "\(point)\n" + diagnostic(trouble.reason, trouble.grade)
    }
  }

  private static func diagnostic(_ message: String, _ grade: Grade) -> String {
    "  ---\n  message: \(quoted(message))\n  severity: \(grade.rawValue)\n  ...\n"
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
