import Reports
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
    #expect(test.plan(ofGroup: 0) == plan)
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
    #expect(test.plan(ofGroup: 0).loops == 3)
    #expect(test.plan(ofGroup: 1).duration == .seconds(1))
    #expect(test.connections == 6)
  }

  @Test func `groups of one seed have random times of their own, the same in each run`() throws {
    func times(_ test: LoadTest, group: Int) throws -> [Int64] {
      let setting = try RunSetting(plan: test.plan(ofGroup: group))
      let pacer = try #require(setting.pacer())
      return (0..<100).map { pacer.plannedTime(ofMessage: $0) }
    }
    var random = plan(connections: 1)
    random.workload = .openLoop(LoadSchedule(rate: 1000, arrivals: .poisson))
    let test = LoadTest((0..<3).map { _ in LoadTest.Group(random) })
    let lists = try (0..<3).map { try times(test, group: $0) }
    #expect(try lists == (0..<3).map { try times(test, group: $0) })
    // A schedule that is another's one message later would be no better.
    let distances = lists.map { times in zip(times.dropFirst(), times).map { $0 - $1 } }
    #expect(Set(distances.joined()).count > 290)
    // Who plays alone plays as the first of several.
    #expect(try times(LoadTest(random), group: 0) == lists[0])
    #expect(test.plan(ofGroup: 0).scheduleSeed == random.seed)
  }

  @Test func `a fan-out is dealt to parts, the last of which may only subscribe`() throws {
    var whole = plan(connections: 11)
    whole.workload = .openLoop(messagesPerSecond: 100)
    var fanOut = LoadTraffic.FanOut(publishers: 3)
    fanOut.channels = 2
    whole.traffic = .fanOut(fanOut)
    let parts = try (0..<4).map {
      var part = try LoadTest(whole).part(of: LoadShard(index: $0, of: 4))
      part.startAt = .now()
      return part
    }
    for part in parts { try part.validate() }
    let plans = parts.map { $0.plan(ofGroup: 0) }
    #expect(plans.map(\.connections) == [3, 3, 3, 2])
    #expect(plans.map(\.sendingShard?.count) == [3, 3, 3, nil])
    let book = TrafficBook(recordsService: false)
    let dialogues = try plans.map { plan in
      let setting = try RunSetting(plan: plan)
      return (0..<plan.connections).map { setting.place($0, book).dialogue }
    }
    #expect(
      dialogues.map { $0.map(\.sends) } == [
        [true, false, false], [true, false, false], [true, false, false], [false, false],
      ])
    // Connection n of all is connection n / 4 of part n mod 4: as where one process plays them all.
    let alone = try RunSetting(plan: whole)
    for number in 0..<11 {
      #expect(
        dialogues[number % 4][number / 4].fanOut?.channel
          == alone.place(number, book).dialogue.fanOut?.channel)
    }
    var unagreed = parts[0]
    unagreed.startAt = nil
    #expect(throws: LoadPlanError.self) { try unagreed.validate() }
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
