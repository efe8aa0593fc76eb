import Reports
import Testing

@testable import LoadTesting

@Suite("Searching for a capacity, play by play")
struct CapacityRunnerTests {
  func plan(limit: Double = 100) throws -> CapacityPlan {
    var load = LoadPlan(url: "ws://127.0.0.1:1/")
    load.loops = 4
    var plan = CapacityPlan(load, by: .connections, objectives: try ServiceLevel("connected=100%"))
    plan.limit = limit
    return plan
  }

  /// What comes of a play of which everything is carried.
  func carried(_ plan: LoadPlan) -> LoadOutcome {
    var results = LoadResults(
      name: "",
      scenario: LoadScenario(mode: .openLoop, connections: plan.connections, payloadByteCount: 0),
      target: LoadTarget(url: plan.url))
    results.totals.connectionsAttempted = plan.connections
    results.totals.connectionsEstablished = plan.connections
    return LoadOutcome(
      ending: .completed, results: results, faults: EchoFaults(), unsent: 0, elapsed: .seconds(1))
  }

  @Test func `what this machine cannot play is the generator's limit, and nothing is lost`()
    async throws
  {
    var runner = CapacityRunner(try plan())
    let outcome = try await runner.run { plan in
      guard plan.connections <= 50 else { throw LoadError.cannotRun("too few descriptors") }
      return carried(plan)
    }
    #expect(outcome.failure == nil)
    #expect(outcome.results.capacity == 50)
    #expect(outcome.results.ending == .generatorExhausted)
    #expect(outcome.results.exhausted == "the generator, and not the server")
    #expect(outcome.best?.totals.connectionsEstablished == 50)
    let missed = outcome.results.probes.filter { !$0.isMet }
    #expect(
      missed.allSatisfy { $0.missed == ["the generator: too few descriptors"] && $0.load > 50 })
  }

  @Test func `if not even the first can be played, there is nothing to tell`() async throws {
    var runner = CapacityRunner(try plan())
    let outcome = try await runner.run { _ in throw LoadError.cannotRun("too few descriptors") }
    #expect(outcome.failure == "too few descriptors")
    #expect(outcome.results.probes.isEmpty)
  }

  @Test func `a play has no more loops than connections`() throws {
    let plan = try plan()
    #expect(plan.play(at: 3).loops == 3)
    #expect(plan.play(at: 30).loops == 4)
    try plan.play(at: 1).validate()
  }

  @Test func `the last load must make sense as well as the first`() throws {
    #expect(throws: LoadPlanError(description: "connections: at most 1000000, not 2000000")) {
      try plan(limit: 2_000_000).validate()
    }
    var rates = CapacityPlan(
      LoadPlan(url: "ws://127.0.0.1:1/"), by: .connections, objectives: try ServiceLevel("p99<1s"))
    rates.ratePerConnection = 1e6
    #expect(throws: LoadPlanError.self) { try rates.validate() }
  }
}
