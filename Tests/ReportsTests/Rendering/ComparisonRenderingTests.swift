import FoundationEssentials
import Testing

@testable import Reports

@Suite("Comparisons as text, Markdown and JSON")
struct ComparisonRenderingTests {
  /// Verdicts and measurements that became worse, and better, and cannot be judged.
  private func comparison() throws -> RunComparison {
    var base = ComparedRuns.series(6, time: 1, seed: 1)
    var head = ComparedRuns.series(6, time: 1.1, seed: 2)
    let verdicts: [(String, Verdict, Verdict)] = [
      ("a", Verdict(.pass), Verdict(.fail)), ("b", Verdict(.pass), Verdict(.pass)),
      ("c", Verdict(.fail), Verdict(.pass)), ("d", Verdict(.pass), Verdict(.acceptable)),
      (
        "e", Verdict(behaviour: .fail, closing: .pass), Verdict(behaviour: .pass, closing: .fail)
      ),
    ]
    base.append(ComparedRuns.verdicts(verdicts.map { ($0.0, $0.1) } + [("f", Verdict(.pass))]))
    head.append(ComparedRuns.verdicts(verdicts.map { ($0.0, $0.2) }))
    head[2].load[0].generator.validity = .suspect
    head[2].load[0].generator.remarks = ["a loop was late by up to 120 ms"]
    head[0].load[0].serverProcess = ObservedProcess()
    head[0].load[0].serverProcess?.cpuNanoseconds = 500_000_000
    var rules = ComparisonRules()
    rules.drawCount = 50
    return try RunComparison(base: base, head: head, rules: rules)
  }

  @Test func `the text is as it was`() throws {
    try TestFiles.expectGolden(ComparisonText.render(comparison()), "comparison.txt")
  }

  @Test func `the Markdown is as it was`() throws {
    try TestFiles.expectGolden(ComparisonMarkdown.text(for: comparison()), "comparison.md")
  }

  @Test func `the JSON is as it was, and is JSON`() throws {
    let text = ComparisonJSON.text(for: try comparison())
    try TestFiles.expectGolden(text, "comparison.json")
    struct Document: Decodable {
      struct Load: Decodable { var scenarios: [Scenario] }
      struct Scenario: Decodable { var metrics: [Metric] }
      struct Metric: Decodable { var judgement: String }
      var isRegression: Bool
      var load: Load
    }
    let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    #expect(document.isRegression && document.load.scenarios[0].metrics[0].judgement == "worse")
  }

  @Test func `colours change nothing but colours`() throws {
    let comparison = try comparison()
    let colored = ComparisonText.render(comparison, colored: true)
    #expect(colored.contains("\u{1B}[31m"))
    #expect(
      colored.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == ComparisonText.render(comparison))
  }

  @Test(arguments: HostileText.all)
  func `hostile text stays text`(text: String) throws {
    var head = SampleRun.run(peerText: text)
    for index in head.conformance?.agents[0].results.indices ?? 0..<0 {
      head.conformance?.agents[0].results[index].verdict = Verdict(.fail)
    }
    head.conformance?.agents.append(AgentResults(name: text + "2"))
    var rules = ComparisonRules()
    rules.isForced = true
    var comparison = try RunComparison(
      base: [SampleRun.run(peerText: text)], head: [head], rules: rules)
    comparison.forced = [text]
    let terminal = ComparisonText.render(comparison)
    #expect(!terminal.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{9B}" })
    let markdown = ComparisonMarkdown.text(for: comparison)
    #expect(!markdown.contains("<img") && !markdown.contains("<script"))
    let json = Data(ComparisonJSON.text(for: comparison).utf8)
    #expect(throws: Never.self) { try JSONDecoder().decode([String: Anything].self, from: json) }
  }

  /// Any JSON value.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }
}
