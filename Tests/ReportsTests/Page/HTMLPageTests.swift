import FoundationEssentials
import Testing

@testable import Reports

@Suite("The page")
struct HTMLPageTests {
  @Test func `the page is stable`() throws {
    try TestFiles.expectGolden(HTMLPage.text(for: [SampleRun.run]), "index.html")
  }

  // Facts without a value are not shown, so empty text is left out here.
  @Test(arguments: HostileText.all.filter { !$0.isEmpty })
  func `hostile text can neither end the script nor begin an element`(text: String) throws {
    let page = HTMLPage.text(for: [SampleRun.run(peerText: text)])
    let harmless = HTMLPage.text(for: [SampleRun.run(peerText: "harmless")])
    #expect(Self.elements(of: page) == Self.elements(of: harmless))
    #expect(page.components(separatedBy: "</script>").count == 3)
    #expect(!page.contains("<!--"))
    #expect(
      page.unicodeScalars.allSatisfy {
        $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
      })
    #expect(!page.unicodeScalars.contains { $0.value == 0x2028 || $0.value == 0x202E })
  }

  @Test func `nothing is loaded from anywhere`() {
    let page = HTMLPage.text(for: [SampleRun.run])
    #expect(!page.contains(" src=") && !page.contains("<link") && !page.contains("url("))
    #expect(!page.contains("@import") && !page.contains("http://www.w3.org/1999"))
    #expect(page.contains("default-src 'none'"))
  }

  @Test func `identifiers are unique in a page of several runs`() {
    let page = HTMLPage.text(for: [SampleRun.run, SampleRun.run])
    let identifiers = page.components(separatedBy: " id=\"").dropFirst().map {
      $0.prefix { $0 != "\"" }
    }
    #expect(Set(identifiers).count == identifiers.count)
  }

  @Test func `an objective that is missed is told at the top and beside its run`() {
    var run = SampleRun.run
    run.load[0].objectives = [
      ObjectiveOutcome(objective: "p99<20ms", measured: "31.0 ms", isMet: false),
      ObjectiveOutcome(objective: "errors=0", measured: "0", isMet: true),
    ]
    let page = HTMLPage.text(for: [run])
    #expect(page.contains("<span class=\"bad\">1 objective missed</span>"))
    #expect(page.contains("<code>p99&lt;20ms</code> <span class=\"bad\">missed</span>: 31.0 ms"))
    #expect(page.contains("<code>errors=0</code> met: 0"))
  }

  @Test func `failures that are let pass are told where nothing stops the gate`() {
    var run = SampleRun.run
    for agent in run.conformance?.agents.indices ?? 0..<0 {
      for index in run.conformance?.agents[agent].results.indices ?? 0..<0 {
        run.conformance?.agents[agent].results[index].unexpected = nil
        run.conformance?.agents[agent].results[index].knownFailure = "as ever"
      }
      run.conformance?.agents[agent].troubles = nil
    }
    run.conformance?.gate?.staleExpectations = []
    let page = HTMLPage.text(for: [run])
    #expect(page.contains("Nothing stops the gate. Not met, but let pass: "))
    #expect(page.contains(" known to fail and tolerated"))
  }

  @Test func `runs without anything in them make a page`() {
    var run = SampleRun.run
    run.conformance = nil
    run.load = []
    #expect(HTMLPage.text(for: [run]).contains("A run without results"))
    #expect(HTMLPage.text(for: []).contains("</html>"))
  }

  @Test func `many cases and agents make a page of half a kilobyte for each result`() throws {
    var run = SampleRun.run
    let cases = (0..<1000).map { index in
      CaseDescription(
        id: "5.\(index % 40)/case-\(index)", section: "RFC 6455 §5.\(index % 40)", level: .must,
        why: "All control frames MUST have a payload length of 125 bytes or less")
    }
    let agents = (0..<5).map { number in
      AgentResults(
        name: "agent \(number)",
        results: cases.map {
          CaseResult(
            caseID: $0.id, verdict: Verdict(.pass), reason: "pong \"hello\"; close 1000",
            started: SampleRun.started, elapsed: .milliseconds(1),
            replay: "gauntlet conform server ws://127.0.0.1:9001 --cases '\($0.id)'")
        })
    }
    run.conformance = ConformanceResults(role: .client, cases: cases, agents: agents)
    #expect(HTMLPage.text(for: [run]).utf8.count < 2_500_000)
  }

  @Test func `many agents stand upright, and what they fail alike is one item`() throws {
    var run = SampleRun.run
    run.load = []
    let item = CaseDescription(id: "5.5/a", section: "RFC 6455 §5.5", level: .must, why: "x")
    let agents = (1...8).map { number in
      AgentResults(
        name: "agent-\(number)",
        results: [
          CaseResult(
            caseID: item.id, verdict: Verdict(.fail), reason: number < 8 ? "too long" : "too short",
            started: SampleRun.started, elapsed: .milliseconds(1))
        ])
    }
    run.conformance = ConformanceResults(role: .client, cases: [item], agents: agents)
    let page = HTMLPage.text(for: [run])
    #expect(page.contains("agent-1, agent-2, agent-3 and 5 others"))
    #expect(page.contains("class=\"many lean crowd\""))
    let list = page.components(separatedBy: "<ol class=\"failures\">")[1]
      .components(separatedBy: "</ol>")[0]
    #expect(list.components(separatedBy: "<li>").count == 3)
    #expect(list.contains((1...7).map { "agent-\($0)" }.joined(separator: ", ")))
  }

  /// How often each element begins, outside of the script.
  private static func elements(of page: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    let body = page.components(separatedBy: "<script>")[0]
    for part in body.components(separatedBy: "<").dropFirst() {
      counts[String(part.prefix { $0.isLetter || $0 == "/" || $0 == "!" }), default: 0] += 1
    }
    // A chart leaves out the name of a phase that is too long for its place.
    counts["text"] = nil
    counts["/text"] = nil
    return counts
  }
}
