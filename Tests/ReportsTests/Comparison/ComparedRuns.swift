import Histogram

@testable import Reports

/// Runs to be compared, made up.
enum ComparedRuns {
  static let started = Timestamp(millisecondsSinceEpoch: 1_795_228_200_123)

  private static func run(conformance: ConformanceResults?, load: [LoadResults]) -> Run {
    Run(
      tool: Tool(name: "gauntlet", version: "0.1.0"), started: started, commandLine: ["gauntlet"],
      environment: Environment(
        operatingSystem: "Debian", kernel: "Linux 6.8.0", architecture: "x86_64",
        processor: "A Processor", processorCount: 2, memoryByteCount: 24 << 30,
        loadAverages: [0, 0, 0], swiftVersion: "6.3.1"),
      isComplete: true, conformance: conformance, load: load)
  }

  // MARK: Verdicts

  /// A run with these verdicts of one peer.
  static func verdicts(
    _ verdicts: [(id: String, verdict: Verdict)], agent: String = "server", gate: Gate? = nil,
    change: (inout CaseResult) -> Void = { _ in }
  ) -> Run {
    let cases = verdicts.map { id, _ in
      CaseDescription(
        id: id, section: "RFC 6455 §5.5", level: id.hasPrefix("should") ? .should : .must,
        why: "…")
    }
    let results = verdicts.map { id, verdict in
      var result = CaseResult(
        caseID: id, verdict: verdict, reason: "expected close 1002", started: started,
        elapsed: .milliseconds(1))
      change(&result)
      return result
    }
    return run(
      conformance: ConformanceResults(
        role: .client, cases: cases, agents: [AgentResults(name: agent, results: results)],
        gate: gate), load: [])
  }

  // MARK: Measurements

  /// What a run measured: all times are multiples of `time`, and the rate goes down with it.
  static func measured(
    time: Double, errors: Int = 0, connections: Int = 10,
    change: (inout LoadResults) -> Void = { _ in }
  ) -> Run {
    var histogram = Histogram<UInt64>(
      highestTrackableValue: 100_000_000, numberOfSignificantValueDigits: .three)
    for value in 1...100 as ClosedRange<UInt64> {
      histogram.record(UInt64(Double(value) * time * 10_000))
    }
    let record = LatencyRecord(name: "from actual send", histogram: StoredHistogram(histogram))
    var results = LoadResults(
      name: "echo",
      scenario: LoadScenario(
        mode: .closedLoop, connections: connections, depth: 1, payloadByteCount: 1024),
      target: LoadTarget(url: "ws://127.0.0.1:9001/"),
      phases: [
        LoadPhase(name: "measure", start: .zero, duration: .seconds(2), isMeasured: true)
      ], latencies: [record], setUp: [LatencyRecord(name: "total", histogram: record.histogram)])
    results.totals.connectionsAttempted = 10
    results.totals.connectionsEstablished = 10
    results.totals.messagesSent = Int(100_000 / time)
    results.totals.messagesReceived = Int(100_000 / time) - errors
    if errors > 0 { results.errors = [ErrorCount(.lost, count: errors)] }
    change(&results)
    return run(conformance: nil, load: [results])
  }

  /// So many runs around a time, with noise of so much deviation.
  static func series(
    _ count: Int, time: Double, noise: Double = 0.02, seed: UInt64
  ) -> [Run] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in measured(time: time * (1 + noise * generator.nextNormal())) }
  }
}
