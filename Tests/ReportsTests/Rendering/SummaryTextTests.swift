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
}
