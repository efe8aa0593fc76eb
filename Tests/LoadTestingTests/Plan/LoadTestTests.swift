import Testing

@testable import LoadTesting

@Suite("Tests of several groups")
struct LoadTestTests {
  func plan(connections: Int) -> LoadPlan {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.connections = connections
    return plan
  }

  @Test func `a test of one plan is that plan`() throws {
    var plan = plan(connections: 7)
    plan.warmUp = .seconds(3)
    plan.duration = .seconds(4)
    plan.drain = .seconds(1)
    plan.loops = 2
    plan.observedProcess = 17
    let test = LoadTest(plan)
    #expect(test.plan(of: test.groups[0]) == plan)
    #expect(test.connections == 7)
    try test.validate()
  }

  @Test func `what groups share is the test's`() throws {
    var test = LoadTest([
      LoadTest.Group(name: "one", plan(connections: 1)), LoadTest.Group(plan(connections: 5)),
    ])
    test.loops = 3
    test.duration = .seconds(1)
    try test.validate()
    #expect(test.plan(of: test.groups[0]).loops == 3)
    #expect(test.plan(of: test.groups[1]).duration == .seconds(1))
    #expect(test.connections == 6)
  }

  @Test func `mistakes name their group`() {
    var test = LoadTest([
      LoadTest.Group(name: "many", plan(connections: 9)),
      LoadTest.Group(plan(connections: 0)),
    ])
    let wrong = LoadPlanError(
      description: "group 2: connections: 0 is not between 1 and 1000000")
    #expect(throws: wrong) { try test.validate() }
    test.groups[1].plan.connections = 1
    test.loops = 11
    #expect(throws: LoadPlanError(description: "loops: 11 is not between 1 and 10")) {
      try test.validate()
    }
    test.groups = []
    #expect(throws: LoadPlanError.self) { try test.validate() }
  }
}
