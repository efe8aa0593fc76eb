import Conformance
import Reports
import Transport

/// Follows the loops through the phases of a run, from the side.
struct RunCourse {
  let test: LoadTest
  var groups: [PlayedGroup]
  let onProgress: @Sendable (LoadProgress) -> Void

  /// When the run began: zero of the report's times.
  let started = ContinuousClock.now
  var sendingStarted: ContinuousClock.Instant?
  /// The same by the clock on the wall.
  var sendingStartedAt: Timestamp?
  /// When sending was to begin; nil if nobody cares.
  var agreedStart: ContinuousClock.Instant?
  var connectEnded: ContinuousClock.Instant?
  var phases: PhasePlan
  var ending = LoadOutcome.Ending.completed
  var samples = ProcessSamples()
  var resources: ResourceWatch
  /// What was used in the measuring phase, as a loop saw it.
  var processors: ProcessorUse?
  /// The objective whose miss ended the run.
  var missedObjective: String?
  private var lastProgress: ContinuousClock.Instant
  /// Since when no connection is open, in nanoseconds since the start of sending.
  private var emptySince: Int64?
  /// Intervals that some groups have reported and others have not, by their start.
  private var partial: [Int64: [IntervalReport]] = [:]

  init(
    test: LoadTest, groups: [PlayedGroup], onProgress: @escaping @Sendable (LoadProgress) -> Void
  ) {
    self.test = test
    self.groups = groups
    self.onProgress = onProgress
    lastProgress = started
    resources = ResourceWatch(test)
    let isIdle = groups.allSatisfy {
      $0.setting.plan.workload == .idle && !$0.setting.plan.replacesConnections
    }
    phases = PhasePlan(
      warmUp: test.warmUp, measuring: test.duration, coolDown: test.coolDown,
      drain: isIdle ? .zero : test.drain)
  }

  private var isStopping: Bool { groups.contains { $0.control.isStopping } }

  private var openConnections: Int {
    groups.reduce(0) { $0 + $1.control.loops.openConnections }
  }

  /// Sees the run through to its end; what came of each group.
  mutating func follow() async -> [LoadOutcome] {
    take(\.start)
    await followConnecting()
    let counts = groups.map { $0.control.loops.map(\.connectionCount) }
    if isStopping { ending = .interrupted }
    if counts.joined().reduce(0, +) == 0, ending == .completed { ending = .notConnected("") }
    if ending == .completed { await awaitStart() }
    begin()
    if ending != .completed { replan(stoppingAt: 0) }
    await followSending()
    return groups.map { assemble($0) }
  }

  /// Waits until each connection has been established or has failed.
  private mutating func followConnecting() async {
    while !groups.allSatisfy({ $0.control.loops.allSatisfy(\.isReady) }), !isStopping {
      await pause(.milliseconds(5))
      resources.connecting(open: openConnections, of: test.connections)
      reportConnecting()
    }
    take(\.connectEnd)
    for index in groups.indices { groups[index].endConnecting() }
    connectEnded = groups.compactMap(\.connectEnded).max()
  }

  private mutating func reportConnecting() {
    let now = ContinuousClock.now
    guard now - lastProgress >= .seconds(1) else { return }
    lastProgress = now
    let open = openConnections
    var progress = LoadProgress(
      phase: .connecting, elapsed: now - started, openConnections: open,
      plannedConnections: test.connections)
    progress.phaseFraction = Double(open) / Double(test.connections)
    progress.errors = UInt64(
      groups.reduce(0) { $0 + $1.control.loops.reduce(0) { $0 + $1.failedConnections } })
    onProgress(progress)
  }

  /// Waits for the agreed start, if there is one.
  private mutating func awaitStart() async {
    guard let startAt = test.startAt else { return }
    let agreed = ContinuousClock.now.advanced(by: .nanoseconds(startAt.nanosecondsFromNow))
    agreedStart = agreed
    let margin = Duration.milliseconds(20)
    while ContinuousClock.now < agreed - margin, !isStopping, openConnections > 0 {
      await pause(min(.milliseconds(100), agreed - margin - .now))
    }
    if isStopping { ending = .interrupted }
  }

  /// Gives all loops one start: the agreed one, or a moment from now.
  private mutating func begin() {
    let soon = ContinuousClock.now.advanced(by: .milliseconds(ending == .completed ? 10 : 0))
    let start = ending == .completed ? max(soon, agreedStart ?? soon) : soon
    sendingStartedAt = .now(advancedBy: start - .now)
    sendingStarted = start
    let clock = RunClock(origin: start, agreed: agreedStart)
    let clocks = ProcessorClocks(server: samples.connectEnd?.processes ?? [])
    for group in groups {
      group.control.watch(clocks)
      let loops = group.control.loops
      let slots = SlotPlan(connectionCounts: loops.map(\.senderCount))
      for loop in loops {
        loop.worker?.execute { [phases] in $0.begin(clock: clock, phases: phases, slots: slots) }
      }
    }
  }

  private mutating func replan(stoppingAt time: Int64) {
    phases = phases.stopping(at: time)
    for loop in groups.flatMap(\.control.loops) {
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
      let hasEnded = groups.allSatisfy { $0.control.loops.allSatisfy(\.hasEnded) }
      if hasEnded || now > phases.drainEnd + 4_000_000_000 { break }
      if ending == .completed, now < phases.sendingEnd {
        if isStopping {
          ending = .interrupted
          replan(stoppingAt: max(0, now + 20_000_000))
        } else if areLost(at: now) {
          ending = .connectionsLost
          replan(stoppingAt: max(0, now + 20_000_000))
        }
      }
      takeIntervals()
      // Replies that are awaited at the end come soon, and nothing is disturbed any more.
      var wait: Int64 = now < phases.sendingEnd ? 25_000_000 : 2_000_000
      let boundaries = [phases.measuringStart, phases.measuringEnd, resources.nextBoundary]
      for boundary in boundaries where boundary > now {
        wait = min(wait, boundary - now)
      }
      await pause(.nanoseconds(wait))
    }
    sample(at: .max)
    takeIntervals(isFinal: true)
  }

  /// Whether all connections have ended, and none is to be opened again soon.
  private mutating func areLost(at now: Int64) -> Bool {
    guard openConnections == 0 else {
      emptySince = nil
      return false
    }
    guard groups.contains(where: \.setting.plan.replacesConnections) else { return true }
    emptySince = emptySince ?? now
    return now - (emptySince ?? now) > 5_000_000_000
  }

  private mutating func sample(at now: Int64) {
    if now < .max { resources.sending(at: now, phases) }
    if now >= phases.measuringStart, samples.measuringStart == nil {
      take(\.measuringStart)
    }
    if now >= phases.measuringEnd, samples.measuringEnd == nil {
      take(\.measuringEnd)
    }
  }

  /// Samples our process and the server's, as they are now.
  private mutating func take(_ moment: WritableKeyPath<ProcessSamples, ProcessSamples.Pair?>) {
    resources.look()
    let processes = resources.processes
    samples[keyPath: moment] = ProcessSamples.Pair(
      own: ProcessSample(), observed: ProcessSample(of: processes), processes: processes)
  }

  /// Keeps the intervals that all loops of a group have reported, and tells of those that all groups have.
  private mutating func takeIntervals(isFinal: Bool = false) {
    guard let sendingStarted else { return }
    for index in groups.indices {
      while let interval = groups[index].control.takeInterval(isFinal: isFinal) {
        if let missed = groups[index].append(interval, sample(of: interval, sendingStarted)),
          missedObjective == nil
        {
          missedObjective = missed
          for group in groups { group.control.stop() }
        }
        if index == 0, interval.phase == .measuring, let used = interval.processors {
          processors = processors.map { $0 + used } ?? used
        }
        partial[interval.start, default: []].append(interval)
        guard let parts = partial[interval.start], parts.count == groups.count else { continue }
        partial[interval.start] = nil
        if let whole = parts.merged { report(whole, sample(of: whole, sendingStarted)) }
      }
    }
  }

  /// What happened in an interval, with what was used in it.
  private func sample(
    of interval: IntervalReport, _ sendingStarted: ContinuousClock.Instant
  ) -> LoadSample {
    var sample = interval.sample(
      offset: sendingStarted - started + .nanoseconds(interval.start))
    resources.complete(&sample, of: interval)
    return sample
  }

  private mutating func report(_ interval: IntervalReport, _ sample: LoadSample) {
    guard interval.phase != .draining, interval.end > interval.start else { return }
    let (from, until): (Int64, Int64) =
      switch interval.phase {
      case .warmUp: (0, phases.measuringStart)
      case .coolDown: (phases.measuringEnd, phases.sendingEnd)
      default: (phases.measuringStart, phases.measuringEnd)
      }
    var progress = LoadProgress(
      phase: interval.phase, elapsed: .now - started,
      openConnections: interval.openConnections, plannedConnections: test.connections)
    progress.phaseFraction =
      until > from ? Double(interval.end - from) / Double(until - from) : nil
    progress.messagesPerSecond =
      Double(interval.counts.received) * 1e9 / Double(interval.end - interval.start)
    if interval.latency.totalCount > 0 {
      progress.p50Nanoseconds = interval.latency.nanoseconds(atPercentile: 50)
      progress.p99Nanoseconds = interval.latency.nanoseconds(atPercentile: 99)
    }
    progress.errors = UInt64(groups.reduce(0) { $0 + $1.errorCount })
    progress.generator = judgement(of: interval)
    progress.interval = sample
    progress.lateMessages = interval.counts.sentLate
    onProgress(progress)
  }

  /// Whether the generator kept up in an interval.
  private func judgement(of interval: IntervalReport) -> GeneratorReport {
    var check = SelfCheck(measured: interval.end - interval.start)
    check.isOpenLoop = groups.contains { $0.setting.schedule != nil }
    check.threads = interval.threads
    (check.sent, check.sentLate) = (interval.counts.sent, interval.counts.sentLate)
    var report = GeneratorReport()
    check.judge(&report)
    return report
  }

  /// Sleeps; a cancelled task ends the run early.
  private func pause(_ duration: Duration) async {
    do {
      try await Task.sleep(for: duration)
    } catch {
      for group in groups { group.control.stop() }
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
    /// Which processes the observed ones were.
    var processes: [Int32] = []
  }

  var start: Pair?
  var connectEnd: Pair?
  var measuringStart: Pair?
  var measuringEnd: Pair?
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
      merged.threads += other.threads
      merged.processors = merged.processors ?? other.processors
      if let queues = other.queues { merged.queues = (merged.queues ?? SocketQueues()) + queues }
      merged.end = Swift.max(merged.end, other.end)
    }
    return merged
  }
}
