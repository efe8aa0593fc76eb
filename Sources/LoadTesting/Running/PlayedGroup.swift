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

  /// Keeps what happened in an interval, which began `offset` after the run.
  mutating func append(_ interval: IntervalReport, offset: Duration) {
    lastIntervalEnd = max(lastIntervalEnd, interval.end)
    var sample = LoadSample(
      offset: offset, duration: .nanoseconds(interval.end - interval.start))
    sample.openConnections = interval.openConnections
    sample.messagesSent = Int(clamping: interval.counts.sent)
    sample.messagesReceived = Int(clamping: interval.counts.received)
    sample.payloadBytesReceived = Int(clamping: interval.counts.payloadReceived)
    sample.errors = Int(clamping: interval.counts.errors)
    if interval.latency.totalCount > 0 {
      sample.p50Nanoseconds = interval.latency.nanoseconds(atPercentile: 50)
      sample.p90Nanoseconds = interval.latency.nanoseconds(atPercentile: 90)
      sample.p99Nanoseconds = interval.latency.nanoseconds(atPercentile: 99)
      sample.maximumNanoseconds = interval.latency.maximum
    }
    series.append(sample)
  }
}
