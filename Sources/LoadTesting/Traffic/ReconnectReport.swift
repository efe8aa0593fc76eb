/// How connections that were dropped on purpose came back: after one storm, or in a churn; of one loop or of all.
struct ReconnectReport: Equatable, Sendable {
  /// Connections dropped.
  var dropped = 0
  /// Of ``dropped``, those that are back.
  var returned = 0
  /// Attempts to come back that failed.
  var failures = 0
  /// Messages that were under way on what was dropped.
  var abandoned = 0
  /// When the first was dropped, in nanoseconds since the start of sending.
  var start: Int64?
  /// When the last was back.
  var lastReturn: Int64?
  /// How long the new connections took to be made.
  var connect = NanosecondHistogram()

  static func += (left: inout ReconnectReport, right: ReconnectReport) {
    left.dropped += right.dropped
    left.returned += right.returned
    left.failures += right.failures
    left.abandoned += right.abandoned
    left.start = [left.start, right.start].compactMap { $0 }.min()
    left.lastReturn = [left.lastReturn, right.lastReturn].compactMap { $0 }.max()
    left.connect.add(right.connect)
  }
}

/// What a loop found out beyond the echo.
struct TrafficReport: Sendable {
  /// Latencies of slow readers, where they are kept apart.
  var slowRecorder: LatencyRecorder
  /// Times between two messages of the server, where that is what there is.
  var pauses: LatencyRecorder
  /// What has no name of its own.
  var troubles = FailureTally()
  var unrelatedCount: UInt64 = 0
  var futureCount: UInt64 = 0
  /// One for each storm.
  var storms: [ReconnectReport] = []
  var churn = ReconnectReport()
  var fanOut = FanOutTally()

  static func += (left: inout TrafficReport, right: TrafficReport) {
    left.slowRecorder.add(right.slowRecorder)
    left.pauses.add(right.pauses)
    left.troubles += right.troubles
    left.unrelatedCount += right.unrelatedCount
    left.futureCount += right.futureCount
    for index in left.storms.indices { left.storms[index] += right.storms[index] }
    left.churn += right.churn
    left.fanOut += right.fanOut
  }
}
