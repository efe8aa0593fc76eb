/// The Common Test Report Format: one JSON document, a test for each case and agent, for each load, and for
/// what else went wrong.
enum CTRFReport {
  static func text(for run: Run) -> String {
    let results = FlatResult.all(run.conformance)
    let troubles = RunTrouble.all(run)
    let tests =
      results.map(test) + run.load.map { test($0, of: run) } + troubles.map { test($0, of: run) }
    let statuses = results.map(status) + run.load.map(status) + troubles.map(status)
    func count(_ status: String) -> JSONText { .int(statuses.count { $0 == status }) }
    let start = run.started.millisecondsSinceEpoch
    let summary: [(String, JSONText)] = [
      ("tests", .int(tests.count)), ("passed", count("passed")), ("failed", count("failed")),
      ("pending", count("pending")), ("skipped", count("skipped")), ("other", count("other")),
      ("flaky", .int(results.count { $0.result.plays?.isFlaky == true })),
      ("start", .int(Int(start))),
      ("stop", .int(Int([start, run.elapsedNanoseconds / 1_000_000].clampedSum))),
    ]
    let document = JSONText.object([
      ("reportFormat", .string("CTRF")), ("specVersion", .string("0.0.0")),
      ("timestamp", .string("\(run.started)")), ("generatedBy", .string(run.tool.name)),
      (
        "results",
        .object([
          (
            "tool",
            .object([
              ("name", .string(name(run.tool.name))), ("version", .string(run.tool.version)),
            ])
          ),
          ("summary", .object(summary)), ("tests", .array(tests)),
        ])
      ),
    ])
    return document.text(indent: 1) + "\n"
  }

  private static func status(_ item: FlatResult) -> String {
    switch (item.standing, item.result.verdict.overall) {
    case (.met, .unsupported), (.uncounted, _): "skipped"
    case (.met, _): "passed"
    case (.tolerated, _): "other"
    case (.broken, _): "failed"
    }
  }

  private static func status(_ load: LoadResults) -> String {
    load.isAsRequired ? "passed" : "failed"
  }

  private static func status(_ trouble: RunTrouble) -> String {
    trouble.standing == .broken ? "failed" : "other"
  }

  private static func test(_ load: LoadResults, of run: Run) -> JSONText {
    let remarks = load.generator.remarks.map { "\(load.generator.validity.rawValue): \($0)" }
    let message = ([load.shortfall].filter { !$0.isEmpty } + remarks).joined(separator: "; ")
    return test(
      "load: \(load.name)", status(load), load.measuredNanoseconds, of: run,
      [
        ("type", .string("load")),
        ("labels", .object([("trust", .string(load.generator.validity.rawValue))])),
      ] + (message.isEmpty ? [] : [("message", text(message))]))
  }

  private static func test(_ trouble: RunTrouble, of run: Run) -> JSONText {
    test(
      "\(trouble.place): \(trouble.name)", status(trouble), 0, of: run,
      [("rawStatus", .string(trouble.grade.rawValue)), ("message", text(trouble.reason))])
  }

  private static func test(
    _ name: String, _ status: String, _ nanoseconds: Int64, of run: Run,
    _ others: [(String, JSONText)]
  ) -> JSONText {
    let start = run.started.millisecondsSinceEpoch
    let milliseconds = nanoseconds / 1_000_000
    return .object(
      [
        ("name", text(self.name(name))), ("status", .string(status)),
        ("duration", .int(Int(milliseconds))), ("start", .int(Int(start))),
        ("stop", .int(Int([start, milliseconds].clampedSum))),
      ] + others)
  }

  private static func test(_ item: FlatResult) -> JSONText {
    let start = item.result.started.millisecondsSinceEpoch
    let milliseconds = item.result.elapsedNanoseconds / 1_000_000
    var members: [(String, JSONText)] = [
      ("name", text(name(item.description.id))), ("status", .string(status(item))),
      ("duration", .int(Int(milliseconds))), ("start", .int(Int(start))),
      ("stop", .int(Int([start, milliseconds].clampedSum))),
      ("suite", .array([text(item.agent.name), text(item.description.section)])),
      ("rawStatus", .string(item.result.verdict.overall.rawValue)),
      ("tags", .array(item.description.aliases.map(text))),
      ("type", .string("conformance")),
      (
        "labels",
        .object([
          ("level", .string(item.description.level.rawValue)),
          ("clause", text(item.description.section)),
        ])
      ),
    ]
    guard item.standing != .met || item.result.verdict.overall == .unsupported else {
      return .object(members)
    }
    let known = item.result.knownFailure.map { "known failure: \($0)" }
    members.append(("message", text(known ?? item.result.explanation)))
    if item.standing == .broken {
      members.append(("trace", text(item.evidence.joined(separator: "\n"))))
    }
    if item.result.plays?.isFlaky == true { members.append(("flaky", .bool(true))) }
    return .object(members)
  }

  /// Names must have a character at least.
  private static func name(_ text: String) -> String { text.isEmpty ? "-" : text }

  private static func text(_ text: String) -> JSONText { .string(VisibleText.visible(text)) }
}
