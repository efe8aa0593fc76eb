import Conformance
import Reports
import Transport
import WebSocketProtocol

/// One loop's share of a group whose workload is not the plain echo.
///
/// Every connection goes through the protocol core, and what is said on it is up to the ``Dialogue`` of its place;
/// connections may come and go meanwhile. The phases are those of ``LoopWorker``.
final class ClientWorker: GroupWorker, PhaseFollower {
  let loop: EventLoop
  let index: Int
  let setting: RunSetting
  let control: RunControl
  let maskingKeys: MaskingKeySource
  let book: TrafficBook
  /// When messages are due, in an open loop.
  let pacer: SchedulePacer?
  var scratch: [UInt8] = []
  var output: [UInt8] = []
  var random = SystemRandomNumberGenerator()

  // Time.
  /// Takes this worker through the phases.
  lazy var timer = PhaseTimer(self, loop: loop, index: index, control: control)

  // Connections.
  let places: [ClientPlace]
  var connecting = ConnectReport()
  var pace: OpeningPace
  var openCount = 0
  var sockets: [StreamSocket]? { places.compactMap(\.connection) }
  var reopening: [ClientPlace] = []
  var isReady = false
  var isSending = false
  /// Whether all has been accounted for, so that what still comes is of no interest.
  var isSettled = false
  /// Those whose messages an open loop's plan holds, also when they end early, and where in the plan it is.
  var senders: [ClientPlace] = []
  var cursor = SlotCursor(slots: [], slotCount: 0)
  /// How far it had come when sending ended.
  private var passed = SlotCursor(slots: [], slotCount: 0)
  /// Up to which planned time an open loop has gone through its plan before, as ``EchoBench/passed``.
  var passedTime = Int64.min
  var slotCount: UInt64 = 1
  /// Of a trace the messages of this loop's connections, and how many of them are due.
  let traced: [LoadTrace.Message]
  var tracedCount = 0

  // What is measured.
  var storms: [ReconnectReport]
  var churn = ReconnectReport()

  init(loop: EventLoop, index: Int, setting: RunSetting, control: RunControl) {
    self.loop = loop
    self.index = index
    self.setting = setting
    self.control = control
    let book = TrafficBook(recordsService: setting.recordsService)
    self.book = book
    pacer = setting.pacer()
    maskingKeys = .random()
    pace = OpeningPace(setting.plan, loop: index)
    let loops = setting.plan.loops
    places = (0..<pace.count).map {
      setting.place($0 * loops + index, book)
    }
    traced = (setting.plan.trace?.messages ?? []).filter { $0.connection % loops == index }
    storms = setting.plan.storms.map { _ in ReconnectReport() }
  }

  // MARK: Phases

  func begin(clock: RunClock, phases: PhasePlan, slots: SlotPlan) {
    guard !isSettled else { return }
    timer.begin(clock: clock, phases: phases)
    book.epoch = clock.epoch
    book.delay = clock.delay
    book.window = phases.measuringStart..<phases.measuringEnd
    cursor = SlotCursor(slots: slots.slotsOfLoop[index], slotCount: slots.slotCount)
    slotCount = UInt64(slots.slotCount)
    for (place, (sender, slot)) in zip(senders, cursor.slots.enumerated()) {
      place.sender = sender
      place.slot = UInt64(slot)
    }
    let interval = setting.plan.interval?.nanoseconds ?? 0
    let count = setting.plan.connections
    for place in places {
      place.nextSending = Int64(Double(interval) * Double(place.number) / Double(count))
      if let churn = setting.churn {
        place.lifeEnd = churn.firstLife(
          of: place.number, count: count, chance: .random(in: 0..<1, using: &random))
      }
      if let connection = place.connection { setAlarm(connection) }
    }
    for (number, storm) in setting.plan.storms.enumerated() {
      loop.schedule(at: clock.instant(at: phases.measuringStart + storm.offset.nanoseconds)) {
        [weak self] in self?.drop(storm, number)
      }
    }
  }

  func replan(_ phases: PhasePlan) {
    guard !isSettled else { return }
    book.window = phases.measuringStart..<max(phases.measuringStart, phases.measuringEnd)
    timer.replan(phases)
  }

  var counts: LoopCounts {
    var counts = book.counts
    counts.errors =
      UInt64(connecting.failures.total + book.troubles.total) + book.faults.total
    return counts
  }

  func endRecording(isMeasured: Bool) -> NanosecondHistogram {
    // Only what was due in the measuring phase is in them, also where another loop sent it and our timer is late.
    _ = book.slowRecorder.endInterval(isMeasured: true)
    _ = book.pauses.endInterval(isMeasured: true)
    return book.recorder.endInterval(isMeasured: true)
  }

  func entered(_ phase: RunPhase, from previous: RunPhase, at now: Int64) {
    switch phase {
    case .connecting: break
    case .warmUp, .measuring, .coolDown:
      if previous == .connecting {
        isSending = true
        if pacer != nil {
          sendDue()
        } else {
          for place in places { sendMore(place, at: now) }
        }
      } else {
        giveUpOverdue(at: now)
      }
    case .draining:
      if isSending { stopSending() }
      if previous != .draining { awaitTheRest() } else { giveUpOverdue(at: now) }
    case .finished:
      if isSending { stopSending() }
      finish()
    }
  }

  private func stopSending() {
    // What was due until the very end still goes out, as far as one turn sends; the rest was not sent.
    sendDue()
    passed = cursor
    if let pacer { cursor.skip(to: pacer.dueCount(at: timer.phases.sendingEnd - 1)) }
    isSending = false
    let published: [Int: UInt64] = fanOutParts.reduce(into: [:]) {
      $0[$1.channel, default: 0] += $1.publishedCount
    }
    control.post(published: published, ofLoop: index)
  }

  /// Ends the drain as soon as nothing is outstanding.
  private func awaitTheRest() {
    guard timer.phase == .draining else { return }
    guard !isComplete else { return timer.endDrain() }
    loop.schedule(after: .milliseconds(2)) { [weak self] in self?.awaitTheRest() }
  }

  private var isComplete: Bool {
    guard pace.underWay == 0, reopening.isEmpty,
      places.allSatisfy({ $0.returning == nil || $0.returning == .lost })
    else { return false }
    let hasAnswers = places.allSatisfy {
      $0.connection?.stage != .open || $0.dialogue.awaitedCount == 0
    }
    guard hasAnswers, setting.isFanOut else { return hasAnswers }
    // What other parts published is not known.
    guard setting.plan.shard.count == 1, let published = control.published else { return false }
    return places.allSatisfy { place in
      guard let part = place.dialogue.fanOut, part.listens, place.connection?.stage == .open
      else { return true }
      return part.receivedCount >= published[part.channel] ?? 0
    }
  }

  private func giveUpOverdue(at now: Int64) {
    for place in places {
      place.dialogue.giveUp(sentBefore: now - setting.replyTimeout)
      sendMore(place, at: now)
    }
  }

  // MARK: The end

  private func finish() {
    guard !isSettled else { return }
    isSettled = true
    var report = LoopReport(recorder: book.recorder)
    report.faults = book.faults
    timer.complete(&report)
    for place in places {
      report.faults.lost += place.dialogue.lostCount
      guard pacer != nil else { continue }
      let sent = place.plannedCount
      let missing = dueCount(of: place, by: cursor) - sent
      report.unsent += missing
      if place.connection?.stage != .open {
        report.unsentAfterEnd += missing
      } else {
        report.unsentHeld += max(sent, dueCount(of: place, by: passed)) - sent
      }
    }
    report.traffic = trafficReport
    control.post(report, connecting, ofLoop: index)
    closeAll()
  }

  private var trafficReport: TrafficReport {
    var report = TrafficReport(slowRecorder: book.slowRecorder, pauses: book.pauses)
    report.troubles = book.troubles
    report.unrelatedCount = book.unrelatedCount
    report.futureCount = book.futureCount
    report.storms = storms
    report.churn = churn
    report.fanOut = FanOutTally(fanOutParts)
    return report
  }

  private var fanOutParts: [FanOutPart] { places.compactMap(\.dialogue.fanOut) }
}
