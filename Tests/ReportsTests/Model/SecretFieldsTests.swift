import Reports
import Testing

@Suite("Header fields whose values let somebody in")
struct SecretFieldsTests {
  @Test(arguments: [
    ("Authorization: Bearer abc", "Authorization: …"), ("cookie:a=b", "cookie: …"),
    ("X-API-Key: k", "X-API-Key: …"), ("Origin: https://a.example", "Origin: https://a.example"),
    ("authorization", "authorization: …"), ("", ""),
  ])
  func `are not shown in a command`(field: String, shown: String) {
    let command = ["gauntlet", "load", "ws://a/", "--rate", "5"]
    #expect(
      SecretFields.hidden(inCommand: command + ["--header", field, "--header"])
        == command + ["--header", shown, "--header"])
    #expect(
      SecretFields.hidden(inCommand: command + ["--header=\(field)"])
        == command + ["--header=\(shown)"])
  }

  @Test func `are not shown in a run's command`() {
    let run = Run(commandLine: ["gauntlet", "--header", "Authorization: Bearer abc"])
    #expect(run.commandLine == ["gauntlet", "--header", "Authorization: …"])
  }

  @Test(arguments: [
    (
      "GET / HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: Bearer abc\r\nCookie:a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: …\r\nCookie: …\n\r\n"
    ),
    ("Cookie: a", "Cookie: …"), ("Cookie", "Cookie"), ("", ""), ("\r\n\r\n", "\r\n\r\n"),
    ("GET / HTTP/1.1\r\nOrigin: b\r\n\r\n", "GET / HTTP/1.1\r\nOrigin: b\r\n\r\n"),
  ])
  func `are not shown in a head`(head: String, shown: String) {
    #expect(SecretFields.hidden(inHead: Array(head.utf8)) == Array(shown.utf8))
  }
}
