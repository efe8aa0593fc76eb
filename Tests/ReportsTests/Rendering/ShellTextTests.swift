import Testing

@testable import Reports

@Suite("Commands as a shell would take them")
struct ShellTextTests {
  @Test func `words are quoted where they must be`() {
    #expect(
      ShellText.command(["gauntlet", "load", "ws://127.0.0.1:9001/", "--rate", "1000..5000"])
        == "gauntlet load ws://127.0.0.1:9001/ --rate 1000..5000")
    #expect(
      ShellText.command(["gauntlet", "ab", "--a", "./old serve --port {port}", "", "it's", "é"])
        == "gauntlet ab --a './old serve --port {port}' '' 'it'\\''s' 'é'")
  }

  @Test func `a combining mark does not hide a quote`() {
    let quoted = ShellText.command(["'\u{301}; reboot; '"])
    #expect(quoted.utf8.elementsEqual("''\\''\u{301}; reboot; '\\'''".utf8))
  }
}
