/// The histograms of one loop.
///
/// A message is recorded once, into the interval under way; the end of each interval adds it to the
/// totals. Only an open loop has a service time of its own: in a closed loop a message is planned for the
/// moment at which it is sent.
struct LatencyRecorder: Sendable {
  /// Times from the planned sending to the reply, of all measured intervals that have ended.
  private(set) var latency = NanosecondHistogram()
  /// Times from the sending to the reply.
  private(set) var service = NanosecondHistogram()
  /// Whether service times are recorded apart from latencies.
  let recordsService: Bool
  private var interval = NanosecondHistogram()

  init(recordsService: Bool) {
    self.recordsService = recordsService
  }

  /// Records `count` messages with this latency.
  @inline(__always)
  mutating func record(latency nanoseconds: Int64, count: Int = 1) {
    interval.record(nanoseconds, count: UInt64(truncatingIfNeeded: count))
  }

  /// Records one message with this service time, in an open loop.
  @inline(__always)
  mutating func record(service nanoseconds: Int64) {
    service.record(nanoseconds)
  }

  /// Ends the interval under way: gives it away, and adds it to the totals if it is measured.
  mutating func endInterval(isMeasured: Bool) -> NanosecondHistogram {
    var ended = NanosecondHistogram()
    swap(&ended, &interval)
    if isMeasured { latency.add(ended) }
    return ended
  }

  /// Forgets the service times of the warm-up.
  mutating func discardService() {
    service = NanosecondHistogram()
  }

  /// Adds the totals of another loop.
  mutating func add(_ other: LatencyRecorder) {
    latency.add(other.latency)
    service.add(other.service)
  }
}
