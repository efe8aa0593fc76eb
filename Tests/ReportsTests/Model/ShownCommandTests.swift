import Reports
import Testing

@Suite("Command lines as reports show them")
struct ShownCommandTests {
  @Test(arguments: [
    ("Authorization: Bearer abc", "Authorization: …"), ("cookie:a=b", "cookie: …"),
    ("X-API-Key: k", "X-API-Key: …"), ("Origin: https://a.example", "Origin: https://a.example"),
    ("authorization", "authorization: …"), ("", ""),
  ])
  func `what lets somebody in is not shown`(field: String, shown: String) {
    let command = ["gauntlet", "load", "ws://a/", "--rate", "5"]
    #expect(
      ShownCommand.words(command + ["--header", field, "--header"])
        == command + ["--header", shown, "--header"])
    #expect(ShownCommand.words(command + ["--header=\(field)"]) == command + ["--header=\(shown)"])
  }

  @Test func `a run shows no secrets of the command line`() {
    let run = Run(commandLine: ["gauntlet", "--header", "Authorization: Bearer abc"])
    #expect(run.commandLine == ["gauntlet", "--header", "Authorization: …"])
  }
}
