/// A short summary in Markdown for a CI system's page: totals and failures, never more.
enum MarkdownSummary {
  /// How many failures are listed before the rest is only counted.
  static let failureLimit = 100
  /// No summary is longer, in octets: platforms refuse more than 1 MiB.
  static let byteLimit = 900_000

  static func text(for run: Run) -> String {
    let text = wholeText(for: run)
    guard text.utf8.count > byteLimit else { return text }
    // Whole lines only, so that no table row and no escape is cut.
    let kept = text.utf8.prefix(byteLimit - 100)
    let end = kept.lastIndex(of: 0x0A) ?? kept.startIndex
    return String(text[..<end]) + "\n\nThe rest is left out: the summary was too long.\n"
  }

  private static func wholeText(for run: Run) -> String {
    var output = "# \(cell(run.title ?? "Gauntlet"))\n\n"
    if let conformance = run.conformance {
      output += conformanceTable(conformance)
      let isCalm = RunTrouble.all(run).allSatisfy { $0.standing != .broken }
      output += failures(conformance, isCalm: isCalm)
    }
    if let capacity = run.capacity { output += cell(CapacityText.sentence(capacity)) + "\n\n" }
    if !run.load.isEmpty { output += loadTable(run.load) }
    if !run.isComplete { output += "The run did not end; these are its results so far.\n\n" }
    let memory = NumberText.octets(Double(run.environment.memoryByteCount))
    return output
      + "\(cell(run.tool.name)) \(cell(run.tool.version)), \(run.started), "
      + "\(cell(run.environment.processor)) × \(run.environment.processorCount), \(memory), "
      + "\(cell(run.environment.kernel))\n"
  }

  private static func conformanceTable(_ conformance: ConformanceResults) -> String {
    let grades = Grade.allCases
    var output = "| agent | cases | " + grades.map(\.rawValue).joined(separator: " | ") + " |\n"
    output += "|---|" + String(repeating: "--:|", count: grades.count + 1) + "\n"
    for agent in conformance.agents {
      let counts = agent.gradeCounts
      let numbers = grades.map { "\(counts[$0] ?? 0)" }
      output += "| \(cell(agent.name)) | \(agent.results.count) | "
      output += numbers.joined(separator: " | ") + " |\n"
    }
    return output + "\n"
  }

  private static func failures(
    _ conformance: ConformanceResults, isCalm: Bool
  ) -> String {
    var output = ""
    var rows: [String] = []
    var (tolerated, uncounted) = (0, 0)
    for agent in conformance.agents {
      for trouble in agent.troubles ?? [] {
        output += "- **\(cell(agent.name))**: \(cell(trouble))\n"
      }
      for group in UnsupportedGroup.all(of: agent, in: conformance) {
        output += "- \(cell(agent.name)) does not support: \(cell(group.text))\n"
      }
      for (description, result) in CaseGroups(conformance, agent: agent).groups.flatMap(\.results) {
        let standing = conformance.standing(of: result, level: description.level)
        if standing == .tolerated { tolerated += 1 }
        if standing == .uncounted { uncounted += 1 }
        guard standing == .broken else { continue }
        let names = ([description.id] + description.aliases).joined(separator: ", ")
        let word = result.unexpected == nil ? "" : "unexpected "
        rows.append(
          "| \(word)\(result.verdict.overall.rawValue) | \(cell(names)) "
            + "| \(cell(description.section)) | \(cell(agent.name)) "
            + "| \(cell(result.explanation)) |\n")
      }
    }
    for stale in conformance.gate?.staleExpectations ?? [] { output += "- \(cell(stale))\n" }
    if tolerated > 0 {
      output += "- \(NumberText.counted(tolerated, "failure")) \(tolerated == 1 ? "is" : "are")"
      output += " known and tolerated.\n"
    }
    if uncounted > 0 {
      let words = uncounted == 1 ? "does not count: its" : "do not count: their"
      output +=
        "- \(NumberText.counted(uncounted, "failure")) \(words) requirement is less than a "
        + "\(conformance.gate?.failOn == .should ? "SHOULD" : "MUST").\n"
    }
    if !output.isEmpty { output += "\n" }
    guard !rows.isEmpty else {
      return output + (isCalm && conformance.isMet ? "No requirement was broken.\n\n" : "")
    }
    let rest = rows.count - failureLimit
    return output + "| verdict | case | clause | agent | reason |\n|---|---|---|---|---|\n"
      + rows.prefix(failureLimit).joined() + (rest > 0 ? "\n… and \(rest) more.\n" : "") + "\n"
  }

  private static func loadTable(_ load: [LoadResults]) -> String {
    var output = "| load | messages/s | p50 | p90 | p99 | p99.9 | max | errors | trust |\n"
    output += "|---|--:|--:|--:|--:|--:|--:|--:|---|\n"
    for results in load {
      let latency = results.latencies.first?.histogram
      let values =
        [50, 90, 99, 99.9].map { latency?.nanoseconds(at: $0) } + [latency?.maximumNanoseconds]
      let cells = values.map { value in
        value.map { NumberText.duration(nanoseconds: Double($0)) } ?? "–"
      }
      let unit = results.cases == nil ? "" : " \(results.rateUnit)"
      let rate = NumberText.grouped(results.rate) + unit
      output += "| \(cell(results.name)) | \(rate) | \(cells.joined(separator: " | ")) "
      let word = results.generator.validity.rawValue.uppercased()
      output +=
        "| \(results.errorCount) | \(results.generator.isTrusted ? word : "**\(word)**") |\n"
    }
    output += "\n"
    for results in load where results.generator.validity != .valid {
      let validity = results.generator.validity.rawValue.uppercased()
      for remark in results.generator.remarks {
        output += "- \(cell(results.name)): \(validity): \(cell(remark))\n"
      }
      output += "\n"
    }
    for results in load where !results.findings.isEmpty {
      for finding in results.findings {
        output += "- \(cell(results.name)): \(cell(finding.name)): \(cell(finding.value))\n"
      }
      output += "\n"
    }
    for results in load where results.objectives != nil {
      for outcome in results.objectives ?? [] {
        let word = outcome.isMet ? "met" : "**missed**"
        output += "- \(cell(results.name)): \(cell(outcome.objective)) \(word), "
        output += "\(cell(outcome.measured))\n"
      }
      output += "\n"
    }
    return output
  }

  private static func cell(_ text: String) -> String { MarkdownText.cell(text) }
}
