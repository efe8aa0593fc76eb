import Conformance
import Reports
import Transport
import WebSocketProtocol

/// One loop's share of a run: its connections, its part of the plan, its histograms.
///
/// Theory of operation. The worker first opens its connections, a bounded number at a time, and says so when each has
/// succeeded or failed. Once all loops are ready the runner calls ``begin(clock:phases:slots:)`` with a
/// start that all share, and from then on the worker follows the phases by its own timers without
/// talking to anybody: it hands out a report at each second and a final one. In a closed loop, replies make
/// it send; in an open loop, a timer at the next planned message sends all that is due.
///
/// All of it lives on the loop's thread.
final class LoopWorker: GroupWorker, PhaseFollower {
  let loop: EventLoop
  let index: Int
  let setting: RunSetting
  let control: RunControl

  // What sending and receiving work with.
  let target: EchoTarget
  let maskingKeys: MaskingKeySource
  let isSecure: Bool
  /// Whether one write per read is not always all: in an open loop, or where the pool has too few frames.
  let sendsInParts: Bool
  /// The payloads that compressed messages carry by turns, to write the sequence number into.
  var compressedPayloads: [[UInt8]]
  var output: [UInt8] = []
  var scratch: [UInt8] = []
  private var random = SystemRandomNumberGenerator()

  // Time.
  /// Takes this worker through the phases.
  lazy var timer = PhaseTimer(self, loop: loop, index: index, control: control)

  // Connections.
  var connecting: ConnectReport
  var pace: OpeningPace
  /// Those whose opening handshake was completed, by place; they stay when they end.
  var connections: [LoadConnection] = []
  var openCount = 0
  var sockets: [StreamSocket]? { connections }
  var isReady = false
  var isClosing = false
  var hasEnded = false

  // What is measured.
  var bench: EchoBench
  var faults = EchoFaults()
  /// Decides when and on which connection an open loop sends.
  var cursor = SlotCursor(slots: [], slotCount: 0)
  /// How far it had come when sending ended: what lies before it and was not sent was held up.
  private var passed = SlotCursor(slots: [], slotCount: 0)

  init(loop: EventLoop, index: Int, setting: RunSetting, control: RunControl) {
    self.loop = loop
    self.index = index
    self.setting = setting
    self.control = control
    let opcode: UInt8 = setting.plan.kind == .text ? 1 : 2
    target = EchoTarget(
      expected: ExpectedFrame(template: setting.template, opcode: opcode),
      verifies: setting.plan.verifies, pacer: setting.pacer(),
      depth: setting.depth, usesFreshMasks: setting.plan.usesFreshMasks)
    compressedPayloads = setting.compressed.templates.map(\.octets)
    isSecure = setting.url.isSecure
    maskingKeys = .random()
    var generator = SystemRandomNumberGenerator()
    connecting = ConnectReport()
    pace = OpeningPace(setting.plan, loop: index)
    bench = EchoBench(
      recorder: LatencyRecorder(recordsService: setting.schedule != nil),
      pool: FramePool(template: setting.template, opcode: opcode, batch: max(2, setting.depth)) {
        generator.next()
      },
      keys: maskingKeys)
    sendsInParts = setting.schedule != nil || setting.depth > bench.pool.frameCount
  }

  /// Gives the pool new masking keys.
  func rekey() {
    bench.pool.rekey { random.next() }
  }
}

// MARK: - Phases

extension LoopWorker {
  /// Starts sending at the clock's zero.
  func begin(clock: RunClock, phases: PhasePlan, slots: SlotPlan) {
    guard !hasEnded else { return }
    bench.clock = clock
    cursor = SlotCursor(slots: slots.slotsOfLoop[index], slotCount: slots.slotCount)
    bench.slotCount = UInt64(slots.slotCount)
    for (connection, slot) in zip(connections, cursor.slots) {
      connection.flow.slot = UInt64(slot)
    }
    bench.recordUntil = phases.measuringEnd
    // The connections' own deadlines were for their opening.
    for connection in connections { connection.deadline = nil }
    timer.begin(clock: clock, phases: phases)
  }

  /// Ends the run earlier than planned.
  func replan(_ phases: PhasePlan) {
    guard !hasEnded else { return }
    bench.recordUntil = phases.measuringEnd
    timer.replan(phases)
  }

  var counts: LoopCounts {
    var counts = bench.counts
    counts.errors = UInt64(connecting.failures.total) + faults.total
    counts.payloadSent = counts.sent &* UInt64(setting.template.octets.count)
    counts.payloadReceived = counts.received &* UInt64(setting.template.octets.count)
    return counts
  }

  func endRecording(isMeasured: Bool) -> NanosecondHistogram {
    rekey()
    return bench.recorder.endInterval(isMeasured: isMeasured)
  }

  func entered(_ phase: RunPhase, from previous: RunPhase, at now: Int64) {
    switch phase {
    case .connecting:
      break
    case .warmUp, .measuring, .coolDown:
      if phase == .measuring, previous != .measuring {
        bench.recordFrom = timer.phases.measuringStart
        bench.recorder.discardService()
      } else if previous == .connecting {
        bench.recordFrom = 0
      }
      if previous == .connecting { startSending(at: now) } else { giveUpOverdue(at: now) }
    case .draining:
      if bench.isSending { stopSending(at: now) }
      if previous != .draining { awaitReplies() } else { giveUpOverdue(at: now) }
    case .finished:
      if bench.isSending { stopSending(at: now) }
      finish()
    }
  }

  private func startSending(at now: Int64) {
    bench.isSending = true
    switch setting.plan.workload {
    case .closedLoop:
      for connection in connections { connection.sendMore(at: now) }
    case .openLoop:
      sendDue()
    case .idle:
      break
    }
  }

  private func stopSending(at now: Int64) {
    if let pacer = target.pacer {
      // What was due until the very end still goes out, as far as one turn sends; the rest was not sent.
      sendDue()
      passed = cursor
      cursor.skip(to: pacer.dueCount(at: timer.phases.sendingEnd - 1))
    }
    bench.isSending = false
  }

  /// Ends the drain as soon as no reply is outstanding.
  private func awaitReplies() {
    guard timer.phase == .draining else { return }
    let isDone = connections.allSatisfy { $0.stage != .open || $0.flow.ledger.inFlight == 0 }
    guard !isDone else { return timer.endDrain() }
    loop.schedule(after: .milliseconds(2)) { [weak self] in self?.awaitReplies() }
  }

  /// Counts messages as lost that have waited too long for their reply.
  private func giveUpOverdue(at now: Int64) {
    let limit = now - setting.replyTimeout
    for connection in connections where connection.stage == .open {
      connection.giveUp(sentBefore: limit, at: now)
    }
  }

  /// Hands the final report out, then closes the connections.
  private func finish() {
    guard !hasEnded else { return }
    hasEnded = true
    var report = LoopReport(recorder: bench.recorder)
    var unsent: UInt64 = 0
    for (place, connection) in connections.enumerated() {
      if setting.schedule != nil {
        let sent = connection.flow.ledger.nextToSend
        let missing = cursor.dueCount(atPlace: place) - sent
        unsent += missing
        if connection.stage != .open {
          report.unsentAfterEnd += missing
        } else {
          report.unsentHeld += max(sent, passed.dueCount(atPlace: place)) - sent
        }
      }
      connection.settle()
    }
    report.faults = faults
    report.unsent = unsent
    timer.complete(&report)
    control.post(report, connecting, ofLoop: index)
    closeAll()
  }
}

// MARK: - Open loop

extension LoopWorker {
  /// Sends all that is due, and sets the timer for what comes next.
  func sendDue() {
    guard bench.isSending, let pacer = target.pacer else { return }
    let now = bench.clock.now
    let limit = min(now, timer.phases.sendingEnd - 1)
    for place in cursor.takeDue(by: limit, pacer) { connections[place].sendMore(at: now) }
    let next = cursor.nextTime(pacer)
    bench.passed = min(limit, (next ?? .max) - 1)
    timer.lookAgain(at: next, after: now) { [weak self] in self?.sendDue() }
  }
}
