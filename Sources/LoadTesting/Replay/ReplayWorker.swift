import CaseLanguage
import Conformance
import Reports
import Transport

/// One loop's share of a group that replays conformance cases.
///
/// A connection of the plan is a place at which cases are played, one at a time; the connections
/// themselves come and go with the cases.
final class ReplayWorker: GroupWorker {
  private let loop: EventLoop
  private let index: Int
  private let setting: RunSetting
  private let control: RunControl
  private let cases: [Case]
  private let player: CasePlayer
  private var deck: CaseDeck

  private var clock = RunClock(origin: .now)
  private var phases = PhasePlan(warmUp: .zero, measuring: .zero, drain: .zero)
  private var phase = RunPhase.connecting
  private var intervalStart: Int64 = 0
  private var boundaryTimer: TimerToken?
  private var timerDelay: Int64 = 0
  private var threadAtStart: ThreadSample?
  private var thread: ThreadSample?

  private let placeCount: Int
  private var playing = 0
  private var hasEnded = false
  private var connecting = ConnectReport()
  private var recorder = LatencyRecorder(recordsService: false)
  private var counts = LoopCounts()
  private var countsAtInterval = LoopCounts()
  private var measured = LoopCounts()
  private var report = ReplayReport()

  /// The time until a place whose connection could not be made tries the next case.
  private static let pauseAfterFailure = Duration.milliseconds(100)

  init(
    loop: EventLoop, index: Int, setting: RunSetting, control: RunControl, cases: [Case],
    player: CasePlayer
  ) {
    self.loop = loop
    self.index = index
    self.setting = setting
    self.control = control
    self.cases = cases
    self.player = player
    placeCount = setting.plan.connectionCount(ofLoop: index)
    deck = CaseDeck(count: cases.count, seed: setting.plan.seed &+ UInt64(index))
  }

  // MARK: Phases

  /// Finds out whether there is anybody: the places are ready when one handshake got an answer.
  func openConnections() {
    player.playProbe(on: loop) { [self] record in
      if let error = record.transportError {
        connecting.attempted += 1
        connecting.failures.add(.connectFailed, error.description)
      } else {
        connecting.serverHeader = record.serverField
        if let tls = record.tls {
          connecting.agreements = [Fact("TLS", "\(tls.version) \(tls.cipher)")]
        }
      }
      let isThere = record.transportError == nil
      control.connectionCountChanged(
        index, open: isThere ? placeCount : 0, failed: connecting.failures.total)
      control.loopIsReady(index, connectionCount: isThere ? placeCount : 0)
    }
  }

  func begin(clock: RunClock, phases: PhasePlan, slots: SlotPlan) {
    guard !hasEnded else { return }
    self.clock = clock
    self.phases = phases
    schedule(at: 0)
  }

  func replan(_ phases: PhasePlan) {
    guard !hasEnded else { return }
    self.phases = phases
    if let boundaryTimer { loop.cancel(boundaryTimer) }
    schedule(at: phases.nextBoundary(after: intervalStart))
  }

  private func schedule(at time: Int64) {
    boundaryTimer = loop.schedule(at: clock.instant(at: time)) { [weak self] in
      self?.reachedBoundary(time)
    }
  }

  private func reachedBoundary(_ time: Int64) {
    timerDelay = max(timerDelay, clock.now - time)
    if phase != .connecting { endInterval(at: time) }
    intervalStart = time
    let previous = phase
    phase = phases.phase(at: time)
    if phase == .measuring, previous != .measuring { threadAtStart = ThreadSample() }
    if previous == .measuring, phase != .measuring, let threadAtStart {
      thread = ThreadSample().map { $0 - threadAtStart }
    }
    switch phase {
    case .warmUp, .measuring, .coolDown:
      if previous == .connecting { for _ in 0..<placeCount { playNext() } }
    case .draining where playing == 0: return finish()
    case .finished: return finish()
    case .connecting, .draining: break
    }
    schedule(at: phases.nextBoundary(after: time))
  }

  private func endInterval(at time: Int64) {
    counts.errors = UInt64(connecting.failures.total)
    let difference = counts - countsAtInterval
    countsAtInterval = counts
    if phase == .measuring { measured += difference }
    // What is recorded began in the measuring phase, whenever it ended.
    let isMeasured = phase != .warmUp
    control.post(
      IntervalReport(
        start: intervalStart, end: time, phase: phase,
        latency: recorder.endInterval(isMeasured: isMeasured), counts: difference,
        openConnections: playing), ofLoop: index)
  }

  private func finish() {
    guard !hasEnded else { return }
    hasEnded = true
    if let boundaryTimer { loop.cancel(boundaryTimer) }
    var whole = LoopReport(recorder: recorder)
    whole.measured = measured
    whole.timerDelay = timerDelay
    whole.thread = thread
    report.unfinished = playing
    whole.replay = report
    control.post(whole, connecting, ofLoop: index)
    control.loopHasEnded(index)
  }

  // MARK: Playing

  private var mayBegin: Bool {
    switch phase {
    case .warmUp, .measuring, .coolDown: true
    case .connecting, .draining, .finished: false
    }
  }

  private func playNext() {
    guard !hasEnded, mayBegin else { return }
    let (card, round) = deck.next()
    playing += 1
    connecting.attempted += 1
    control.connectionCountChanged(index, open: playing, failed: connecting.failures.total)
    let began = clock.now
    player.play(cases[card], number: round &* 256 &+ index, on: loop) { [weak self] play in
      self?.ended(play, began: began)
    }
  }

  private func ended(_ play: CasePlayer.Play, began: Int64) {
    guard !hasEnded else { return }
    playing -= 1
    if let error = play.record.transportError {
      connecting.failures.add(.connectFailed, error.description)
      control.connectionCountChanged(index, open: playing, failed: connecting.failures.total)
      loop.schedule(after: Self.pauseAfterFailure) { [weak self] in self?.playNext() }
    } else {
      count(play, began: began)
      playNext()
    }
    if phase == .draining, playing == 0 {
      endInterval(at: min(clock.now, phases.drainEnd))
      finish()
    }
  }

  /// The octets of payload that were on the wire: headers may promise more than came.
  private static func payloadByteCount(
    _ counts: TranscriptRecorder.Counts, moved: [Int: Int]
  ) -> UInt64 {
    let octets = moved.reduce(0) { $0 + $1.key * $1.value }
    return UInt64(clamping: min(counts.payloadByteCount, octets))
  }

  private func count(_ play: CasePlayer.Play, began: Int64) {
    let record = play.record
    let now = clock.now
    if phases.isMeasured(began) { recorder.record(latency: now - began) }
    report.add(play.result, isMeasured: phase == .measuring)
    counts.sent &+= UInt64(record.sent.dataFrameCount)
    counts.received &+= UInt64(record.received.dataFrameCount)
    counts.payloadSent &+= Self.payloadByteCount(record.sent, moved: record.writes)
    counts.payloadReceived &+= Self.payloadByteCount(record.received, moved: record.reads)
    if record.facts.isOpened { connecting.established += 1 }
    if !play.result.verdict.isMet {
      connecting.failures.add(
        .caseFailed, "\(play.result.caseID): \(play.result.reason)")
    }
    connecting.record(record.connecting, handshake: record.roundTrip)
  }
}
