import ArgumentParser
import Reports
import Testing

@testable import gauntlet

@Suite("gauntlet compare", .timeLimit(.minutes(5)))
struct CompareCommandTests {
  /// A run with these verdicts.
  private func run(_ verdicts: [Verdict]) -> Run {
    let cases = verdicts.indices.map { index in
      CaseDescription(id: "case/\(index)", section: "RFC 6455 §5.5", level: .must, why: "…")
    }
    let results = zip(cases, verdicts).map { description, verdict in
      CaseResult(
        caseID: description.id, verdict: verdict, reason: "as it is", started: .now(),
        elapsed: .zero)
    }
    return Run(
      isComplete: true,
      conformance: ConformanceResults(
        role: .client, cases: cases, agents: [AgentResults(name: "server", results: results)]))
  }

  private func compare(_ arguments: [String]) async throws -> (code: Int32, process: Subprocess) {
    let process = try Subprocess(["compare"] + arguments)
    return (await process.exitCode(), process)
  }

  @Test func `a regression is told in every form, and is the exit code`() async throws {
    try await withFolder { folder in
      try ReportWriter.write(
        run([Verdict(.pass), Verdict(.fail)]), toFolder: "\(folder)/base", formats: .json)
      try RunFile.write(run([Verdict(.fail), Verdict(.pass)]), to: "\(folder)/head.json")
      let (code, process) = try await compare([
        "\(folder)/base", "\(folder)/head.json", "--markdown", "\(folder)/c.md", "--json", "-",
      ])
      #expect(code == 1, "\(process.errors)")
      #expect(process.output.contains("\"isRegression\": true"))
      let markdown = try await process.content(of: "\(folder)/c.md")
      #expect(markdown.hasPrefix("# Regression: 1 case of server\n"))
      let mirrored = try await compare([
        "--base", "\(folder)/head.json", "--head", "\(folder)/head.json",
      ])
      #expect(mirrored.code == 0)
      #expect(mirrored.process.output.hasSuffix("\nNo regression.\n"))
    }
  }

  @Test func `parts of a run are no repetitions`() async throws {
    try await withFolder { folder in
      var load = LoadResults(
        name: "echo", scenario: LoadScenario(mode: .openLoop, connections: 1, payloadByteCount: 1),
        target: LoadTarget(url: "ws://127.0.0.1/"))
      load.shard = LoadPart(number: 2, of: 3)
      var run = Run(isComplete: true)
      run.load = [load]
      try RunFile.write(run, to: "\(folder)/run.json")
      let (code, process) = try await compare(["\(folder)/run.json", "\(folder)/run.json"])
      #expect(code == 2)
      #expect(process.errors.contains("is a part of a run"), "\(process.errors)")
    }
  }

  @Test func `what is broken, missing or cannot be compared is told in one line`() async throws {
    try await withFolder { folder in
      let octets = try RunFile.encode(run([Verdict(.pass)]))
      try RunFile.write(run([Verdict(.pass)]), to: "\(folder)/whole.json")
      try ReportWriter.write(
        String(decoding: octets.dropLast(20), as: UTF8.self), to: "\(folder)/cut.json")
      var ended = run([Verdict(.pass)])
      ended.isComplete = false
      try RunFile.write(ended, to: "\(folder)/part.json")
      let expected: [(String, Int32, String)] = [
        ("cut.json", 2, "cut.json: not a whole JSON document"), ("none.json", 3, "no such file"),
        ("part.json", 2, "the run of head did not end (--force compares them)"),
      ]
      for (name, code, text) in expected {
        let result = try await compare(["\(folder)/whole.json", "\(folder)/\(name)"])
        #expect(result.code == code)
        #expect(result.process.errors.contains(text), "\(result.process.errors)")
        #expect(result.process.errors.split(separator: "\n").count == 1)
      }
      let forced = try await compare([
        "\(folder)/whole.json", "\(folder)/part.json", "--force", "--quiet",
      ])
      #expect(forced.code == 0 && forced.process.output.isEmpty)
    }
  }

  @Test(arguments: [
    (["a"], "Name two sides"), (["a", "b", "--base", "c"], "Name two sides"),
    (["--base", "a"], "Name two sides"), (["a", "b", "--metrics", "p99,speed"], "'speed'"),
    (["a", "b", "--metrics", "p99,p99"], "twice"), (["a", "b", "--confidence", "100"], "50%"),
    (["a", "b", "--min-effect", "2000%"], "--min-effect"),
  ])
  func `wrong use is told`(arguments: [String], text: String) {
    let error = #expect(throws: (any Error).self) { try CompareCommand.parse(arguments) }
    #expect(error.map { CompareCommand.message(for: $0).contains(text) } == true)
  }

  @Test func `flags become rules`() throws {
    let rules = try CompareCommand.parse([
      "a", "b", "--metrics", "p99.9,cpu,connect-p50", "--min-effect", "0.5%", "--confidence", "99",
      "--strict",
    ]).options.rules
    #expect(rules.metrics.map(\.name) == ["p99.9", "cpu", "connect-p50"])
    #expect(rules.minimumEffect == 0.005 && rules.confidence == 0.99 && rules.isStrict)
    #expect(try CompareCommand.parse(["a", "b"]).options.rules == ComparisonRules())
  }
}
