import Testing

@testable import Reports

@Suite("Links to clauses")
struct TranscriptTextTests {
  @Test func `a section of an RFC has a link`() {
    let base = "https://www.rfc-editor.org/rfc/rfc6455.html"
    #expect(TranscriptText.link(toSection: "RFC 6455 §5.5.1") == "\(base)#section-5.5.1")
    #expect(TranscriptText.link(toSection: "RFC 6455") == base)
    #expect(TranscriptText.link(toSection: "javascript:alert(1)") == nil)
    #expect(TranscriptText.link(toSection: "RFC x\" §1") == nil)
    #expect(
      TranscriptText.link(toSection: "RFC 1 §5\"onclick")
        == "https://www.rfc-editor.org/rfc/rfc1.html#section-5")
  }
}
