import CaseLanguage
import Conformance
import Reports
import Transport

/// One loop's share of a group that replays conformance cases.
///
/// A connection of the plan is a place at which cases are played, one at a time; the connections
/// themselves come and go with the cases.
final class ReplayWorker: GroupWorker, PhaseFollower {
  private let loop: EventLoop
  private let index: Int
  private let setting: RunSetting
  private let control: RunControl
  private let cases: [Case]
  private let player: CasePlayer
  private var deck: CaseDeck

  /// Takes this worker through the phases.
  private lazy var timer = PhaseTimer(self, loop: loop, index: index, control: control)

  private let placeCount: Int
  /// How many heavy cases may play at once.
  private let heavyLimit: Int
  private var playing = 0
  private var heavyPlaying = 0
  private var hasEnded = false
  private var connecting = ConnectReport()
  private var recorder = LatencyRecorder(recordsService: false)
  private var tally = LoopCounts()
  private var report = ReplayReport()

  /// The time until a place whose connection could not be made tries the next case.
  private static let pauseAfterFailure = Duration.milliseconds(100)

  private static let placesPerHeavyCase = 25

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
    deck = CaseDeck(isHeavy: cases.map(\.isHeavy), seed: setting.plan.seed &+ UInt64(index))
    heavyLimit = max(1, placeCount / Self.placesPerHeavyCase)
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
    timer.begin(clock: clock, phases: phases)
  }

  func replan(_ phases: PhasePlan) {
    guard !hasEnded else { return }
    timer.replan(phases)
  }

  var counts: LoopCounts {
    var counts = tally
    counts.errors = UInt64(connecting.failures.total)
    return counts
  }

  var openCount: Int { playing }
  /// Those of the cases, which come and go.
  var sockets: [StreamSocket]? { nil }

  func endRecording(isMeasured: Bool) -> NanosecondHistogram {
    recorder.endInterval(isMeasured: isMeasured)
  }

  func entered(_ phase: RunPhase, from previous: RunPhase, at now: Int64) {
    switch phase {
    case .warmUp, .measuring, .coolDown:
      if previous == .connecting { for _ in 0..<placeCount { playNext() } }
    case .draining: if playing == 0 { timer.endDrain() }
    case .finished: finish()
    case .connecting: break
    }
  }

  private func finish() {
    guard !hasEnded else { return }
    hasEnded = true
    var whole = LoopReport(recorder: recorder)
    timer.complete(&whole)
    report.unfinished = playing
    whole.replay = report
    control.post(whole, connecting, ofLoop: index)
    control.loopHasEnded(index)
  }

  // MARK: Playing

  private func playNext() {
    guard !hasEnded, timer.isSending else { return }
    let (card, round) = deck.next(mayBeHeavy: heavyPlaying < heavyLimit)
    playing += 1
    if cases[card].isHeavy { heavyPlaying += 1 }
    connecting.attempted += 1
    control.connectionCountChanged(index, open: playing, failed: connecting.failures.total)
    let began = timer.clock.now
    player.play(cases[card], number: round &* 256 &+ index, on: loop) { [weak self] play in
      self?.ended(play, began: began)
    }
  }

  private func ended(_ play: CasePlayer.Play, began: Int64) {
    guard !hasEnded else { return }
    playing -= 1
    if play.record.playedCase.isHeavy { heavyPlaying -= 1 }
    if let error = play.record.transportError {
      connecting.failures.add(.connectFailed, error.description)
      control.connectionCountChanged(index, open: playing, failed: connecting.failures.total)
      loop.schedule(after: Self.pauseAfterFailure) { [weak self] in self?.playNext() }
    } else {
      count(play, began: began)
      playNext()
    }
    if playing == 0 { timer.endDrain() }
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
    let now = timer.clock.now
    if timer.phases.isMeasured(began) { recorder.record(latency: now - began) }
    report.add(play.result, isMeasured: timer.phase == .measuring)
    tally.sent &+= UInt64(record.sent.dataFrameCount)
    tally.received &+= UInt64(record.received.dataFrameCount)
    tally.payloadSent &+= Self.payloadByteCount(record.sent, moved: record.writes)
    tally.payloadReceived &+= Self.payloadByteCount(record.received, moved: record.reads)
    if record.facts.isOpened { connecting.established += 1 }
    if !play.result.verdict.isMet {
      connecting.failures.add(
        .caseFailed, "\(play.result.caseID): \(play.result.reason)")
    }
    connecting.record(record.connecting, handshake: record.roundTrip)
  }
}
