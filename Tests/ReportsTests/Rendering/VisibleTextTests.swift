import Testing

@testable import Reports

@Suite("Text that cannot hide anything")
struct VisibleTextTests {
  @Test func `markup is escaped and controls are shown`() {
    #expect(VisibleText.escaped("<a href='x\">&") == "&lt;a href=&#39;x&quot;&gt;&amp;")
    #expect(VisibleText.escaped("\u{0}\u{1B}\u{7F}\r") == "␀␛␡␍")
    #expect(VisibleText.escaped("\u{202E}\u{2028}\u{FFFE}") == "[U+202E][U+2028][U+FFFE]")
    #expect(VisibleText.attribute("a\nb\tc") == "a&#10;b c")
  }

  @Test func `only what is safe in a fragment stays`() {
    #expect(VisibleText.percentEncoded("5.5/é\"<") == "5.5/%C3%A9%22%3C")
  }
}
