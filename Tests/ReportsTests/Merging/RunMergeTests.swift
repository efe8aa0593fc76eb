import Histogram
import Testing

@testable import Reports

@Suite("Parts of a load run become one")
struct RunMergeTests {
  /// Part `number` of `count`, in which these latencies were measured.
  func part(
    _ number: Int, of count: Int, latencies: [UInt64] = [1000], started: Int64 = 0,
    _ change: (inout LoadResults) -> Void = { _ in }
  ) -> RunMerge.Part {
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000,
      numberOfSignificantValueDigits: .three)
    for latency in latencies { histogram.record(latency) }
    var load = LoadResults(
      name: "echo", scenario: LoadScenario(mode: .openLoop, connections: 5, payloadByteCount: 20),
      target: LoadTarget(url: "ws://127.0.0.1:9001"))
    load.scenario.plannedMessagesPerSecond = 100
    load.shard = LoadPart(
      number: number, of: count, sendingStarted: Timestamp(millisecondsSinceEpoch: started + 500))
    load.phases = [
      LoadPhase(name: "connect", start: .zero, duration: .milliseconds(500), isMeasured: false),
      LoadPhase(
        name: "measure", start: .milliseconds(500), duration: .seconds(2), isMeasured: true),
    ]
    load.totals.messagesSent = latencies.count
    load.totals.messagesReceived = latencies.count
    load.totals.connectionsAttempted = 5
    load.totals.connectionsEstablished = 5
    load.latencies = [
      LatencyRecord(name: "from planned send", histogram: StoredHistogram(histogram))
    ]
    for second in 0..<2 {
      var sample = LoadSample(offset: .milliseconds(500 + 1000 * second), duration: .seconds(1))
      sample.messagesReceived = number
      sample.openConnections = 5
      sample.p99Nanoseconds = Int64(1000 * number)
      load.series.append(sample)
    }
    change(&load)
    let run = Run(
      started: Timestamp(millisecondsSinceEpoch: started), elapsed: .seconds(3), isComplete: true,
      load: [load])
    return RunMerge.Part(path: "part-\(number)", run: run)
  }

  /// What came of one channel in a part.
  func fanOut(published: Int, _ received: [Int], to load: inout LoadResults) {
    load.delivery = DeliveryResults(
      publishers: published > 0 ? 1 : 0,
      ofPart: [
        ChannelDeliveries(
          channel: 4, published: published,
          subscribers: received.map { .init(received: $0, subscribers: 1) })
      ])
  }

  @Test func `deliveries of a fan-out are held against what all parts published`() throws {
    let parts = [
      part(1, of: 3) { fanOut(published: 6, [10], to: &$0) },
      part(2, of: 3) { fanOut(published: 4, [10, 10], to: &$0) },
      part(3, of: 3) { fanOut(published: 0, [10, 7], to: &$0) },
    ]
    let load = try #require(
      try RunMerge(parts).run(objectives: ServiceLevel("reach=100%")).load.first)
    let delivery = try #require(load.delivery)
    #expect(delivery.publishers == 2)
    #expect(delivery.subscribers == 5)
    #expect(delivery.published == 10)
    #expect(delivery.received == 47)
    #expect(delivery.expected == 50)
    #expect(delivery.leastShare == 0.7)
    #expect(delivery.medianShare == 1)
    #expect(delivery.channels == nil)
    #expect(load.errors == [ErrorCount(.lost, count: 3)])
    #expect(load.objectives?.map(\.isMet) == [false])
  }

  @Test func `cases that were played as load keep their worst result, and all plays count`() throws
  {
    func results(_ grades: [(id: String, Grade, PlayCounts)]) -> ConformanceResults {
      ConformanceResults(
        role: .client,
        cases: grades.map {
          CaseDescription(id: $0.id, section: "RFC 6455 §5.6", level: .must, why: "")
        },
        agents: [
          AgentResults(
            name: "server",
            results: grades.map { id, grade, plays in
              var result = CaseResult(
                caseID: id, verdict: Verdict(grade), reason: "", started: .now(), elapsed: .zero)
              result.plays = plays
              return result
            })
        ])
    }
    var (one, two) = (part(1, of: 2), part(2, of: 2))
    one.run.conformance = results([
      ("a", .pass, PlayCounts(total: 7, unmet: 0)), ("b", .pass, PlayCounts(total: 3, unmet: 0)),
    ])
    two.run.conformance = results([
      ("a", .fail, PlayCounts(total: 5, unmet: 2)), ("c", .pass, PlayCounts(total: 1, unmet: 0)),
    ])
    let whole = try #require(try RunMerge([one, two]).run().conformance)
    #expect(whole.cases.map(\.id) == ["a", "b", "c"])
    let merged = try #require(whole.agents.first?.results)
    #expect(merged.map(\.verdict.overall) == [.fail, .pass, .pass])
    #expect(merged.map { $0.plays?.total } == [12, 3, 1])
    #expect(merged.map { $0.plays?.unmet } == [2, 0, 0])
  }

  @Test func `the merged histogram is that of all recorded values`() throws {
    var generator = SeededGenerator(seed: 5)
    let latencies = (0..<3).map { _ in
      (0..<5000).map { _ in UInt64.random(in: 1000...900_000_000, using: &generator) }
    }
    let merge = RunMerge(
      [2, 1, 3].map { part($0, of: 3, latencies: latencies[$0 - 1]) })
    #expect(merge.problems == [])
    let whole = try merge.run().load[0]
    let expected = part(1, of: 1, latencies: Array(latencies.joined())).run.load[0]
    // Once through the encoding, which keeps buckets: the exact extremes are not in it.
    let isEqual =
      try whole.latencies[0].histogram
      == StoredHistogram(expected.latencies[0].histogram.histogram())
    #expect(isEqual)
    #expect(whole.totals.messagesReceived == 15_000)
    #expect(whole.totals.connectionsEstablished == 15)
    #expect(whole.scenario.connections == 15)
    #expect(whole.scenario.plannedMessagesPerSecond == 300)
    #expect(whole.messagesPerSecond == 7500)
    #expect(whole.shard == nil)
  }

  @Test func `intervals are laid side by side by the time on the wall`() throws {
    let whole = try RunMerge([part(1, of: 2), part(2, of: 2, started: 1020)]).run()
    #expect(whole.started == Timestamp(millisecondsSinceEpoch: 0))
    #expect(whole.elapsed == .milliseconds(4020))
    let series = whole.load[0].series
    #expect(series.map(\.offsetNanoseconds) == [500_000_000, 1_500_000_000, 2_520_000_000])
    #expect(series.map(\.messagesReceived) == [1, 3, 2])
    #expect(series.map(\.openConnections) == [5, 10, 5])
    #expect(series.map(\.p99Nanoseconds) == [1000, 2000, 2000])
    #expect(whole.load[0].generator.validity == .suspect)
    #expect(
      whole.load[0].generator.remarks
        == ["the parts began to send up to 1020 ms apart: give all of them one --start-at"])
  }

  @Test func `errors are added, and the whole is as valid as its worst part`() throws {
    let merge = RunMerge([
      part(1, of: 2) {
        $0.errors = [ErrorCount(.lost, count: 2)]
        $0.generator.remarks = ["it was busy"]
        $0.generator.validity = .invalid
      },
      part(2, of: 2) {
        $0.errors = [
          ErrorCount(.connectFailed, count: 1, example: "refused"), ErrorCount(.lost, count: 3),
        ]
      },
    ])
    let whole = try merge.run(objectives: ServiceLevel("errors<5,rate>=0")).load[0]
    #expect(
      whole.errors
        == [ErrorCount(.lost, count: 5), ErrorCount(.connectFailed, count: 1, example: "refused")])
    #expect(whole.generator.validity == .invalid)
    #expect(whole.generator.remarks == ["part 1: it was busy"])
    #expect(whole.objectives?.map(\.isMet) == [false, true])
  }

  @Test func `objectives are judged anew on the whole`() throws {
    let outcome = ObjectiveOutcome(objective: "rate>=1000/s", measured: "1/s", isMet: false)
    let whole = try RunMerge([
      part(1, of: 2, latencies: [UInt64](repeating: 5, count: 1500)) { $0.objectives = [outcome] },
      part(2, of: 2, latencies: [UInt64](repeating: 5, count: 500)) { $0.objectives = [outcome] },
    ]).run()
    #expect(whole.load[0].objectives?.map(\.isMet) == [true])
  }

  @Test func `what is not one run is refused with words`() {
    #expect(RunMerge([]).problems == ["there is no part"])
    #expect(RunMerge([part(1, of: 3), part(3, of: 3)]).problems == ["part 2/3 is missing"])
    #expect(
      RunMerge([part(1, of: 2), part(1, of: 2)]).problems
        == ["part 1/2 is there 2 times: part-1, part-1", "part 2/2 is missing"])
    #expect(
      RunMerge([part(1, of: 2), part(2, of: 3)]).problems.first
        == "the parts are of runs in 2 and 3 parts")
    #expect(
      RunMerge([part(1, of: 2), part(2, of: 2) { $0.scenario.payloadByteCount = 21 }]).problems
        == ["part-2: another scenario than part-1: message size 21, not 20"])
    #expect(
      RunMerge([part(1, of: 2), part(2, of: 2) { $0.shard = nil }]).problems.first
        == "part-2: it is no part of a run, and was played without --shard")
    #expect(
      RunMerge([part(1, of: 2), part(2, of: 2, started: 60_000)]).problems
        == ["the parts were not measured at the same time: give all of them one --start-at"])
    var empty = part(2, of: 2)
    empty.run.load = []
    #expect(
      RunMerge([part(1, of: 2), empty]).problems.first == "part-2: it holds no load results")
  }

  @Test func `a histogram that cannot be read is named`() {
    let merge = RunMerge([
      part(1, of: 2), part(2, of: 2) { $0.latencies[0].histogram.encoded = "?" },
    ])
    #expect(throws: RunMerge.Failure.self) { try merge.run() }
  }
}
