import Reports

/// Holds what was measured so far against the objectives, so that a run that misses them need not be played
/// to its end.
///
/// What only the end can tell, such as messages that were lost, is not judged before. One bad second is
/// not enough: an objective must be missed at the end of two intervals in a row.
struct ObjectiveWatch: Sendable {
  /// How many connections failed before sending began.
  var failedConnections = 0
  private let level: ServiceLevel
  private var latency = NanosecondHistogram()
  private var counts = LoopCounts()
  private var duration: Int64 = 0
  private var missedBefore: Set<String> = []

  init(_ level: ServiceLevel) {
    self.level = level
  }

  /// Takes a measured interval; returns the objective that the run misses, in words, or nil.
  mutating func note(_ interval: IntervalReport) -> String? {
    guard interval.phase == .measuring else { return nil }
    latency.add(interval.latency)
    counts += interval.counts
    duration += interval.end - interval.start
    let missed = level.outcomes(of: results).filter { !$0.isMet && $0.isMeasured }
    defer { missedBefore = Set(missed.map(\.objective)) }
    return missed.first { missedBefore.contains($0.objective) }
      .map { "\($0.objective): \($0.measured)" }
  }

  /// What was measured so far, as far as objectives ask for it.
  private var results: LoadResults {
    var results = LoadResults(
      name: "", scenario: LoadScenario(mode: .openLoop, connections: 1, payloadByteCount: 0),
      target: LoadTarget(url: ""),
      phases: [
        LoadPhase(
          name: "measure", start: .zero, duration: .nanoseconds(duration), isMeasured: true)
      ])
    results.totals.messagesSent = Int(clamping: counts.sent)
    results.totals.messagesReceived = Int(clamping: counts.received)
    results.errors = [
      ErrorCount(.connectFailed, count: failedConnections),
      ErrorCount(.other, count: Int(clamping: counts.errors)),
    ]
    results.latencies = [
      LatencyRecord(name: "so far", histogram: StoredHistogram(latency.histogram))
    ]
    return results
  }
}
