import Conformance
import Reports
import Transport

/// Follows the loops through the phases of a run, from the side.
struct RunCourse {
  let setting: RunSetting
  let control: RunControl
  let onProgress: @Sendable (LoadProgress) -> Void

  /// When the run began: zero of the report's times.
  let started = ContinuousClock.now
  var sendingStarted: ContinuousClock.Instant?
  var connectEnded: ContinuousClock.Instant?
  var phases: PhasePlan
  var ending = LoadOutcome.Ending.completed
  var samples = ProcessSamples()
  /// What happened in each interval so far.
  var series: [LoadSample] = []
  /// When the last interval ended, in nanoseconds since the start of sending.
  var lastIntervalEnd: Int64 = 0
  private var lastProgress: ContinuousClock.Instant

  init(
    setting: RunSetting, control: RunControl,
    onProgress: @escaping @Sendable (LoadProgress) -> Void
  ) {
    self.setting = setting
    self.control = control
    self.onProgress = onProgress
    lastProgress = started
    let plan = setting.plan
    phases = PhasePlan(
      warmUp: plan.warmUp, measuring: plan.duration,
      drain: plan.workload == .idle ? .zero : plan.drain)
  }

  /// Sees the run through to its end.
  mutating func follow() async -> LoadOutcome {
    samples.take(\.start, plan: setting.plan)
    await followConnecting()
    let loops = control.loops
    let counts = loops.map(\.connectionCount)
    if control.isStopping { ending = .interrupted }
    if counts.reduce(0, +) == 0, ending == .completed { ending = .notConnected("") }
    begin(loops, counts)
    if ending != .completed { replan(stoppingAt: 0) }
    await followSending()
    return assemble()
  }

  /// Waits until each connection has been established or has failed.
  private mutating func followConnecting() async {
    while !control.loops.allSatisfy(\.isReady), !control.isStopping {
      await pause(.milliseconds(5))
      reportConnecting()
    }
    samples.take(\.connectEnd, plan: setting.plan)
    connectEnded = control.loops.compactMap(\.readyAt).max() ?? .now
  }

  private mutating func reportConnecting() {
    let now = ContinuousClock.now
    guard now - lastProgress >= .seconds(1) else { return }
    lastProgress = now
    let loops = control.loops
    var progress = LoadProgress(
      phase: .connecting, elapsed: now - started, openConnections: loops.openConnections,
      plannedConnections: setting.plan.connections)
    progress.phaseFraction = Double(loops.openConnections) / Double(setting.plan.connections)
    progress.errors = UInt64(loops.reduce(0) { $0 + $1.failedConnections })
    onProgress(progress)
  }

  /// Gives all loops one start, a moment from now.
  private mutating func begin(_ loops: [RunControl.Loop], _ counts: [Int]) {
    let start = ContinuousClock.now.advanced(by: .milliseconds(ending == .completed ? 10 : 0))
    sendingStarted = start
    let clock = RunClock(origin: start)
    let slots = SlotPlan(connectionCounts: counts)
    for loop in loops {
      loop.worker?.execute { [phases] in $0.begin(clock: clock, phases: phases, slots: slots) }
    }
  }

  private mutating func replan(stoppingAt time: Int64) {
    phases = phases.stopping(at: time)
    for loop in control.loops {
      loop.worker?.execute { [phases] in $0.replan(phases) }
    }
  }

  /// Watches the phases go by until all loops have handed their reports out and closed.
  private mutating func followSending() async {
    guard let sendingStarted else { return }
    let clock = RunClock(origin: sendingStarted)
    while true {
      let now = clock.now
      sample(at: now)
      let loops = control.loops
      if loops.allSatisfy(\.hasEnded) || now > phases.drainEnd + 4_000_000_000 { break }
      if ending == .completed, now < phases.measuringEnd {
        if control.isStopping {
          ending = .interrupted
          replan(stoppingAt: max(0, now + 20_000_000))
        } else if loops.openConnections == 0 {
          ending = .connectionsLost
          replan(stoppingAt: max(0, now + 20_000_000))
        }
      }
      takeIntervals()
      var wait: Int64 = 25_000_000
      for boundary in [phases.measuringStart, phases.measuringEnd] where boundary > now {
        wait = min(wait, boundary - now)
      }
      await pause(.nanoseconds(wait))
    }
    sample(at: .max)
    takeIntervals(isFinal: true)
  }

  private mutating func sample(at now: Int64) {
    if now >= phases.measuringStart, samples.measuringStart == nil {
      samples.take(\.measuringStart, plan: setting.plan)
    }
    if now >= phases.measuringEnd, samples.measuringEnd == nil {
      samples.take(\.measuringEnd, plan: setting.plan)
    }
  }

  /// Keeps and tells of the intervals that all loops have reported.
  private mutating func takeIntervals(isFinal: Bool = false) {
    while let interval = control.takeInterval(isFinal: isFinal) {
      lastIntervalEnd = max(lastIntervalEnd, interval.end)
      append(interval)
      guard interval.phase != .draining, interval.end > interval.start else { continue }
      let (from, until) =
        interval.phase == .warmUp
        ? (0, phases.measuringStart) : (phases.measuringStart, phases.measuringEnd)
      var progress = LoadProgress(
        phase: interval.phase, elapsed: .now - started,
        openConnections: interval.openConnections, plannedConnections: setting.plan.connections)
      progress.phaseFraction =
        until > from ? Double(interval.end - from) / Double(until - from) : nil
      progress.messagesPerSecond =
        Double(interval.counts.received) * 1e9 / Double(interval.end - interval.start)
      progress.p50Nanoseconds = series.last?.p50Nanoseconds
      progress.p99Nanoseconds = series.last?.p99Nanoseconds
      progress.errors = series.reduce(0) { $0 + UInt64($1.errors) }
      onProgress(progress)
    }
  }

  private mutating func append(_ interval: IntervalReport) {
    guard let sendingStarted else { return }
    var sample = LoadSample(
      offset: sendingStarted - started + .nanoseconds(interval.start),
      duration: .nanoseconds(interval.end - interval.start))
    sample.openConnections = interval.openConnections
    sample.messagesSent = Int(interval.counts.sent)
    sample.messagesReceived = Int(interval.counts.received)
    sample.payloadBytesReceived = sample.messagesReceived * setting.template.octets.count
    sample.errors = Int(interval.counts.errors)
    if interval.latency.totalCount > 0 {
      sample.p50Nanoseconds = interval.latency.nanoseconds(atPercentile: 50)
      sample.p90Nanoseconds = interval.latency.nanoseconds(atPercentile: 90)
      sample.p99Nanoseconds = interval.latency.nanoseconds(atPercentile: 99)
      sample.maximumNanoseconds = interval.latency.maximum
    }
    series.append(sample)
  }

  /// Sleeps; a cancelled task ends the run early.
  private func pause(_ duration: Duration) async {
    do {
      try await Task.sleep(for: duration)
    } catch {
      control.stop()
      await Task.yield()
    }
  }
}

/// What processes had used at the moments that matter.
struct ProcessSamples: Sendable {
  /// Our process and the observed one at one moment.
  struct Pair: Sendable {
    var own: ProcessSample?
    var observed: ProcessSample?
  }

  var start: Pair?
  var connectEnd: Pair?
  var measuringStart: Pair?
  var measuringEnd: Pair?

  /// Samples now.
  mutating func take(_ moment: WritableKeyPath<ProcessSamples, Pair?>, plan: LoadPlan) {
    self[keyPath: moment] = Pair(
      own: ProcessSample(),
      observed: plan.observedProcess.flatMap { process in
        plan.observesGroup
          ? ProcessSample(processGroup: process) : ProcessSample(processID: process)
      })
  }
}

extension [RunControl.Loop] {
  var openConnections: Int { reduce(0) { $0 + $1.openConnections } }
}

extension [IntervalReport] {
  /// One interval of all loops; nil for none.
  var merged: IntervalReport? {
    guard var merged = first else { return nil }
    for other in dropFirst() {
      merged.latency.add(other.latency)
      merged.counts += other.counts
      merged.openConnections += other.openConnections
      merged.end = Swift.max(merged.end, other.end)
    }
    return merged
  }
}
