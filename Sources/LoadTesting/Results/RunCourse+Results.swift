import Conformance
import Reports
import WebSocketProtocol

/// Puts together what the loops found out.
extension RunCourse {
  func assemble() -> LoadOutcome {
    let loops = control.loops
    var connecting = ConnectReport()
    var recorder: LatencyRecorder?
    var faults = EchoFaults()
    var measured = LoopCounts()
    var unsent: UInt64 = 0
    var timerDelay: Int64 = 0
    for loop in loops {
      if let report = loop.connecting { connecting += report }
      guard let report = loop.report else { continue }
      if recorder == nil { recorder = report.recorder } else { recorder?.add(report.recorder) }
      faults += report.faults
      measured += report.measured
      unsent += report.unsent
      timerDelay = max(timerDelay, report.timerDelay)
    }
    var results = LoadResults(
      name: name, scenario: scenario, target: target(connecting), phases: phaseList,
      setUp: setUp(connecting), series: series)
    results.totals.connectionsAttempted = connecting.attempted
    results.totals.connectionsEstablished = connecting.established
    results.totals.messagesSent = Int(measured.sent)
    results.totals.messagesReceived = Int(measured.received)
    results.totals.payloadBytesSent = Int(measured.sent) * setting.template.octets.count
    results.totals.payloadBytesReceived = Int(measured.received) * setting.template.octets.count
    results.errors = errors(connecting.failures, faults, unsent)
    results.latencies = latencies(recorder)
    results.generator = generator(
      measured, unsent: unsent, threads: loops.compactMap(\.report?.thread), timerDelay: timerDelay)
    results.serverProcess = serverProcess
    if let connectEnded, connecting.established > 0 {
      let seconds = Double((connectEnded - started).nanoseconds) / 1e9
      results.connectionsPerSecond = Double(connecting.established) / seconds
    }
    var ending = ending
    if case .notConnected = ending {
      ending = .notConnected(
        connecting.failures.counts.first?.example ?? "no connection was established")
    }
    return LoadOutcome(
      ending: ending, results: results, faults: faults, unsent: unsent, elapsed: .now - started)
  }

  private var name: String {
    let plan = setting.plan
    let what =
      switch plan.workload {
      case .closedLoop(let depth):
        "echo, \(plan.connections) connections × \(depth) in flight, \(plan.payloadByteCount) B"
      case .openLoop(let rate):
        "echo at \(Int(rate)) messages/s, \(plan.connections) connections, \(plan.payloadByteCount) B"
      case .idle:
        "\(plan.connections) idle connections"
      }
    return (plan.agent.map { "\($0): " } ?? "") + what + (setting.url.isSecure ? ", TLS" : "")
      + (plan.compression != nil ? ", deflate" : "")
  }

  private var scenario: LoadScenario {
    let plan = setting.plan
    var scenario = LoadScenario(
      mode: setting.pacer == nil ? .closedLoop : .openLoop, connections: plan.connections,
      payloadByteCount: setting.template.octets.count, isBinary: plan.kind == .binary,
      offersCompression: plan.compression != nil, verifies: plan.verifies, loops: plan.loops)
    switch plan.workload {
    case .closedLoop(let depth):
      scenario.depth = depth
      scenario.settings.append(
        Fact(
          "closed loop",
          "a stalling server is asked less: judge latency with an open loop (--rate)"))
    case .openLoop(let rate): scenario.plannedMessagesPerSecond = rate
    case .idle: scenario.settings.append(Fact("workload", "idle"))
    }
    switch plan.payload {
    case .generated(let content, _):
      scenario.settings.append(Fact("payload", content.rawValue))
      scenario.settings.append(Fact("seed", "\(plan.seed)"))
    case .octets: scenario.settings.append(Fact("payload", "file"))
    }
    scenario.settings.append(
      Fact("masking keys", plan.usesFreshMasks ? "one per frame" : "a pool, renewed each second"))
    return scenario
  }

  private func target(_ connecting: ConnectReport) -> LoadTarget {
    LoadTarget(
      url: setting.plan.url, serverHeader: connecting.serverHeader, facts: connecting.agreements)
  }

  /// What the observed process used; nil if none was, or if it went away.
  private var serverProcess: ObservedProcess? {
    guard let start = samples.start?.observed, let connected = samples.connectEnd?.observed,
      let before = samples.measuringStart?.observed, let after = samples.measuringEnd?.observed
    else { return nil }
    var process = ObservedProcess()
    process.cpuNanoseconds = after.processorNanoseconds - before.processorNanoseconds
    process.connectCPUNanoseconds = connected.processorNanoseconds - start.processorNanoseconds
    process.residentBytesBefore = Int(start.residentBytes)
    process.residentBytesAfter = Int(after.residentBytes)
    return process
  }

  private var phaseList: [LoadPhase] {
    guard let connectEnded, let sendingStarted else { return [] }
    let offset = sendingStarted - started
    let drainEnd = lastIntervalEnd
    func phase(_ name: String, _ start: Int64, _ end: Int64) -> LoadPhase {
      LoadPhase(
        name: name, start: offset + .nanoseconds(start), duration: .nanoseconds(end - start),
        isMeasured: name == "measure")
    }
    var list = [
      LoadPhase(
        name: "connect", start: .zero, duration: connectEnded - started, isMeasured: false)
    ]
    if phases.measuringStart > 0 { list.append(phase("warm-up", 0, phases.measuringStart)) }
    list.append(phase("measure", phases.measuringStart, phases.measuringEnd))
    if drainEnd > phases.measuringEnd {
      list.append(phase("drain", phases.measuringEnd, drainEnd))
    }
    return list
  }

  private func setUp(_ connecting: ConnectReport) -> [LatencyRecord] {
    guard connecting.established > 0 else { return [] }
    var records = [LatencyRecord(name: "tcp", histogram: StoredHistogram(connecting.tcp.histogram))]
    if setting.url.isSecure {
      records.append(
        LatencyRecord(name: "tls", histogram: StoredHistogram(connecting.tls.histogram)))
    }
    records.append(
      LatencyRecord(name: "upgrade", histogram: StoredHistogram(connecting.upgrade.histogram)))
    records.append(
      LatencyRecord(name: "total", histogram: StoredHistogram(connecting.total.histogram)))
    return records
  }

  private func latencies(_ recorder: LatencyRecorder?) -> [LatencyRecord] {
    guard let recorder, setting.plan.workload != .idle else { return [] }
    let latency = StoredHistogram(recorder.latency.histogram)
    guard recorder.recordsService else {
      return [LatencyRecord(name: "from actual send", histogram: latency)]
    }
    return [
      LatencyRecord(name: "from planned send", histogram: latency),
      LatencyRecord(
        name: "from actual send", histogram: StoredHistogram(recorder.service.histogram)),
    ]
  }

  private func errors(
    _ failures: FailureTally, _ faults: EchoFaults, _ unsent: UInt64
  ) -> [ErrorCount] {
    var errors = failures.counts
    let counts: [(ErrorCount.Kind, UInt64)] = [
      (.lost, faults.lost), (.duplicated, faults.duplicated), (.reordered, faults.reordered),
      (.corrupted, faults.corrupted), (.late, faults.late), (.unsent, unsent),
    ]
    for (kind, count) in counts where count > 0 {
      errors.append(ErrorCount(kind, count: Int(count)))
    }
    return errors
  }

  private func generator(
    _ measured: LoopCounts, unsent: UInt64, threads: [ThreadSample], timerDelay: Int64
  ) -> GeneratorReport {
    var report = GeneratorReport()
    if let before = samples.measuringStart?.own, let after = samples.measuringEnd?.own {
      let total = after.processorNanoseconds - before.processorNanoseconds
      let user = max(0, min(total, after.userNanoseconds - before.userNanoseconds))
      report.userNanoseconds = user
      report.systemNanoseconds = total - user
      report.peakMemoryBytes = Int(after.peakResidentBytes)
    }
    var check = SelfCheck(measured: phases.measuringEnd - phases.measuringStart)
    check.threads = threads
    (check.sent, check.sentLate, check.unsent) = (measured.sent, measured.sentLate, unsent)
    check.timerDelay = timerDelay
    check.judge(&report)
    return report
  }
}
