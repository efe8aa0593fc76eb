import CaseLanguage
import Reports
import Synchronization
import Testing

@testable import Conformance

@Suite("Who has played what")
struct DriverLedgerTests {
  static let cases = ["a", "b"].map {
    Case(id: $0, citation: Citation(document: "RFC 6455", section: "5"))
  }

  func result(_ id: String, _ grade: Reports.Grade = .pass) -> CaseResult {
    CaseResult(
      caseID: id, verdict: Verdict(grade), reason: "", started: .now(), elapsed: .zero)
  }

  @Test func `results are kept in the order of the cases, and the last one counts`() {
    let ledger = DriverLedger(cases: Self.cases, earlier: nil, agentLimit: 8)
    for (id, grade) in [("b", Reports.Grade.fail), ("a", .pass), ("b", .pass)] {
      #expect(ledger.begin(id, agent: "x", userAgent: "X/1", url: nil))
      ledger.end(id, agent: "x", result(id, grade))
    }
    let agents = ledger.results().agents
    #expect(agents.count == 1)
    #expect(agents.first?.serverHeader == "X/1")
    #expect(agents.first?.results.map(\.caseID) == ["a", "b"])
    #expect(agents.first?.results.map(\.verdict.overall) == [.pass, .pass])
  }

  @Test func `results of earlier runs stay until they are replaced`() {
    let old = Case(id: "gone", citation: Citation(document: "RFC 6455", section: "5"))
    let earlier = ConformanceResults(
      role: .server, cases: [CaseDescription(Self.cases[0]), CaseDescription(old)],
      agents: [
        AgentResults(name: "x", results: [result("a", .fail), result("gone")]),
        AgentResults(name: "y", results: [result("a", .fail)]),
      ])
    let ledger = DriverLedger(cases: Self.cases, earlier: earlier, agentLimit: 8)
    #expect(ledger.played().isEmpty)
    #expect(ledger.begin("a", agent: "x", userAgent: nil, url: nil))
    ledger.end("a", agent: "x", result("a"))
    let results = ledger.results()
    #expect(results.cases.map(\.id) == ["a", "b", "gone"])
    #expect(results.agents.map(\.name) == ["x", "y"])
    #expect(results.agents.first?.results.map(\.verdict.overall) == [.pass, .pass])
    #expect(results.agents.last?.results.map(\.verdict.overall) == [.fail])
    #expect(ledger.played().map(\.agent) == ["x"])
    #expect(ledger.played().first?.cases == ["a"])
  }

  @Test func `the last cases are those that had not ended when the last one began`() {
    let ledger = DriverLedger(cases: Self.cases, earlier: nil, agentLimit: 8)
    #expect(ledger.lastPlayed() == nil)
    #expect(ledger.begin("a", agent: "x", userAgent: nil, url: nil))
    ledger.end("a", agent: "x", result("a"))
    #expect(ledger.begin("b", agent: "x", userAgent: nil, url: nil))
    #expect(ledger.lastPlayed()?.cases == ["b"])
    ledger.end("b", agent: "x", result("b"))
    #expect(ledger.lastPlayed()?.cases == ["b"])
    ledger.noteOtherRequest()
    #expect(ledger.lastPlayed() == nil)
  }

  @Test func `cases that are under suspicion are played again, and keep their results until then`()
  {
    let ledger = DriverLedger(cases: Self.cases, earlier: nil, agentLimit: 8)
    for id in ["a", "b"] { #expect(ledger.begin(id, agent: "x", userAgent: nil, url: nil)) }
    for id in ["a", "b"] { ledger.end(id, agent: "x", result(id, .fail)) }
    #expect(ledger.lastPlayed()?.agent == "x")
    #expect(ledger.lastPlayed()?.cases == ["a", "b"])
    ledger.suspect(["a", "b"], agent: "x")
    #expect(ledger.standings()["x"] == .init(played: [], suspects: ["a", "b"]))
    #expect(ledger.results().agents.first?.results.map(\.verdict.overall) == [.fail, .fail])
    #expect(ledger.begin("a", agent: "x", userAgent: nil, url: nil))
    ledger.end("a", agent: "x", result("a"))
    #expect(ledger.lastPlayed()?.cases == ["a"])
    #expect(ledger.standings()["x"] == .init(played: ["a"], suspects: ["a", "b"]))
  }

  @Test func `who asks for a result too early waits for it`() {
    let ledger = DriverLedger(cases: Self.cases, earlier: nil, agentLimit: 8)
    let grades = Mutex<[Reports.Grade?]>([])
    let note: @Sendable (CaseResult?) -> Void = { result in
      grades.withLock { $0.append(result?.verdict.overall) }
    }
    #expect(ledger.begin("a", agent: "x", userAgent: nil, url: nil))
    let number = ledger.await("a", agent: "x", note)
    #expect(number.map { ledger.giveUp($0) } == true, "it is being played: wait on")
    ledger.end("a", agent: "x", result("a", .acceptable))
    #expect(grades.withLock { $0 } == [.acceptable])
    #expect(ledger.await("a", agent: "x", note) == nil)
    #expect(grades.withLock { $0 } == [.acceptable, .acceptable])
    let idle = ledger.await("b", agent: "x", note)
    #expect(idle.map { ledger.giveUp($0) } == false, "nobody plays it")
    #expect(grades.withLock { $0 } == [.acceptable, .acceptable, nil])
  }

  @Test func `there is a limit on agents`() {
    let ledger = DriverLedger(cases: Self.cases, earlier: nil, agentLimit: 1)
    #expect(ledger.begin("a", agent: "x", userAgent: nil, url: nil))
    #expect(!ledger.begin("a", agent: "y", userAgent: nil, url: nil))
    #expect(ledger.begin("b", agent: "x", userAgent: nil, url: nil))
  }
}
