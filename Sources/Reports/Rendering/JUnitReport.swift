/// JUnit's XML in the form that every CI system reads: one `testsuite` for each section of each
/// agent, one `testcase` for each case, at most one `failure`, `error` or `skipped` in it.
///
/// What went wrong beside the cases is a suite of its own.
///
/// There is no schema of JUnit's own; this keeps to that of Jenkins (junit-10.xsd), which is among the
/// strictest: no properties in a test case, no `skipped` of the whole.
enum JUnitReport {
  static func text(for run: Run) -> String {
    var suites = ""
    var totals = Counts()
    for agent in run.conformance?.agents ?? [] {
      for group in CaseGroups(run.conformance, agent: agent).groups {
        suites += suite(group, agent: agent, run.conformance, totals: &totals)
      }
    }
    for load in run.load { suites += suite(load, started: run.started, totals: &totals) }
    suites += suite(RunTrouble.all(run), started: run.started, totals: &totals)
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="gauntlet"\(totals.attributes())>
      \(suites)</testsuites>

      """
  }

  private struct Counts {
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0
    var nanoseconds: Int64 = 0

    mutating func add(_ grade: Grade, _ standing: Standing, nanoseconds: Int64) {
      tests += 1
      self.nanoseconds = [self.nanoseconds, nanoseconds].clampedSum
      switch standing {
      case .met: if grade == .unsupported { skipped += 1 }
      case .tolerated, .uncounted: skipped += 1
      case .broken: if grade == .error { errors += 1 } else { failures += 1 }
      }
    }

    mutating func add(_ other: Counts) {
      tests += other.tests
      failures += other.failures
      errors += other.errors
      skipped += other.skipped
      nanoseconds = [nanoseconds, other.nanoseconds].clampedSum
    }

    func attributes(ofSuite: Bool = false) -> String {
      " tests=\"\(tests)\" failures=\"\(failures)\" errors=\"\(errors)\""
        + (ofSuite ? " skipped=\"\(skipped)\"" : "") + " time=\"\(seconds(nanoseconds))\""
    }
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    // No more digits: readers such as Jenkins take three at most.
    NumberText.fixed(Double(nanoseconds) / 1e9, 3)
  }

  private static func suite(
    _ group: CaseGroups.Group, agent: AgentResults, _ conformance: ConformanceResults?,
    totals: inout Counts
  ) -> String {
    var counts = Counts()
    var cases = ""
    let className = VisibleText.attribute(
      [agent.name, group.section].map { dotted($0) }.joined(separator: "."))
    for (description, result) in group.results {
      let standing = conformance?.standing(of: result, level: description.level) ?? .met
      counts.add(
        result.verdict.overall, standing, nanoseconds: result.elapsedNanoseconds)
      cases += testCase(description, result, standing, className: className)
    }
    totals.add(counts)
    let name = VisibleText.attribute("\(agent.name): \(group.heading)")
    let started = group.results.map(\.1.started).min().map { " timestamp=\"\($0)\"" } ?? ""
    return "  <testsuite name=\"\(name)\"\(counts.attributes(ofSuite: true))\(started)>\n"
      + "\(cases)  </testsuite>\n"
  }

  private static func testCase(
    _ description: CaseDescription, _ result: CaseResult, _ standing: Standing, className: String
  ) -> String {
    var body = outcome(result, standing)
    if !result.verdict.isMet { body += systemOut(description, result) }
    return "    <testcase classname=\"\(className)\""
      + " name=\"\(VisibleText.attribute(description.id))\""
      + " time=\"\(seconds(result.elapsedNanoseconds))\">\n\(body)    </testcase>\n"
  }

  private static func outcome(_ result: CaseResult, _ standing: Standing) -> String {
    let reason = VisibleText.attribute(result.explanation)
    switch (standing, result.verdict.overall) {
    case (.met, .unsupported): return "      <skipped message=\"\(reason)\"/>\n"
    case (.met, _): return ""
    case (.tolerated, _):
      let known = VisibleText.attribute("known failure: \(result.knownFailure ?? "")")
      return "      <skipped message=\"\(known)\"/>\n"
    case (.uncounted, _):
      return "      <skipped message=\"fails, but does not count: \(reason)\"/>\n"
    case (.broken, .error): return "      <error message=\"\(reason)\" type=\"error\"/>\n"
    case (.broken, _):
      let type = result.unexpected == nil ? "fail" : "unexpected"
      let expected = result.expected.map { "expected: \(VisibleText.escaped($0))\n" } ?? ""
      let received = result.received.map { "received: \(VisibleText.escaped($0))\n" } ?? ""
      return "      <failure message=\"\(reason)\" type=\"\(type)\">"
        + "\(expected)\(received)</failure>\n"
    }
  }

  private static func systemOut(_ description: CaseDescription, _ result: CaseResult) -> String {
    let names = ([description.section, description.level.rawValue] + description.aliases)
      .joined(separator: ", ")
    let (behaviour, closing) = (result.verdict.behaviour, result.verdict.closing)
    var lines = [
      "\(names): behaviour \(behaviour.rawValue), closing \(closing.rawValue)", description.why,
    ]
    lines += result.transcript.map { "\(TranscriptText.mark($0)) \($0.notation)" }
    if let replay = result.replay { lines.append("replay: \(replay)") }
    return "      <system-out>\(VisibleText.escaped(lines.joined(separator: "\n")))</system-out>\n"
  }

  private static func suite(
    _ load: LoadResults, started: Timestamp, totals: inout Counts
  ) -> String {
    var counts = Counts()
    let isFailed = !load.isAsRequired
    counts.add(
      isFailed ? .fail : .pass, isFailed ? .broken : .met,
      nanoseconds: load.measuredNanoseconds)
    totals.add(counts)
    let name = VisibleText.attribute(load.name)
    let message = VisibleText.attribute(load.shortfall)
    let type = load.missedObjectives.isEmpty ? "errors" : "objectives"
    let outcome =
      isFailed ? "\n      <failure message=\"\(message)\" type=\"\(type)\"/>\n    " : ""
    return """
        <testsuite name="load: \(name)"\(counts.attributes(ofSuite: true)) timestamp="\(started)">
          <testcase classname="load" name="\(name)" time="\(NumberText.fixed(load.measuredSeconds, 6))">\
      \(outcome)</testcase>
        </testsuite>

      """
  }

  private static func suite(
    _ troubles: [RunTrouble], started: Timestamp, totals: inout Counts
  ) -> String {
    guard !troubles.isEmpty else { return "" }
    var counts = Counts()
    var cases = ""
    for trouble in troubles {
      counts.add(trouble.grade, trouble.standing, nanoseconds: 0)
      let element =
        trouble.standing == .broken ? trouble.grade == .error ? "error" : "failure" : "skipped"
      let type = trouble.standing == .broken ? " type=\"\(trouble.grade.rawValue)\"" : ""
      cases +=
        "    <testcase classname=\"\(VisibleText.attribute(dotted(trouble.place)))\""
        + " name=\"\(VisibleText.attribute(trouble.name))\" time=\"\(seconds(0))\">\n"
        + "      <\(element) message=\"\(VisibleText.attribute(trouble.reason))\"\(type)/>\n"
        + "    </testcase>\n"
    }
    totals.add(counts)
    return "  <testsuite name=\"beside the cases\"\(counts.attributes(ofSuite: true))"
      + " timestamp=\"\(started)\">\n\(cases)  </testsuite>\n"
  }

  /// A name for the dotted path that viewers make a tree of.
  private static func dotted(_ name: String) -> String {
    name.replacing(".", with: "_").replacing("§", with: "").replacing("  ", with: " ")
  }
}

extension VisibleText {
  /// For an attribute in double quotes: as ``escaped(_:)``, on one line.
  static func attribute(_ text: String) -> String {
    escaped(text).replacing("\n", with: "&#10;").replacing("\t", with: " ")
  }
}
