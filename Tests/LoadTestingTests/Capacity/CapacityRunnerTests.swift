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

  /// What comes of a play of a server that answers no more than so many messages in each second.
  private func answered(_ plan: LoadPlan, _ perSecond: [Double]) -> LoadOutcome {
    guard case .openLoop(let schedule) = plan.workload, let rate = schedule.constantRate else {
      return carried(plan)
    }
    var outcome = carried(plan)
    outcome.results.scenario.plannedMessagesPerSecond = rate
    outcome.results.phases = [
      LoadPhase(
        name: "measure", start: .zero, duration: .seconds(perSecond.count), isMeasured: true)
    ]
    outcome.results.series = perSecond.enumerated().map { second, limit in
      var sample = LoadSample(offset: .seconds(second), duration: .seconds(1))
      sample.messagesSent = Int(rate)
      sample.messagesReceived = Int(min(rate, limit))
      return sample
    }
    return outcome
  }

  @Test func `a rate whose answers fall behind is not carried, whatever the objectives`()
    async throws
  {
    var plan = CapacityPlan(
      LoadPlan(url: "ws://127.0.0.1:1/"), by: .rate, objectives: try ServiceLevel("errors=0"))
    plan.confirmations = 1
    var runner = CapacityRunner(plan)
    let outcome = await runner.run { answered($0, [2000, 2000]) }
    let capacity = try #require(outcome.results.capacity)
    #expect((2000...2062).contains(capacity), "\(capacity)")
    let missed = outcome.results.probes.filter { !$0.isMet }.flatMap(\.missed)
    #expect(missed.allSatisfy { $0.hasPrefix("answers fell behind by ") })
  }

  @Test func `a stall in one half, or answers lost, are no growing backlog`() throws {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.workload = .openLoop(messagesPerSecond: 1000)
    #expect(answered(plan, [1000, 900]).results.backlogGrowth == 0)
    #expect(answered(plan, [900, 1000]).results.backlogGrowth == 0)
    #expect(answered(plan, [1000]).results.backlogGrowth == nil)
    var lossy = answered(plan, [900, 900]).results
    lossy.errors = [ErrorCount(.lost, count: 200)]
    #expect(abs(try #require(lossy.backlogGrowth)) < 1e-9)
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
