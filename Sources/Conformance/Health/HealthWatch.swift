import Transport
import WebSocketProtocol

/// Watches over the peer while one hostile case plays; lives on the loop of that case.
///
/// First the second connection is opened and gets its first echo; then the case plays, and echoes are
/// asked for all the time; after it one more must come, and the peer must come to rest. Complaints
/// are gathered; none of them ends the case. Its second connection keeps it, or the case does while it
/// plays; when both are gone, what it still waits for.
final class HealthWatch {
  private enum Phase { case preparing, playing, settling, over }

  private let options: HealthOptions
  private let plan: PlayPlan
  private let keys: MaskingKeySource
  private let loop: EventLoop
  private let processes: [Int32]
  private var phase = Phase.preparing
  private var report = HealthReport()
  private var innocent: InnocentSocket?
  private var askedAt: ContinuousClock.Instant?
  private var before: ProcessVitals?
  private var endedAt = ContinuousClock.now
  private var begin: (() -> Void)?
  private var completion: ((HealthReport) -> Void)?

  /// The time between two looks at the peer.
  static let interval = Duration.milliseconds(20)
  /// From this share of a processor on, used or waited for, somebody spins who has nothing to do.
  static let busyShare = 0.25

  init(_ options: HealthOptions, plan: PlayPlan, keys: MaskingKeySource, loop: EventLoop) {
    self.options = options
    self.plan = plan
    self.keys = keys
    self.loop = loop
    processes = options.processID.map(ProcessVitals.family) ?? []
  }

  /// Opens the second connection, then lets the case begin.
  func prepare(_ begin: @escaping () -> Void) {
    self.begin = begin
    let socket = InnocentSocket(plan: plan, keys: keys, loop: loop) { socket, event in
      self.take(event, from: socket)
    }
    innocent = socket
    askedAt = .now
    plan.connector.connect(socket)
    expectAnswer(to: .now)
  }

  /// The case has ended: finds out how the peer is, before long.
  func caseEnded(_ completion: @escaping (HealthReport) -> Void) {
    self.completion = completion
    phase = .settling
    endedAt = .now
    look()
    if innocent == nil {
      settle()
    } else if askedAt == nil {
      ask()
    }
  }

  // MARK: The second connection

  private func ask() {
    let now = ContinuousClock.now
    askedAt = now
    innocent?.ask()
    expectAnswer(to: now)
  }

  private func expectAnswer(to question: ContinuousClock.Instant) {
    loop.schedule(after: options.answerTimeout) { [weak self] in
      guard let self, self.askedAt.map({ $0 <= question }) == true else { return }
      self.lose("got no answer within \(self.options.answerTimeout)")
    }
  }

  private func take(_ event: InnocentSocket.Event, from socket: InnocentSocket) {
    guard socket === innocent else { return }
    switch event {
    case .opened: ask()
    case .lost(let reason): lose("was lost: \(reason)")
    case .answered:
      let now = ContinuousClock.now
      let question = askedAt ?? now
      askedAt = nil
      report.answerCount += 1
      report.longestWait = max(report.longestWait, now - question)
      switch phase {
      case .preparing: start()
      case .playing:
        loop.schedule(after: Self.interval) { [weak self] in
          guard let self, self.phase == .playing, self.askedAt == nil else { return }
          self.ask()
        }
      case .settling:
        // An answer to what was asked before the end says nothing of the time after it.
        if question >= endedAt { settle() } else { ask() }
      case .over: break
      }
    }
  }

  private func lose(_ what: String) {
    guard phase != .over, let socket = innocent else { return }
    innocent = nil
    askedAt = nil
    socket.leave()
    let moment =
      switch phase {
      case .preparing: "before the case"
      case .playing: "while the case played"
      default: "after the case"
      }
    complain("a second connection \(what) (\(moment))")
    switch phase {
    case .preparing: start()
    case .settling: settle()
    case .playing, .over: break
    }
  }

  // MARK: The process

  private func start() {
    before = processes.isEmpty ? nil : ProcessVitals(of: processes)
    if !processes.isEmpty, before == nil { complain("the process has ended (before the case)") }
    phase = .playing
    begin?()
    begin = nil
    keepLooking()
    if innocent != nil, askedAt == nil { ask() }
  }

  private func keepLooking() {
    guard phase == .playing, before != nil else { return }
    look()
    loop.schedule(after: Self.interval) { [weak self] in self?.keepLooking() }
  }

  /// Looks at what the process uses now; nil if it is not known, or has ended.
  @discardableResult
  private func look() -> ProcessVitals? {
    guard let before else { return nil }
    guard let now = ProcessVitals(of: processes) else { return nil }
    report.memoryGrowth = max(report.memoryGrowth ?? 0, now.residentBytes - before.residentBytes)
    report.processorTime = .nanoseconds(now.processorNanoseconds - before.processorNanoseconds)
    return now
  }

  private func settle() {
    guard phase == .settling else { return }
    guard let before else { return conclude() }
    guard let now = look() else {
      complain("the process has ended")
      return conclude()
    }
    let isLate = ContinuousClock.now - endedAt > options.settlingTime
    if now.descriptorCount > before.descriptorCount, !isLate {
      loop.schedule(after: Self.interval) { self.settle() }
      return
    }
    if now.descriptorCount > before.descriptorCount {
      complain(
        "\(now.descriptorCount - before.descriptorCount) descriptors more than before, "
          + "\(options.settlingTime) after the case")
    }
    if let growth = report.memoryGrowth, growth > options.memoryByteCount {
      complain(
        "memory grew by \(growth >> 20) MiB, and the budget is "
          + "\(options.memoryByteCount >> 20) MiB")
    }
    guard now.demandNanoseconds - before.demandNanoseconds > 30_000_000 else { return conclude() }
    awaitRest(since: now.demandNanoseconds, at: .now)
  }

  /// Whether the process wants the processor now that nothing is asked of it, until it rests.
  private func awaitRest(since nanoseconds: Int64, at instant: ContinuousClock.Instant) {
    loop.schedule(after: .milliseconds(200)) {
      guard self.phase == .settling else { return }
      guard let now = ProcessVitals(of: self.processes) else {
        self.complain("the process has ended")
        return self.conclude()
      }
      let present = ContinuousClock.now
      let wanted = Duration.nanoseconds(now.demandNanoseconds - nanoseconds)
      guard wanted > (present - instant) * Self.busyShare else { return self.conclude() }
      guard present - self.endedAt > self.options.settlingTime else {
        return self.awaitRest(since: now.demandNanoseconds, at: present)
      }
      self.complain(
        "it goes on using the processor, \(self.options.settlingTime) after the case")
      self.conclude()
    }
  }

  // MARK: The end

  private func complain(_ complaint: String) {
    report.complaints.append(complaint)
  }

  private func conclude() {
    phase = .over
    innocent?.leave()
    innocent = nil
    let completion = completion
    self.completion = nil
    completion?(report)
  }
}
