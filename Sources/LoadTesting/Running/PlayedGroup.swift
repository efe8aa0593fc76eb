import Reports
import Transport

/// One group of a run, as the runner follows it.
struct PlayedGroup: Sendable {
  let name: String?
  /// Whether no other group plays.
  let isAlone: Bool
  let setting: RunSetting
  let control: RunControl
  /// When each of its connections had been established or had failed.
  var connectEnded: ContinuousClock.Instant?
  /// How many connections failed before sending began.
  private var failedConnections = 0
  /// What happened in each interval so far.
  var series: [LoadSample] = []
  /// When the last interval ended, in nanoseconds since the start of sending.
  var lastIntervalEnd: Int64 = 0
  /// What ends the run early, once it is missed.
  private var objectives: ObjectiveWatch?

  init(_ group: LoadTest.Group, isAlone: Bool, setting: RunSetting, control: RunControl) {
    name = group.name
    self.isAlone = isAlone
    self.setting = setting
    self.control = control
    objectives = group.abortsWithout.map { ObjectiveWatch($0) }
  }

  /// Each of its connections has been established or has failed, or none is waited for any more.
  mutating func endConnecting() {
    let loops = control.loops
    connectEnded = loops.compactMap(\.readyAt).max() ?? .now
    failedConnections = loops.reduce(0) { $0 + $1.failedConnections }
    objectives?.failedConnections = failedConnections
  }

  /// Faults so far, failed connections included.
  var errorCount: Int { series.reduce(failedConnections) { $0 + $1.errors } }

  /// Keeps what happened in an interval; gives the objective that is missed and ends the run, in words, or nil.
  mutating func append(_ interval: IntervalReport, _ sample: LoadSample) -> String? {
    lastIntervalEnd = max(lastIntervalEnd, interval.end)
    series.append(sample)
    let missed = objectives?.note(interval)
    return isAlone ? missed : missed.map { "\(title()): \($0)" }
  }
}

extension IntervalReport {
  /// What happened in the interval, which began `offset` after the run.
  func sample(offset: Duration) -> LoadSample {
    var sample = LoadSample(
      offset: offset, duration: .nanoseconds(end - start))
    sample.openConnections = openConnections
    sample.messagesSent = Int(clamping: counts.sent)
    sample.messagesReceived = Int(clamping: counts.received)
    sample.payloadBytesReceived = Int(clamping: counts.payloadReceived)
    sample.errors = Int(clamping: counts.errors)
    sample.queues = queues.map {
      QueueSample(unreadBytes: $0.unread, unacknowledgedBytes: $0.unacknowledged)
    }
    if latency.totalCount > 0 {
      sample.p50Nanoseconds = latency.nanoseconds(atPercentile: 50)
      sample.p90Nanoseconds = latency.nanoseconds(atPercentile: 90)
      sample.p99Nanoseconds = latency.nanoseconds(atPercentile: 99)
      sample.maximumNanoseconds = latency.maximum
    }
    return sample
  }
}
