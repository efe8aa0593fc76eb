import Reports
import Testing
import WebSocketProtocol

@testable import LoadTesting

extension Loopback {
  @Suite("Groups over loopback")
  struct GroupTests {
    @Test func `groups play at once, each with its own results`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      var first = LoadPlan(url: server.url)
      first.connections = 1
      first.workload = .openLoop(messagesPerSecond: 100)
      var second = LoadPlan(url: server.url)
      second.connections = 4
      second.payload = .generated(.text, byteCount: 50)
      second.kind = .text
      var third = LoadPlan(url: server.url)
      third.connections = 3
      third.workload = .idle
      var test = LoadTest([
        LoadTest.Group(name: "few", first), LoadTest.Group(second), LoadTest.Group(third),
      ])
      test.loops = 2
      test.warmUp = .milliseconds(100)
      test.duration = .milliseconds(300)
      let outcomes = try await LoadRunner(test).play()
      #expect(outcomes.allSatisfy { $0.ending == .completed && $0.isFlawless })
      let results = outcomes.map(\.results)
      #expect(results.map(\.totals.connectionsEstablished) == [1, 4, 3])
      #expect(results.map(\.group) == results.map(\.name))
      #expect(results[0].name == "few")
      #expect(results[0].latencies.map(\.histogram.count) == [30, 30])
      #expect(results[1].totals.payloadBytesReceived == results[1].totals.messagesReceived * 50)
      #expect(results[1].totals.messagesReceived > 0)
      #expect(results[2].totals.messagesReceived == 0)
      #expect(results.allSatisfy { $0.generatorNanosecondsPerMessage == nil })
    }

    @Test func `a group that cannot connect leaves the others alone`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      let gone = try TwistedServer()
      gone.stop()
      var good = LoadPlan(url: server.url)
      good.connections = 2
      var bad = LoadPlan(url: gone.url)
      bad.connections = 2
      var test = LoadTest([LoadTest.Group(good), LoadTest.Group(bad)])
      test.warmUp = .zero
      test.duration = .milliseconds(200)
      let outcomes = try await LoadRunner(test).play()
      #expect(outcomes[0].isFlawless)
      #expect(outcomes[1].results.errors.map(\.kind) == [.connectFailed])
      #expect(!outcomes[1].isFlawless)
    }
  }
}
