import Testing

@testable import Reports

@Suite("The summary on a terminal")
struct SummaryTextTests {
  @Test func `the summary is stable`() throws {
    try TestFiles.expectGolden(SummaryText.render(SampleRun.run), "summary.txt")
  }

  @Test(arguments: HostileText.all)
  func `no control character of a peer reaches the terminal`(text: String) {
    let summary = SummaryText.render(SampleRun.run(peerText: text))
    #expect(
      summary.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
  }

  @Test func `colours are there only when asked for`() {
    #expect(SummaryText.render(SampleRun.run, colored: true).contains("\u{1B}[31m"))
    #expect(!SummaryText.render(SampleRun.run).contains("\u{1B}"))
  }

  @Test func `a run that did not end says so`() {
    var run = SampleRun.run
    run.isComplete = false
    #expect(SummaryText.render(run).contains("did not end"))
  }

  @Test func `one is no plural`() {
    var run = SampleRun.run
    run.load[0].scenario.connections = 1
    run.load[0].errors = [ErrorCount(.lost, count: 1), ErrorCount(.unsent, count: 2)]
    run.conformance?.agents[0].results[0].knownFailure = "the proxy"
    let text = SummaryText.render(run)
    #expect(text.contains("1 connection, ") && text.contains("1 answer lost\n"))
    #expect(text.contains("2 messages never sent\n"))
    #expect(text.contains("1 of the failures is known and tolerated"))
    #expect(MarkdownSummary.text(for: run).contains("1 failure is known and tolerated."))
    #expect(NumberText.counted(1, "case") == "1 case")
    #expect(NumberText.counted(1200, "case") == "1,200 cases")
  }
}
