import Reports

/// One group of a run, as the runner follows it.
struct PlayedGroup: Sendable {
  let name: String?
  /// Whether no other group plays.
  let isAlone: Bool
  let setting: RunSetting
  let control: RunControl
  /// When each of its connections had been established or had failed.
  var connectEnded: ContinuousClock.Instant?
  /// What happened in each interval so far.
  var series: [LoadSample] = []
  /// When the last interval ended, in nanoseconds since the start of sending.
  var lastIntervalEnd: Int64 = 0

  init(name: String?, isAlone: Bool, setting: RunSetting, control: RunControl) {
    self.name = name
    self.isAlone = isAlone
    self.setting = setting
    self.control = control
  }

  /// Keeps what happened in an interval.
  mutating func append(_ sample: LoadSample, endingAt end: Int64) {
    lastIntervalEnd = max(lastIntervalEnd, end)
    series.append(sample)
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
    if latency.totalCount > 0 {
      sample.p50Nanoseconds = latency.nanoseconds(atPercentile: 50)
      sample.p90Nanoseconds = latency.nanoseconds(atPercentile: 90)
      sample.p99Nanoseconds = latency.nanoseconds(atPercentile: 99)
      sample.maximumNanoseconds = latency.maximum
    }
    return sample
  }
}
