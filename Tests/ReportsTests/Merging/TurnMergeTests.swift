import Histogram
import Testing

@testable import Reports

@Suite("Turns of a load run become one")
struct TurnMergeTests {
  /// A turn that began at this second, in which one message took so many nanoseconds.
  func turn(
    at second: Int64, latency: UInt64, _ change: (inout LoadResults) -> Void = { _ in }
  ) -> Run {
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000,
      numberOfSignificantValueDigits: .three)
    histogram.record(latency)
    var load = LoadResults(
      name: "echo", scenario: LoadScenario(mode: .openLoop, connections: 5, payloadByteCount: 20),
      target: LoadTarget(url: "ws://127.0.0.1:9001"))
    load.scenario.plannedMessagesPerSecond = 100
    load.phases = [
      LoadPhase(name: "connect", start: .zero, duration: .milliseconds(100), isMeasured: false),
      LoadPhase(
        name: "measure", start: .milliseconds(100), duration: .milliseconds(500), isMeasured: true),
    ]
    load.totals.messagesSent = 2
    load.totals.messagesReceived = 1
    load.totals.connectionsEstablished = 5
    load.errors = [ErrorCount(.lost, count: 1)]
    load.latencies = [
      LatencyRecord(name: "from planned send", histogram: StoredHistogram(histogram))
    ]
    load.series = [LoadSample(offset: .milliseconds(100), duration: .milliseconds(500))]
    load.connectionsPerSecond = 10 * Double(second + 1)
    load.generator.userNanoseconds = 1000
    load.generator.peakMemoryBytes = 1 << (20 + Int(second))
    var process = ObservedProcess()
    process.cpuNanoseconds = 4000
    process.residentBytesBefore = 100 + Int(second)
    process.residentBytesAfter = 200 + Int(second)
    load.serverProcess = process
    change(&load)
    return Run(
      started: Timestamp(millisecondsSinceEpoch: 1000 * second), elapsed: .seconds(1),
      isComplete: true, load: [load])
  }

  @Test func `deliveries of a fan-out are added, as far as they can be`() throws {
    func turn(at second: Int64, _ received: [Int]) -> Run {
      self.turn(at: second, latency: 10) {
        $0.delivery = DeliveryResults(
          publishers: 1,
          of: [
            ChannelDeliveries(
              channel: 0, published: 10,
              subscribers: received.map { .init(received: $0, subscribers: 1) })
          ])
      }
    }
    let load = try TurnMerge([turn(at: 0, [10, 9]), turn(at: 2, [10, 5])]).run().load.first
    let delivery = try #require(load?.delivery)
    #expect(delivery.publishers == 1 && delivery.subscribers == 2)
    #expect(delivery.published == 20 && delivery.expected == 40 && delivery.received == 34)
    #expect(delivery.leastShare == 0.5 && delivery.greatestShare == 1)
    #expect(delivery.medianShare == nil && delivery.variation == nil)
    let fairness = load?.findings.first { $0.name == "fairness" }
    #expect(fairness?.value == "a subscriber received 50.000 % to 100.000 %")
  }

  @Test func `what was counted is added, and rates are those of the measured time`() throws {
    let run = try TurnMerge([turn(at: 0, latency: 10), turn(at: 3, latency: 30)]).run()
    let load = try #require(run.load.first)
    #expect(run.elapsed == .seconds(4) && run.isComplete)
    #expect(load.totals.messagesReceived == 2 && load.totals.connectionsEstablished == 10)
    #expect(load.errorCount == 2)
    #expect(load.measuredSeconds == 1)
    #expect(load.messagesPerSecond == 2)
    #expect(load.serverProcess?.cpuNanoseconds == 8000)
    #expect(load.serverNanosecondsPerMessage == 4000)
    #expect(load.generatorNanosecondsPerMessage == 1000)
    let latency = try #require(try load.latencies.first?.histogram.histogram())
    #expect(latency.totalCount == 2 && latency.max == 30)
  }

  @Test func `one generator and one server played all turns`() throws {
    let run = try TurnMerge([turn(at: 0, latency: 10), turn(at: 3, latency: 30)]).run()
    let load = try #require(run.load.first)
    #expect(load.scenario.connections == 5 && load.scenario.plannedMessagesPerSecond == 100)
    #expect(load.scenario.settings.isEmpty)
    #expect(load.connectionsPerSecond == 25)
    #expect(load.generator.peakMemoryBytes == 1 << 23)
    #expect(load.serverProcess?.residentBytesBefore == 100)
    #expect(load.serverProcess?.residentBytesAfter == 203)
    // Parts that did not begin together would be told.
    #expect(load.generator.remarks.isEmpty && load.generator.validity == .valid)
  }

  @Test func `phases and intervals keep their places in time`() throws {
    let run = try TurnMerge([turn(at: 0, latency: 10), turn(at: 3, latency: 30)]).run()
    let load = try #require(run.load.first)
    #expect(load.phases.map(\.name) == ["connect", "measure", "connect", "measure"])
    #expect(
      load.phases.map(\.startNanoseconds) == [0, 100_000_000, 3_000_000_000, 3_100_000_000])
    #expect(load.series.map(\.offsetNanoseconds) == [100_000_000, 3_100_000_000])
  }

  @Test func `the whole is trusted as little as its worst turn`() throws {
    let bad = turn(at: 2, latency: 1) { load in
      load.generator.validity = .suspect
      load.generator.remarks = ["it waited for a processor"]
      load.observations = [Fact("held up by the server", "7 messages")]
    }
    var broken = turn(at: 4, latency: 1)
    broken.isComplete = false
    let run = try TurnMerge([turn(at: 0, latency: 10), bad, broken]).run()
    #expect(run.load.first?.generator.validity == .suspect)
    #expect(run.load.first?.generator.remarks == ["turn 2: it waited for a processor"])
    #expect(run.load.first?.observations == [Fact("held up by the server", "turn 2: 7 messages")])
    #expect(!run.isComplete)
  }

  @Test func `one turn is itself`() throws {
    let turn = turn(at: 1, latency: 7)
    #expect(try TurnMerge([turn]).run() == turn)
  }

  @Test func `nothing, and turns of other groups, are no run`() {
    #expect(throws: RunMerge.Failure.self) { try TurnMerge([]).run() }
    var empty = turn(at: 2, latency: 1)
    empty.load = []
    let error = #expect(throws: RunMerge.Failure.self) {
      try TurnMerge([turn(at: 0, latency: 1), empty]).run()
    }
    #expect(error?.description == "turn 2: it has no load results to merge")
  }
}
