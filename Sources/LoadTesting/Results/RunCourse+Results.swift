import Conformance
import Histogram
import Reports
import WebSocketProtocol

/// Puts together what the loops of a group found out.
extension RunCourse {
  func assemble(_ group: PlayedGroup) -> LoadOutcome {
    let loops = group.control.loops
    var connecting = ConnectReport()
    for report in loops.compactMap(\.connecting) { connecting += report }
    var whole: LoopReport?
    for report in loops.compactMap(\.report) {
      if whole == nil { whole = report } else { whole? += report }
    }
    var faults = whole?.faults ?? EchoFaults()
    let measured = whole?.measured ?? LoopCounts()
    let unsent = whole?.unsent ?? 0
    let delivery = whole?.traffic.flatMap { group.delivery($0) }
    faults.lost += UInt64(delivery?.missing ?? 0)
    var results = LoadResults(
      name: group.title(connecting.agreements), scenario: group.scenario,
      target: group.target(connecting),
      phases: phaseList(group), setUp: group.setUp(connecting), series: group.series)
    results.group = group.isAlone ? nil : group.title()
    if test.shard.count > 1 {
      results.shard = LoadPart(
        number: test.shard.index + 1, of: test.shard.count, sendingStarted: sendingStartedAt)
    }
    results.totals = LoadTotals(connecting, measured)
    results.errors = group.errors(connecting.failures, faults, unsent)
    results.latencies = group.latencies(whole?.recorder)
    results.delivery = delivery
    if let traffic = whole?.traffic { group.add(traffic, to: &results) }
    if let held = whole?.heldUp {
      results.observations = (results.observations ?? []) + [Fact("held up by the server", held)]
    }
    if let waits = whole?.waits, waits.totalCount > 0 {
      results.latencies.append(
        LatencyRecord(
          name: "reply waiting to be read", histogram: StoredHistogram(waits.histogram)))
    }
    results.generator = generator(selfCheck(of: group, whole))
    if connecting.established > 0, loops.contains(where: { $0.report == nil }) {
      results.generator.validity = .invalid
      results.generator.remarks.append("a loop gave no account in time: it was overwhelmed")
    }
    results.serverProcess = serverProcess
    if let connectEnded = group.connectEnded, connecting.established > 0 {
      let seconds = Double((connectEnded - started).nanoseconds) / 1e9
      results.connectionsPerSecond = Double(connecting.established - connecting.reopened) / seconds
    }
    if let replay = whole?.replay {
      results.connectionsPerSecond = nil
      results.cases = group.playedCases(replay, seconds: results.measuredSeconds)
    }
    var ending = ending
    if case .notConnected = ending {
      ending = .notConnected(
        connecting.failures.counts.first?.example ?? "no connection was established")
    }
    return LoadOutcome(
      ending: ending, results: results, faults: faults, unsent: unsent,
      conformance: whole?.replay.flatMap { group.conformance($0, connecting) },
      missedObjective: missedObjective, elapsed: .now - started)
  }

  /// What the observed process used; nil if none was, or if it went away.
  private var serverProcess: ObservedProcess? {
    guard let start = samples.start?.observed, let connected = samples.connectEnd?.observed,
      let before = samples.measuringStart?.observed, let after = samples.measuringEnd?.observed
    else { return nil }
    var process = ObservedProcess()
    // The loop does not know of processes that were started when the connections were there.
    let isSame = samples.connectEnd?.processes == samples.measuringEnd?.processes
    process.cpuNanoseconds =
      (isSame ? processors?.server : nil)
      ?? after.processorNanoseconds - before.processorNanoseconds
    process.connectCPUNanoseconds = connected.processorNanoseconds - start.processorNanoseconds
    process.residentBytesBefore = Int(start.residentBytes)
    process.residentBytesAfter = Int(after.residentBytes)
    process.bytesPerConnection = resources.serverMemory.estimate
    return process
  }

  private func phaseList(_ group: PlayedGroup) -> [LoadPhase] {
    guard let connectEnded, let sendingStarted else { return [] }
    let offset = sendingStarted - started
    let drainEnd = group.lastIntervalEnd
    func phase(_ phase: RunPhase, _ start: Int64, _ end: Int64) -> LoadPhase {
      LoadPhase(
        name: phase.reportName, start: offset + .nanoseconds(start),
        duration: .nanoseconds(end - start), isMeasured: phase == .measuring)
    }
    var list = [
      LoadPhase(
        name: RunPhase.connecting.reportName, start: .zero, duration: connectEnded - started,
        isMeasured: false)
    ]
    if phases.measuringStart > 0 { list.append(phase(.warmUp, 0, phases.measuringStart)) }
    list.append(phase(.measuring, phases.measuringStart, phases.measuringEnd))
    if phases.sendingEnd > phases.measuringEnd {
      list.append(phase(.coolDown, phases.measuringEnd, phases.sendingEnd))
    }
    if drainEnd > phases.sendingEnd {
      list.append(phase(.draining, phases.sendingEnd, drainEnd))
    }
    return list
  }

  /// What a group's loops asked of the generator, and what it gave.
  private func selfCheck(of group: PlayedGroup, _ whole: LoopReport?) -> SelfCheck {
    var check = SelfCheck(measured: phases.measuringEnd - phases.measuringStart)
    check.isOpenLoop = group.setting.schedule != nil
    check.threads = group.control.loops.compactMap(\.report?.thread)
    guard let whole else { return check }
    (check.sent, check.sentLate) = (whole.measured.sent, whole.measured.sentLate)
    check.unsent = whole.unsent - whole.unsentAfterEnd - whole.unsentHeld
    check.timerDelay = whole.timerDelay
    if whole.waits.totalCount > 0 {
      check.waiting = Int64(clamping: whole.waits.histogram.valueAtPercentile(99))
      check.latency = Int64(clamping: whole.recorder.latency.histogram.valueAtPercentile(99))
    }
    return check
  }

  private func generator(_ check: SelfCheck) -> GeneratorReport {
    var report = GeneratorReport()
    if let before = samples.measuringStart?.own, let after = samples.measuringEnd?.own {
      let total =
        processors?.own ?? after.processorNanoseconds - before.processorNanoseconds
      // The kernel's ticks say which share of it was in user mode.
      let user = max(0, min(total, after.userNanoseconds - before.userNanoseconds))
      report.userNanoseconds = user
      report.systemNanoseconds = total - user
      report.peakMemoryBytes = Int(after.peakResidentBytes)
    }
    check.judge(&report)
    report.clockReadNanoseconds = resources.clockReadNanoseconds
    report.bytesPerConnection = resources.ownMemory.estimate
    if let agreedStart, let sendingStarted, sendingStarted - agreedStart > .milliseconds(10) {
      report.validity = max(report.validity, .suspect)
      let late = (sendingStarted - agreedStart).nanoseconds / 1_000_000
      report.remarks.append(
        "sending began \(late) ms after the agreed start: connections were not open before")
    }
    return report
  }
}

extension LoopReport {
  /// What connections held up that took no more, in words; nil for nothing.
  fileprivate var heldUp: String? {
    guard measured.sentHeld > 0 || unsentHeld > 0 else { return nil }
    return "\(measured.sentHeld) messages went out late and \(unsentHeld) never: "
      + "their connections took no more, or were away"
  }
}

extension LoadTotals {
  fileprivate init(_ connecting: ConnectReport, _ measured: LoopCounts) {
    self.init()
    connectionsAttempted = connecting.attempted
    connectionsEstablished = connecting.established
    messagesSent = Int(clamping: measured.sent)
    messagesReceived = Int(clamping: measured.received)
    payloadBytesSent = Int(clamping: measured.payloadSent)
    payloadBytesReceived = Int(clamping: measured.payloadReceived)
    guard measured.wireReceived > 0 else { return }
    wireBytesSent = Int(clamping: measured.wireSent)
    wireBytesReceived = Int(clamping: measured.wireReceived)
  }
}
