import Testing

@testable import Reports

@Suite("The summary in Markdown")
struct MarkdownSummaryTests {
  @Test func `the summary is stable`() throws {
    try TestFiles.expectGolden(MarkdownSummary.text(for: SampleRun.run), "summary.md")
  }

  @Test(arguments: HostileText.all)
  func `hostile text is neither markup nor a new cell`(text: String) {
    let lines = MarkdownSummary.text(for: SampleRun.run(peerText: text)).split(separator: "\n")
    let harmless = MarkdownSummary.text(for: SampleRun.run).split(separator: "\n")
    #expect(lines.count == harmless.count)
    for (line, expected) in zip(lines, harmless) where expected.hasPrefix("|") {
      #expect(!line.contains("<"))
      #expect(
        line.replacing("\\|", with: "").count { $0 == "|" } == expected.count { $0 == "|" })
    }
  }

  @Test func `a combining mark does not hide markup`() {
    let text = MarkdownText.cell("|\u{301}<\u{301}@\u{301}")
    #expect(text.utf8.elementsEqual("\\|\u{301}&lt;\u{301}\\@\u{301}".utf8))
  }
}
