import Conformance
import Transport

/// What a worker does as the phases of a run go by; all of it is called on its loop's thread.
protocol PhaseFollower: AnyObject {
  /// All that has been counted until now.
  var counts: LoopCounts { get }
  /// How many connections are open.
  var openCount: Int { get }
  /// The connections, whose queues are looked at; nil where they are not known.
  var sockets: [StreamSocket]? { get }
  /// Gives away what was recorded in the interval that ends, and keeps it in the totals if it is measured.
  func endRecording(isMeasured: Bool) -> NanosecondHistogram
  /// A phase has begun, or, where `previous` is the same, a further interval of it.
  func entered(_ phase: RunPhase, from previous: RunPhase, at now: Int64)
}

/// Takes a worker through the phases of a run by timers of its own: in step with all other loops, because they
/// have the same clock and the same plan.
///
/// At the end of each interval it posts what was counted and recorded in it. It also keeps what only it
/// knows: how late the loop's timers were, and what the loop's thread used in the measuring phase.
final class PhaseTimer {
  private let loop: EventLoop
  private let index: Int
  private let control: RunControl
  private unowned let follower: any PhaseFollower

  /// Zero is the start of sending.
  private(set) var clock = RunClock(origin: .now)
  /// When the phases begin and end.
  private(set) var phases = PhasePlan(warmUp: .zero, measuring: .zero, drain: .zero)
  /// The phase that it is.
  private(set) var phase = RunPhase.connecting
  /// The worst delay of the loop's own timers, in nanoseconds.
  private var delay: Int64 = 0
  /// What the loop's thread used in the measuring phase, where the kernel tells, apart from looking for
  /// something to do.
  private var thread: ThreadSample?
  /// What was counted in the measuring phase.
  private var measured = LoopCounts()

  /// How long what came in the measuring phase had waited to be read, where the kernel stamps it.
  private var waits = NanosecondHistogram()

  private var processorsAtStart: ProcessorUse?
  private var threadAtStart: ThreadSample?
  private var countsAtStart = LoopCounts()
  private var intervalStart: Int64 = 0
  private var timer: TimerToken?
  private var dueTimer: TimerToken?

  init(_ follower: any PhaseFollower, loop: EventLoop, index: Int, control: RunControl) {
    self.follower = follower
    self.loop = loop
    self.index = index
    self.control = control
  }

  /// Whether new messages may be sent.
  var isSending: Bool {
    switch phase {
    case .warmUp, .measuring, .coolDown: true
    case .connecting, .draining, .finished: false
    }
  }

  /// Records how long what comes in now has waited to be read.
  func arrived(waiting nanoseconds: Int64) {
    if phase == .measuring { waits.record(nanoseconds) }
  }

  /// The start that all loops share.
  func begin(clock: RunClock, phases: PhasePlan) {
    self.clock = clock
    self.phases = phases
    countsAtStart = follower.counts
    processorsAtStart = control.processorUse(forLoop: index)
    threadAtStart = sampleThread()
    schedule(at: 0)
  }

  /// Puts into a loop's report what the timer knows.
  func complete(_ report: inout LoopReport) {
    report.measured = measured
    report.timerDelay = delay
    report.thread = thread
    report.waits = waits
  }

  /// The run ends earlier than planned.
  func replan(_ phases: PhasePlan) {
    self.phases = phases
    cancel()
    schedule(at: phases.nextBoundary(after: intervalStart))
  }

  /// Nothing is awaited any more: the drain ends before its time.
  func endDrain() {
    guard phase == .draining else { return }
    cancel()
    endInterval(at: min(clock.now, phases.drainEnd))
    enter(.finished, at: clock.now)
  }

  /// The shortest time between two looks at the plan, in nanoseconds: what is due meanwhile goes out together.
  private static let leastPause: Int64 = 20_000

  /// Has the plan of an open loop looked at again when its next message is due; nil: there is none.
  ///
  /// A message that is due when sending has ended is never sent, and not waited for.
  func lookAgain(at planned: Int64?, after now: Int64, _ look: @escaping () -> Void) {
    guard let planned, planned < phases.sendingEnd else { return }
    dueTimer = loop.schedule(at: clock.instant(at: max(planned, now + Self.leastPause)), look)
  }

  private func schedule(at time: Int64) {
    timer = loop.schedule(at: clock.instant(at: time)) { [weak self] in self?.reached(time) }
  }

  private func cancel() {
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  /// The time between two intervals has come.
  private func reached(_ time: Int64) {
    let now = clock.now
    delay = max(delay, now - time)
    if phase != .connecting { endInterval(at: time) }
    intervalStart = time
    timer = nil
    enter(phases.phase(at: time), at: now)
    guard phase != .finished, timer == nil else { return }
    schedule(at: phases.nextBoundary(after: time))
  }

  private func enter(_ next: RunPhase, at now: Int64) {
    let previous = phase
    phase = next
    follower.entered(next, from: previous, at: now)
    if !isSending, let dueTimer { loop.cancel(dueTimer) }
  }

  private func sampleThread() -> ThreadSample? {
    var sample = ThreadSample()
    sample?.runningNanoseconds -= loop.polledNanoseconds
    return sample
  }

  private func endInterval(at time: Int64) {
    let counts = follower.counts
    let processors = control.processorUse(forLoop: index)
    let difference = counts - countsAtStart
    let spent = processorsAtStart.flatMap { start in processors.map { $0 - start } }
    countsAtStart = counts
    processorsAtStart = processors
    let sample = sampleThread()
    let used = threadAtStart.flatMap { start in sample.map { $0 - start } }
    threadAtStart = sample
    if phase == .measuring {
      measured += difference
      thread = used.map { used in thread.map { $0 + used } ?? used }
    }
    // Replies to what was measured come later, too.
    let isMeasured = phase == .measuring || phase == .coolDown || phase == .draining
    control.post(
      IntervalReport(
        start: intervalStart, end: time, phase: phase,
        latency: follower.endRecording(isMeasured: isMeasured), counts: difference,
        openConnections: follower.openCount, threads: used.map { [$0] } ?? [],
        processors: spent,
        queues: follower.sockets.map { SocketQueues(of: $0) }), ofLoop: index)
  }
}
