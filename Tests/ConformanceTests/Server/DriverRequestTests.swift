import Testing

@testable import Conformance

@Suite("What a client driver asks for")
struct DriverRequestTests {
  @Test(arguments: [
    ("/getCaseCount", DriverRequest.caseCount),
    ("/getCaseCount?agent=any", .caseCount),
    ("/getCaseInfo?case=7", .caseInfo(.position(7))),
    ("/getCaseInfo?casetuple=1.2.3", .caseInfo(.name("1.2.3"))),
    ("/runCase?case=1&agent=A", .runCase(.position(1), agent: "A")),
    ("/runCase?agent=My%20Client%2F2.0+x&case=9", .runCase(.position(9), agent: "My Client/2.0 x")),
    ("/runCase/12?agent=A", .runCase(.position(12), agent: "A")),
    ("/runCase?casetuple=5.5%2Fping&agent=A", .runCase(.name("5.5/ping"), agent: "A")),
    ("/getCaseStatus?case=2&agent=A", .caseStatus(.position(2), agent: "A")),
    ("/updateReports?agent=A", .updateReports(endsAfter: false)),
    ("/updateReports?agent=A&shutdownOnComplete=yes", .updateReports(endsAfter: true)),
    ("/updateReports?shutdownOnComplete=True", .updateReports(endsAfter: true)),
    ("/stopServer", .stopServer),
  ])
  func `a request is understood`(target: String, expected: DriverRequest) throws {
    #expect(try DriverRequest.parse(target, agent: nil) == expected)
  }

  @Test(arguments: ["/", "/chat", "/getcasecount", "/getCaseCount/", ""])
  func `another path means nothing`(target: String) throws {
    #expect(try DriverRequest.parse(target, agent: nil) == nil)
  }

  @Test(arguments: [
    ("/runCase?case=1", "/runCase needs agent in its query: /runCase?case=1&agent=NAME"),
    (
      "/runCase/?agent=A",
      "case= is no number: give the place of the case, from 1, or casetuple=1.1.1"
    ),
    ("/runCase?agent=A", "/runCase needs case in its query: /runCase?case=1"),
    (
      "/runCase?case=one&agent=A",
      "case=one is no number: give the place of the case, from 1, or casetuple=1.1.1"
    ),
    ("/runCase?case=1&agent=A&agent=B", "agent is in the query more than once"),
    ("/runCase?case=1&agent=", "the agent's name is empty"),
    ("/runCase?case=1&agent=%0a", "the agent's name has a control character"),
    ("/runCase?case=1&agent=%7f", "the agent's name has a control character"),
    ("/runCase?case=1&agent=%c2%9b31m", "the agent's name has a control character"),
    ("/runCase?case=1&agent=%fe", "'%fe' in the query is not percent-encoded UTF-8"),
    ("/runCase?case=1&agent=%g0", "'%g0' in the query is not percent-encoded UTF-8"),
    ("/runCase?case=1&agent=%2", "'%2' in the query is not percent-encoded UTF-8"),
  ])
  func `a mistake is told`(target: String, message: String) {
    let error = #expect(throws: DriverRequestError.self) {
      try DriverRequest.parse(target, agent: nil)
    }
    #expect(error?.description == message)
  }

  @Test func `clients without a name get the usual one, if there is one`() throws {
    #expect(
      try DriverRequest.parse("/runCase?case=1", agent: "usual")
        == .runCase(.position(1), agent: "usual"))
    let long = String(repeating: "a", count: 129)
    #expect(throws: DriverRequestError.badAgent("has more than 128 octets")) {
      try DriverRequest.parse("/runCase?case=1&agent=\(long)", agent: nil)
    }
  }

  @Test(arguments: [
    ("client {url}", #"client "$GAUNTLET_URL""#),
    ("client '{url}' -n {case}", #"client "$GAUNTLET_URL" -n "$GAUNTLET_CASE""#),
    (#"client "{url}" {agent}"#, #"client "$GAUNTLET_URL" "$GAUNTLET_AGENT""#),
  ])
  func `placeholders of a command become variables`(text: String, expected: String) {
    #expect(ClientCommand.expanded(text) == expected)
  }

  @Test func `names are fit for URLs and files`() {
    #expect(ClientCommand.percentEncoded("a b/ü&1~") == "a%20b%2F%C3%BC%261~")
    #expect(ClientCommand.fileName(of: "5.5/ping sent?") == "5.5_ping_sent_.log")
  }
}
