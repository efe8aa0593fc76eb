/// A run as a screenful of text for a terminal or a log.
public enum SummaryText {
  /// How many failures are listed for each agent before the rest is only counted.
  public static let failureLimit = 20

  /// Renders a run.
  ///
  /// The text ends in a newline. What a peer sent cannot control the terminal.
  public static func render(_ run: Run, colored: Bool = false) -> String {
    var output = Output(isColored: colored)
    if let conformance = run.conformance {
      for agent in conformance.agents { output.append(agent, of: conformance) }
      for stale in conformance.gate?.staleExpectations ?? [] {
        output.line(VisibleText.line(stale))
      }
    }
    if let capacity = run.capacity { output.line(CapacityText.conclusion(capacity)) }
    for load in run.load { output.append(load) }
    if !run.isComplete { output.line("The run did not end; these are its results so far.") }
    return output.text
  }

  private struct Output: TerminalOutput {
    let isColored: Bool
    var text = ""

    mutating func append(_ agent: AgentResults, of conformance: ConformanceResults) {
      let name = [agent.name, agent.url].compactMap { $0 }.map { VisibleText.line($0) }
      line("\(paint("Conformance", "1"))  \(name.joined(separator: "  "))")
      let counts = agent.gradeCounts
      let words = Grade.allCases.compactMap { grade -> String? in
        guard let count = counts[grade], count > 0 else { return nil }
        return paint("\(count) \(grade.rawValue)", SummaryText.color(of: grade))
      }
      let all = NumberText.counted(agent.results.count, "case")
      line("  \(all): \(words.joined(separator: ", "))")
      for trouble in agent.troubles ?? [] {
        line("  \(paint("TROUBLE", "31"))  \(VisibleText.line(trouble))")
      }
      for group in UnsupportedGroup.all(of: agent, in: conformance) {
        line(
          "  \(paint("unsupported", SummaryText.color(of: .unsupported)))  "
            + VisibleText.line(group.text))
      }
      appendFailures(of: agent, conformance)
      line()
    }

    private mutating func appendFailures(
      of agent: AgentResults, _ conformance: ConformanceResults
    ) {
      let results = CaseGroups(conformance, agent: agent).groups.flatMap(\.results)
      let standings = results.map { conformance.standing(of: $0.1, level: $0.0.level) }
      let tolerated = standings.count { $0 == .tolerated }
      if tolerated > 0 {
        line("  \(tolerated) of the failures \(tolerated == 1 ? "is" : "are") known and tolerated")
      }
      let uncounted = standings.count { $0 == .uncounted }
      if uncounted > 0 {
        let level = conformance.gate?.failOn.rawValue ?? "any"
        let verb = uncounted == 1 ? "does" : "do"
        line("  \(uncounted) of the failures \(verb) not count: --fail-on \(level)")
      }
      let failures = zip(results, standings).filter { $0.1 == .broken }.map(\.0)
      for (description, result) in failures.prefix(SummaryText.failureLimit) {
        let grade = result.verdict.overall
        let word = result.unexpected == nil ? "" : "UNEXPECTED "
        let names = ([description.id] + description.aliases).joined(separator: "  ")
        line(
          "  \(paint(word + grade.rawValue.uppercased(), SummaryText.color(of: .fail)))"
            + "  \(VisibleText.line(names))  \(VisibleText.line(description.section))")
        line("        \(VisibleText.line(result.explanation))")
      }
      let rest = failures.count - SummaryText.failureLimit
      if rest > 0 { line("  … and \(rest) more") }
    }

    mutating func append(_ load: LoadResults) {
      line(
        "\(paint("Load", "1"))  \(VisibleText.line(load.name))  \(VisibleText.line(load.target.url))"
      )
      line("  \(load.title), \(NumberText.fixed(load.measuredSeconds, 1)) s measured")
      let rate = NumberText.grouped(load.rate)
      var figures = "  \(paint("\(rate) \(load.rateUnit)", "1"))"
      figures +=
        "  \(NumberText.octets(load.payloadBytesPerSecond))/s\(load.scenario.isEcho ? " each way" : "")"
      if let cost = load.generatorNanosecondsPerMessage {
        figures += "  generator \(NumberText.duration(nanoseconds: cost)) CPU per message"
      }
      if let cost = load.serverNanosecondsPerMessage {
        figures += "  server \(NumberText.duration(nanoseconds: cost))"
      }
      line(figures)
      appendTable(load.latencies + load.setUp)
      for finding in load.findings {
        line("  \(VisibleText.line(finding.name))  \(VisibleText.line(finding.value))")
      }
      appendErrors(load)
      for outcome in load.objectives ?? [] {
        let word = outcome.isMet ? paint("met", "32") : paint("MISSED", "31")
        line("  \(word)  \(VisibleText.line(outcome.objective)): \(outcome.measured)")
      }
      appendValidity(load.generator)
      line()
    }

    /// Whether the numbers tell of the server, and why they may not.
    private mutating func appendValidity(_ generator: GeneratorReport) {
      let word = generator.validity.rawValue.uppercased()
      let color = generator.validity == .valid ? "32" : generator.validity == .suspect ? "33" : "31"
      line("  \(paint(word, color))  \(validityReasons(generator).joined(separator: "; "))")
    }

    private func validityReasons(_ generator: GeneratorReport) -> [String] {
      guard generator.remarks.isEmpty else { return generator.remarks.map { VisibleText.line($0) } }
      guard let busy = generator.loopBusyShare, let waiting = generator.loopWaitingShare else {
        return ["the generator kept its plan"]
      }
      return [
        "the generator kept its plan: busy \(NumberText.fixed(busy * 100, 0)) % of the time, "
          + "kept waiting for a processor \(NumberText.fixed(waiting * 100, 1)) %"
      ]
    }

    private mutating func appendTable(_ records: [LatencyRecord]) {
      guard !records.isEmpty else { return }
      let header = ["", "p50", "p90", "p99", "p99.9", "max"]
      let rows = records.map { record in
        [VisibleText.line(record.name)]
          + [50, 90, 99, 99.9].map { percentile in
            record.histogram.nanoseconds(at: percentile).map(SummaryText.duration) ?? "–"
          }
          + [
            record.histogram.count > 0
              ? SummaryText.duration(record.histogram.maximumNanoseconds) : "–"
          ]
      }
      for row in TextTable.lines([header] + rows, leftColumns: [0]) { line("  " + row) }
    }

    private mutating func appendErrors(_ load: LoadResults) {
      let errors = load.errors.filter { $0.count > 0 }
      guard !errors.isEmpty else { return line("  no errors") }
      for error in errors {
        let example = error.example.map { ": \(VisibleText.line($0))" } ?? ""
        line("  \(paint("\(error.count) \(error.noun)", "31"))\(example)")
      }
    }
  }

  private static func color(of grade: Grade) -> String {
    switch grade {
    case .pass: "32"
    case .acceptable: "36"
    case .fail: "31"
    case .unsupported: "90"
    case .informational: "34"
    case .error: "35"
    }
  }

  private static func duration(_ nanoseconds: Int64) -> String {
    NumberText.duration(nanoseconds: Double(nanoseconds))
  }
}

extension ErrorCount {
  /// What is counted: `answer lost`, or `answers lost` of several.
  var noun: String {
    switch kind {
    case .connectFailed: "\(plural("connection")) failed"
    case .tlsFailed: "\(plural("TLS handshake")) failed"
    case .upgradeFailed: "\(plural("upgrade")) failed"
    case .disconnected: "\(plural("connection")) lost"
    case .protocolViolation: plural("protocol violation")
    case .lost: "\(plural("answer")) lost"
    case .duplicated: "\(plural("answer")) duplicated"
    case .reordered: "\(plural("answer")) reordered"
    case .corrupted: "\(plural("answer")) corrupted"
    case .late: "\(plural("answer")) late"
    case .unsent: "\(plural("message")) never sent"
    case .caseFailed: "\(plural("case")) failed"
    case .other: plural("other error")
    }
  }

  private func plural(_ noun: String) -> String { count == 1 ? noun : noun + "s" }
}
