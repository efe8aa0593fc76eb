import Histogram
import Testing

@testable import Reports

@Suite("Objectives of a load run")
struct ServiceLevelTests {
  /// A run of 1,000 messages with latencies of 1 to 1,000 ms, in 2 s.
  private var results: LoadResults {
    var histogram = Histogram<UInt64>(
      highestTrackableValue: 3_600_000_000_000, numberOfSignificantValueDigits: .three)
    for value in 1...1000 as ClosedRange<UInt64> { histogram.record(value * 1_000_000) }
    let stored = StoredHistogram(histogram)
    var results = LoadResults(
      name: "echo",
      scenario: LoadScenario(mode: .openLoop, connections: 10, payloadByteCount: 20),
      target: LoadTarget(url: "ws://localhost/"),
      phases: [
        LoadPhase(name: "measure", start: .zero, duration: .seconds(2), isMeasured: true)
      ],
      latencies: [LatencyRecord(name: "from planned send", histogram: stored)],
      setUp: [
        LatencyRecord(name: "tcp", histogram: StoredHistogram(Histogram<UInt64>())),
        LatencyRecord(name: "total", histogram: stored),
      ])
    results.totals.connectionsAttempted = 10
    results.totals.connectionsEstablished = 9
    results.totals.messagesSent = 990
    results.totals.messagesReceived = 985
    results.serverProcess = ObservedProcess()
    results.serverProcess?.cpuNanoseconds = 985 * 1500
    results.errors = [ErrorCount(.lost, count: 5), ErrorCount(.unsent, count: 10)]
    return results
  }

  @Test(arguments: [
    ("p50<510ms", true), ("p50<490ms", false), ("p98<=1s", true), ("p98.6<3600s", false),
    ("p99.9>0.5s", true), ("p100<999000us", false), ("connect-p50<510ms", true),
    ("mean<501ms", true),
    ("mean<499ms", false), ("max<2s", true), ("max<1ns", false), ("errors<16", true),
    ("errors=15", true), ("errors<15", false), ("errors<=1.5%", true), ("errors<1.5%", false),
    ("reach=100%", false), ("reach>=98.5%", true), ("rate>=492/s", true), ("rate>493", false),
    ("connected=100%", false), ("connected>=90%", true), ("cpu<2us", true), ("cpu<1us", false),
    (" p50 < 510 ms ", true),
  ])
  func `an objective is met or not`(text: String, isMet: Bool) throws {
    let outcomes = try ServiceLevel(text).outcomes(of: results)
    #expect(outcomes.map(\.isMet) == [isMet])
    #expect(outcomes[0].objective == text.filter { $0 != " " })
  }

  @Test func `messages that were never answered are the slowest`() throws {
    var results = results
    results.errors = [ErrorCount(.lost, count: 500), ErrorCount(.unsent, count: 10)]
    let outcomes = try ServiceLevel("p25<520ms,p25<500ms,p48.5<=1s,p50<3600s").outcomes(of: results)
    #expect(outcomes.map(\.isMet) == [true, false, true, false])
    #expect(outcomes.last?.measured == "too few were answered")
  }

  @Test func `errors of the whole run are a share of its messages`() throws {
    var results = results
    // Beside the 990 of the measuring phase 10 of the warm-up, of which half were lost.
    var warmUp = LoadSample(offset: .zero, duration: .seconds(1))
    warmUp.messagesSent = 10
    var measured = LoadSample(offset: .seconds(1), duration: .seconds(2))
    measured.messagesSent = 990
    results.series = [warmUp, measured]
    results.errors = [ErrorCount(.lost, count: 5)]
    let outcomes = try ServiceLevel("reach=100%,errors<=0.5%").outcomes(of: results)
    #expect(outcomes.map(\.measured) == ["99.500 %", "0.500 %"])
    results.totals.messagesSent = 2
    #expect(LoadMetric.reach.value(in: results) == 99.5)
  }

  @Test func `several objectives are held one by one`() throws {
    var results = results
    results.objectives = try ServiceLevel("p99<20ms,errors<20,reach=100%").outcomes(of: results)
    #expect(results.missedObjectives.map(\.objective) == ["p99<20ms", "reach=100%"])
    #expect(results.missedObjectives.map(\.measured) == ["too few were answered", "98.500 %"])
    #expect(!results.isAsRequired)
    results.objectives = try ServiceLevel("errors<20").outcomes(of: results)
    #expect(results.isAsRequired)
    results.objectives = nil
    #expect(!results.isAsRequired)
  }

  @Test func `where nothing was measured no objective is met`() throws {
    let nothing = LoadResults(
      name: "echo", scenario: LoadScenario(mode: .closedLoop, connections: 1, payloadByteCount: 1),
      target: LoadTarget(url: "ws://localhost/"))
    for text in [
      "p99<1s", "max<1s", "mean<1s", "errors<1%", "reach>0%", "rate>=0", "connected>=0%",
    ] {
      let outcome = try ServiceLevel(text).outcomes(of: nothing)[0]
      #expect(!outcome.isMet, "\(text)")
      #expect(outcome.measured == "nothing was measured")
    }
  }

  @Test(arguments: [
    ("", "the objective '' compares nothing: write, for example, p99<20ms"),
    ("p99", "the objective 'p99' compares nothing: write, for example, p99<20ms"),
    ("p99<20ms,", "the objective '' compares nothing: write, for example, p99<20ms"),
    ("p99<", "the objective 'p99<' has no bound after <: '' is no number with a unit"),
    ("p99<fast", "the objective 'p99<fast' has no bound after <: 'fast' is no number with a unit"),
    ("p99<20", "the objective 'p99<20' has the unit '', but p99 is a time: ns, us, ms or s"),
    ("reach=1", "the objective 'reach=1' has the unit '', but reach is a share in %"),
    (
      "errors<1ms",
      "the objective 'errors<1ms' has the unit 'ms', but errors is "
        + "a count without a unit, or a share in %"
    ),
    (
      "rate>5%",
      "the objective 'rate>5%' has the unit '%', but rate is "
        + "a number of messages per second"
    ),
  ])
  func `what cannot be read is quoted`(text: String, description: String) {
    #expect(throws: ServiceLevelError(description: description)) { try ServiceLevel(text) }
  }

  @Test(arguments: ["p0<1s", "p101<1s", "pp<1s", "latency<1s", "connect-<1s", "<1s"])
  func `an unknown metric is answered with those there are`(text: String) {
    #expect { try ServiceLevel(text) } throws: { error in
      "\(error)".contains(LoadMetric.namesInWords)
    }
  }
}
