import FoundationEssentials
import Testing

@testable import Reports

@Suite("Formats for other programs")
struct ExchangeFormatTests {
  private func object(_ text: String) throws -> [String: any Sendable] {
    try #require(try Self.json(text) as? [String: any Sendable])
  }

  /// A value of JSON as a strict reader sees it.
  private static func json(_ text: String) throws -> any Sendable {
    try JSONDecoder().decode(AnyJSON.self, from: Data(text.utf8)).value
  }

  @Test func `each document is stable`() throws {
    try TestFiles.expectGolden(SARIFReport.text(for: SampleRun.run), "results.sarif")
    try TestFiles.expectGolden(TAPReport.text(for: SampleRun.run), "results.tap")
    try TestFiles.expectGolden(CTRFReport.text(for: SampleRun.run), "ctrf.json")
    try TestFiles.expectGolden(ResultLines.text(for: SampleRun.run), "results.jsonl")
    try TestFiles.expectGolden(WorkflowAnnotations.text(for: SampleRun.run), "annotations.txt")
  }

  @Test(arguments: HostileText.all)
  func `hostile text leaves JSON whole`(text: String) throws {
    let run = SampleRun.run(peerText: text)
    let sarif = try object(SARIFReport.text(for: run))
    #expect(sarif["version"] as? String == "2.1.0")
    let ctrf = try object(CTRFReport.text(for: run))
    #expect(ctrf["reportFormat"] as? String == "CTRF")
    let lines = ResultLines.text(for: run).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 9 && lines.last == "")
    for line in lines.dropLast() { #expect(try object(String(line))["type"] is String) }
  }

  @Test(arguments: HostileText.all)
  func `hostile text makes no line of TAP and no command`(text: String) throws {
    let run = SampleRun.run(peerText: text)
    let lines = TAPReport.text(for: run).split(separator: "\n")
    let harmless = TAPReport.text(for: SampleRun.run).split(separator: "\n")
    #expect(lines.count == harmless.count)
    for (line, expected) in zip(lines, harmless) {
      #expect(line.prefix(6) == expected.prefix(6))
      #expect(line.contains(" # TODO") == expected.contains(" # TODO"))
    }
    let commands = WorkflowAnnotations.text(for: run).split(separator: "\n")
    #expect(commands.count == 2)
    for command in commands {
      #expect(command.hasPrefix("::error title="))
      #expect(command.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\t" })
      // The title ends where the platform thinks that it does.
      let title = command.dropFirst(14)
      let end = try #require(title.firstRange(of: "::"))
      #expect(!title[..<end.lowerBound].contains(where: { ":,\n".contains($0) }))
    }
  }

  @Test func `a combining mark does not hide the sign before it`() throws {
    var run = SampleRun.run
    run.conformance?.agents[0].name = "#\u{301}\\\u{301},\u{301}%\u{301}"
    let failed = run.conformance?.agents[0].results.indices.first {
      run.conformance?.agents[0].results[$0].verdict.overall == .fail
    }
    run.conformance?.agents[0].results[try #require(failed)].replay = "\"\u{301}"
    let lines = TAPReport.text(for: run).utf8
    #expect(lines.firstRange(of: "1 - \\#\u{301}\\\\\u{301}".utf8) != nil)
    #expect(lines.firstRange(of: "replay: \"\\\"\u{301}\"".utf8) != nil)
    let commands = WorkflowAnnotations.text(for: run).utf8
    #expect(commands.firstRange(of: "%2C\u{301}%25\u{301}%3A ".utf8) != nil)
  }

  @Test func `a known failure is no failure, an unexpected pass is one`() throws {
    var run = SampleRun.run
    run.conformance?.agents[0].results[0].knownFailure = "the proxy"
    run.conformance?.agents[0].results[1].unexpected = "pass, but known.txt:1 expects fail"
    run.conformance?.agents[0].results[5].knownFailure = "the network"
    let lines = TAPReport.text(for: run).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("not ok 1 ") && $0.hasSuffix(" # TODO the proxy") })
    #expect(lines.contains { $0.hasPrefix("not ok 2 ") && !$0.contains("# TODO") })
    #expect(WorkflowAnnotations.text(for: run).split(separator: "\n").count == 1)
    #expect(SARIFReport.text(for: run).contains("\"justification\": \"the proxy\""))
    let junit = JUnitReport.text(for: run)
    #expect(junit.contains("type=\"unexpected\"") && !junit.contains("type=\"fail\""))
    let markdown = MarkdownSummary.text(for: run)
    #expect(markdown.contains("2 failures are known and tolerated"))
    #expect(markdown.contains("| unexpected pass |"))
    #expect(SummaryText.render(run).contains("UNEXPECTED PASS"))
    #expect(run.conformance?.isMet == false)
  }

  @Test func `what counts depends on the level`() throws {
    var conformance = try #require(SampleRun.run.conformance)
    conformance.agents[0].results.removeLast()
    #expect(!conformance.isMet)
    for (level, strictness, isMet) in [
      (RequirementLevel.should, Gate.Strictness.must, true), (.should, .should, false),
      (.may, .should, true), (.may, .any, false), (.must, .must, false),
    ] {
      conformance.cases[0].level = level
      conformance.gate = Gate(failOn: strictness)
      #expect(conformance.isMet == isMet, "\(level) \(strictness)")
    }
    conformance.gate = Gate(failOn: .must, staleExpectations: ["x:1: no case matches 'y'"])
    #expect(!conformance.isMet)
  }

  @Test func `many failures are counted and not listed`() throws {
    var run = SampleRun.run
    let first = try #require(run.conformance?.agents[0])
    run.conformance?.agents = (0..<40).map { index in
      var agent = first
      agent.name = "agent \(index)"
      return agent
    }
    let commands = WorkflowAnnotations.text(for: run).split(separator: "\n")
    #expect(commands.count == WorkflowAnnotations.limit)
    #expect(commands.last?.contains("71 more failures") == true)
  }

  @Test func `what a peer lacks is told once`() throws {
    let run = SampleRun.run
    let agent = try #require(run.conformance?.agents.first)
    let groups = UnsupportedGroup.all(of: agent, in: try #require(run.conformance))
    #expect(groups.map(\.count) == [1])
    #expect(groups[0].text.hasPrefix("1 case of RFC 7692 §7: "))
    #expect(MarkdownSummary.text(for: run).contains("does not support: 1 case of RFC 7692 §7"))
  }

  @Test func `no summary is longer than a platform takes`() throws {
    var run = SampleRun.run(peerText: String(repeating: "👩‍👩‍👧", count: 300))
    let first = try #require(run.conformance?.agents[0])
    run.conformance?.agents = Array(repeating: first, count: 60)
    let summary = StepSummary.text(for: run)
    #expect(summary.utf8.count <= MarkdownSummary.byteLimit)
    #expect(summary.hasSuffix("was too long.\n"))
  }
}

/// Any value of JSON.
private struct AnyJSON: Decodable {
  var value: any Sendable

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: Key.self) {
      var object: [String: any Sendable] = [:]
      for key in members.allKeys {
        object[key.stringValue] = try members.decode(AnyJSON.self, forKey: key).value
      }
      value = object
      return
    }
    if var elements = try? decoder.unkeyedContainer() {
      var array: [any Sendable] = []
      while !elements.isAtEnd { array.append(try elements.decode(AnyJSON.self).value) }
      value = array
      return
    }
    let single = try decoder.singleValueContainer()
    if let text = try? single.decode(String.self) {
      value = text
    } else if let number = try? single.decode(Double.self) {
      value = number
    } else {
      value = try single.decode(Bool.self)
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }
}
