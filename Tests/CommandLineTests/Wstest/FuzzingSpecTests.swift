import CaseLanguage
import CaseLibrary
import Conformance
import Testing

@testable import gauntlet

@Suite("The established suite's spec files")
struct FuzzingSpecTests {
  static let corpus = CaseLibrary.all.filter { $0.number(in: "autobahn") != nil }

  func object(_ text: String) throws -> SpecObject {
    let value = try SpecParser.parse(Array(text.utf8), path: "spec.json")
    return try SpecObject(value, path: "spec.json", name: "a spec")
  }

  func client(_ text: String, defaultURL: String? = nil) throws -> FuzzingClientSpec {
    try FuzzingClientSpec(object(text), corpus: Self.corpus, defaultURL: defaultURL)
  }

  func numbers(_ choice: CaseChoice) -> [String] {
    choice.cases.compactMap { $0.number(in: "autobahn") }
  }

  @Test func `the specs that are written by themselves are good`() throws {
    let client = try client(FuzzingClientSpec.text)
    #expect(client.servers.map(\.url) == ["ws://127.0.0.1:9001"])
    #expect(client.choice.cases.count == 517)
    let server = try FuzzingServerSpec(object(FuzzingServerSpec.text), corpus: Self.corpus)
    #expect(server.folder == "./reports/clients")
    #expect(server.choice.cases.count == 517)
    let mass = try MassConnectSpec(object(MassConnectSpec.text))
    #expect(mass.connections == 10_000)
    #expect(mass.batchDelay == .milliseconds(10))
  }

  @Test func `cases are chosen as the established suite chooses them`() throws {
    let spec = try client(
      """
      {"cases": ["1.1.1", "2.*", "1*"], "exclude-cases": ["1.2.*", "12.*", "13.*", "10.1.1"]}
      """, defaultURL: "ws://x/")
    let found = numbers(spec.choice)
    #expect(Array(found.prefix(9)) == (1...8).map { "1.1.\($0)" } + ["2.1"])
    #expect(found.last == "2.11")
    #expect(found.count == 19)
  }

  @Test func `agents are spared cases by patterns that fit whole`() throws {
    let spec = try client(
      """
      {"cases": ["*"], "exclude-agent-cases": {"Fire*": ["6.*", "2.1"], "a.b": ["1.1.1"]}}
      """, defaultURL: "ws://x/")
    func excluded(_ agent: String) -> Set<String> {
      Set(
        spec.choice.cases.filter { spec.choice.isExcluded($0, for: agent) }
          .compactMap { $0.number(in: "autobahn")?.split(separator: ".").first.map(String.init) })
    }
    #expect(excluded("Firefox") == ["6", "2"])
    #expect(excluded("a.b") == ["1"])
    #expect(excluded("acb").isEmpty)
    #expect(
      !spec.choice.isExcluded(
        try #require(spec.choice.cases.first { $0.number(in: "autobahn") == "2.10" }),
        for: "Firefox"))
  }

  @Test func `each server has its own options over the common ones`() throws {
    let spec = try client(
      """
      {"cases": ["*"], "outdir": "here",
       "options": {"failByDrop": false, "closeHandshakeTimeout": 2.5, "echoCloseCodeReason": true,
         "autoPingSize": 100, "tcpNoDelay": false},
       "servers": [
         {"url": "ws://a/", "agent": "A", "options": {"version": 18, "maxFramePayloadSize": 0}},
         {"url": "wss://b/", "origin": "http://o", "protocols": ["p", "q"], "hostname": "sni",
          "options": {"openHandshakeTimeout": 0, "maskClientFrames": false, "autoPingInterval": 3,
            "autoPingTimeout": 1, "autoFragmentSize": 7}}]}
      """)
    #expect(spec.folder == "here")
    #expect(spec.servers[0].options.player.closeReplyTimeout == .milliseconds(2500))
    #expect(spec.servers[0].options.player.manners.echoesClose)
    #expect(spec.servers[0].options.player.manners.frameByteCount == nil)
    #expect(spec.servers[1].options.player.manners.masks == false)
    #expect(spec.servers[1].options.player.manners.echoesClose)
    #expect(spec.servers[1].options.player.openingTimeout > .seconds(3600))
    #expect(spec.servers[1].protocols == ["p", "q"])
    #expect(spec.servers[1].hostname == "sni")
    #expect(spec.servers[0].options.player.manners.pings.interval == nil)
    #expect(spec.servers[1].options.player.manners.pings.interval == .seconds(3))
    #expect(spec.servers[1].options.player.manners.pings.byteCount == 100)
    #expect(spec.servers[1].options.player.manners.pings.timeout == .seconds(1))
    #expect(spec.servers[1].options.player.manners.fragmentByteCount == 7)
    #expect(Set(spec.remarks).count == 1)
  }

  @Test(arguments: [
    (#"{"servers": []}"#, #"spec.json:1:1: error: "cases" is missing: for example "cases": ["*"]"#),
    (
      "{\"cases\": [\"*\"],\n\"servers\": [\n{\"agent\": \"x\"}]}",
      #"spec.json:3:1: error: "url" is missing: for example "url": "ws://127.0.0.1:9001""#
    ),
    (
      "{\"cases\": [\"1.*\",\n\"1.9.9\"]}",
      #"spec.json:2:1: error: there is no case "1.9.9": write a number such as "1.1.1", or "1.*""#
    ),
    (
      #"{"cases": ["1.1.1"], "exclude-cases": ["1.*"]}"#,
      #"spec.json:1:1: error: no case is left: "exclude-cases" covers all of "cases""#
    ),
    (
      #"{"cases": "*"}"#,
      #"spec.json:1:11: error: "cases" is to be a list of strings, not a string"#
    ),
    (#"{"cases": [1]}"#, #"spec.json:1:12: error: "cases" is to hold strings, not a number"#),
    (
      "{\"cases\": [\"*\"],\n\"options\":\n{\"nonsense\": 1}}",
      #"spec.json:3:14: error: there is no option "nonsense" for a client"#
    ),
    (
      #"{"cases": ["*"], "options": {"version": 8}}"#,
      #"spec.json:1:41: error: "version" is to be 18, which is RFC 6455"#
    ),
    (
      #"{"cases": ["*"], "options": {"failByDrop": "no"}}"#,
      #"spec.json:1:44: error: "failByDrop" is to be true or false, not a string"#
    ),
    ("[]", "spec.json:1:1: error: a spec is to be an object, not a list"),
  ])
  func `a mistake is told with its line`(text: String, message: String) {
    let error = #expect(throws: SpecError.self) { try client(text, defaultURL: "ws://x/") }
    #expect(error?.description == message)
  }

  @Test func `TLS needs its two files`() throws {
    let text = #"{"url": "wss://x:1", "cases": ["*"], "key": "k"}"#
    let error = #expect(throws: SpecError.self) {
      try FuzzingServerSpec(object(text), corpus: Self.corpus)
    }
    #expect(error?.message == "\"key\" and \"cert\" belong together: give both")
  }
}
