import CaseLanguage
import Reports
import Testing
import WebSocketServer

@testable import LoadTesting

extension Loopback {
  @Suite("Cases as load over loopback")
  struct ReplayTests {
    /// Two cases that every echo server passes, and one that none does.
    private static let script = """
      section  RFC 6455 §5.6

      case 5.6/echo
        why  it echoes
        >    text "hello"
        <    text "hello"

      case 5.6/pong
        why  it answers
        >    ping "?"
        <    pong "?"

      case 5.6/promise
        why  no server takes so much
        >    head binary length=0x7fffffffffffffff
        <    fail 1009

      case 5.6/wrong
        why  nobody does this
        >    close 1000
        <    close 1001

      """

    private func play(_ names: [String], at url: String) async throws -> LoadOutcome {
      let all = try CaseParser.parse(bytes: Array(Self.script.utf8), path: "replay.case")
      let cases = all.filter { item in names.contains { item.id.hasSuffix($0) } }
      #expect(cases.count == names.count)
      var plan = LoadPlan(url: url)
      plan.connections = 4
      plan.loops = 2
      plan.warmUp = .zero
      plan.duration = .milliseconds(300)
      plan.traffic = .cases(CaseReplay(cases))
      return try await LoadRunner(plan).run()
    }

    @Test func `cases are played again and again, and what they say is counted`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      let outcome = try await play(["echo", "pong"], at: server.url)
      let cases = try #require(outcome.results.cases)
      #expect(outcome.ending == .completed)
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      #expect(cases.selected == 2)
      #expect(cases.played > 4)
      #expect(cases.verdicts == [PlayedCases.GradeCount(.pass, count: cases.played)])
      #expect(outcome.results.totals.connectionsEstablished == cases.played)
      let results = try #require(outcome.conformance?.agents.first?.results)
      #expect(results.map(\.verdict.overall) == [.pass, .pass])
      #expect(results.reduce(0) { $0 + ($1.plays?.total ?? 0) } == cases.played)
      #expect(outcome.results.latencies.map(\.name) == ["whole case"])
    }

    @Test func `a case that fails under load fails the run, with its words`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      let outcome = try await play(["echo", "wrong"], at: server.url)
      #expect(!outcome.isFlawless)
      let failed = outcome.results.errors.first { $0.kind == .caseFailed }
      #expect(failed?.example?.hasPrefix("5.6/wrong: ") == true, "\(outcome.results.errors)")
      let results = try #require(outcome.conformance?.agents.first?.results)
      #expect(results.map(\.verdict.overall) == [.pass, .fail])
      #expect(results.last?.plays?.unmet == failed?.count)
    }

    @Test func `what a header promises does not count as payload`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      let outcome = try await play(["promise"], at: server.url)
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      #expect(outcome.results.cases?.played ?? 0 > 4)
      #expect(outcome.results.totals.payloadBytesSent < 1 << 20)
    }

    @Test func `a server that is not there is said`() async throws {
      let gone = try TwistedServer()
      gone.stop()
      let outcome = try await play(["echo"], at: gone.url)
      guard case .notConnected(let reason) = outcome.ending else {
        Issue.record("\(outcome.ending)")
        return
      }
      #expect(reason.contains("connection refused"), "\(reason)")
      #expect(outcome.conformance == nil)
    }
  }
}
