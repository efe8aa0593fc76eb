import CaseLanguage
import Reports
import Testing
import WebSocketProtocol

@testable import Conformance

@Suite("Peers")
struct PeerTests {
  @Test(arguments: [
    ("a = ws://h:1/", Peer(name: "a", url: "ws://h:1/")),
    ("a=serve --port {port}", Peer(name: "a", command: "serve --port {port}")),
    (
      " b c = wss://h:{port}/x  java -jar = {port} ",
      Peer(name: "b c", url: "wss://h:{port}/x", command: "java -jar = {port}")
    ),
  ])
  func `a line is name, URL and command`(text: String, peer: Peer) throws {
    #expect(try Peer(parsing: text) == peer)
  }

  @Test(arguments: [
    ("ws://h/", "expected NAME = [URL] [COMMAND]"), ("= x", "expected NAME = [URL] [COMMAND]"),
    ("a =  ", "expected a URL or a command after 'a ='"),
    ("a = ws://h:{port}/", "expected a command after 'ws://h:{port}/', which has {port}"),
  ])
  func `what is missing is said`(text: String, message: String) {
    let error = #expect(throws: PeerSyntaxError.self) { try Peer(parsing: text) }
    #expect(error?.message.hasPrefix(message) == true)
  }

  @Test func `a file has a line for each, and its mistakes have a place`() throws {
    let text = "# peers\n\na = ws://h/\n b = x {port}\n"
    #expect(try Peer.parse(file: Array(text.utf8), path: "p").map(\.name) == ["a", "b"])
    for (text, message) in [
      ("a = ws://h/\nb\n", "p:2: error: expected NAME"), ("", "p:1: error: expected a line"),
      ("a = x\na = y", "p:2: error: expected another name: 'a' is taken"),
    ] {
      let error = #expect(throws: PeerSyntaxError.self) {
        try Peer.parse(file: Array(text.utf8), path: "p")
      }
      #expect(error?.message.hasPrefix(message) == true)
    }
  }
}

@Suite("Results of several plays")
struct ResultLedgerTests {
  private let cases = ["a", "b"].map { id in
    Case(id: id, citation: Citation(document: "RFC 6455", section: "5"))
  }

  private func result(_ id: String, _ grade: Reports.Grade) -> CaseResult {
    CaseResult(
      caseID: id, verdict: Verdict(grade), reason: "it was \(grade)", started: .now(),
      elapsed: .zero)
  }

  @Test func `the worst counts, with how often it was`() {
    var ledger = ResultLedger(cases)
    for grade in [Grade.pass, .fail, .pass] as [Reports.Grade] {
      ledger.beginRound()
      #expect(ledger.missing.count == 2)
      ledger.add(result("a", grade))
      ledger.add(result("b", .pass))
      #expect(ledger.missing.isEmpty)
      #expect(ledger.hasFailure(.must) == (grade == .fail))
    }
    #expect(ledger.results.map(\.verdict.overall) == [.fail, .pass])
    #expect(ledger.results[0].plays == PlayCounts(total: 3, unmet: 1))
    #expect(ledger.results[0].plays?.isFlaky == true)
  }

  @Test func `what ends the peer is blamed, and what was never played is an error`() {
    var ledger = ResultLedger(cases)
    ledger.beginRound()
    ledger.add(result("a", .pass))
    ledger.blame("a", for: "the peer's process exited")
    #expect(ledger.results.map(\.verdict.overall) == [.fail])
    #expect(ledger.results[0].reason == "the peer's process exited: it was pass")
    ledger.forget("a")
    #expect(ledger.missing.map(\.id) == ["a", "b"])
    ledger.giveUp(why: "not played")
    #expect(ledger.missing.isEmpty)
    #expect(ledger.results.map(\.verdict.overall) == [.error, .error])
  }

  @Test func `the same seed gives the same lots, another play others`() {
    func words(_ seed: UInt64, _ id: String, play: Int = 0) -> [UInt64] {
      var keys = SeededKeys(seed: seed, caseID: id, play: play)
      return [keys.next(), keys.next()]
    }
    #expect(words(1, "a") == words(1, "a"))
    let others: [[UInt64]] = [words(2, "a"), words(1, "b"), words(1, "a", play: 1)]
    #expect(!others.contains(words(1, "a")))
    let source = SeededKeys(seed: 1, caseID: "a").maskingKeys()
    let again = SeededKeys(seed: 1, caseID: "a").maskingKeys()
    for _ in 0..<200 {
      let (one, other) = (source.next(), again.next())
      #expect(one == other)
    }
  }

  @Test func `a peer that is far away is given more time, a near one none`() {
    var scan = PeerScan()
    #expect(scan.allowance == .zero)
    scan.roundTrip = .milliseconds(5)
    #expect(scan.allowance == .zero)
    scan.roundTrip = .milliseconds(520)
    #expect(scan.allowance == .seconds(2))
    scan.roundTrip = .seconds(100)
    #expect(scan.allowance == .seconds(60))
  }
}
