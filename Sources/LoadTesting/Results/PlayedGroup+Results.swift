import Reports
import Transport
import WebSocketProtocol

/// A group in the words of a report.
extension PlayedGroup {
  /// What the group is called; once it has been played, with what was agreed on.
  func title(_ agreements: [Fact] = []) -> String {
    if let name { return name }
    let plan = setting.plan
    let deflate = agreements.contains(.compressionDeclined) ? ", deflate declined" : ", deflate"
    let what =
      if plan.isPlainEcho {
        echoTitle
      } else {
        "\(connections), \(workloadInWords)"
      }
    return (plan.agent.map { "\($0): " } ?? "") + what + (setting.url.isSecure ? ", TLS" : "")
      + (plan.compression != nil ? deflate : "")
  }

  private var echoTitle: String {
    let plan = setting.plan
    return switch plan.workload {
    case .closedLoop(let depth):
      "echo, \(connections) × \(depth) in flight, \(plan.payloadByteCount) B"
    case .openLoop(let schedule):
      "echo at \(schedule.words), \(connections), \(plan.payloadByteCount) B"
    case .idle:
      NumberText.counted(plan.wholeConnections, "idle connection")
    }
  }

  private var connections: String {
    NumberText.counted(setting.plan.wholeConnections, "connection")
  }

  var scenario: LoadScenario {
    let plan = setting.plan
    var scenario = LoadScenario(
      mode: setting.schedule == nil ? .closedLoop : .openLoop, connections: plan.connections,
      payloadByteCount: setting.template.octets.count, isBinary: plan.kind == .binary,
      offersCompression: plan.compression != nil, verifies: plan.verifies, loops: plan.loops)
    if let restrictions = plan.compression?.restrictions {
      scenario.settings.append(Fact("compression offer", restrictions))
    }
    if plan.busyPolling > .zero {
      scenario.settings.append(Fact("busy polling", "\(plan.busyPolling)"))
    }
    if plan.isRealTime {
      let awake = EventLoop.canKeepProcessorsAwake ? "awake" : "asleep when idle"
      scenario.settings.append(Fact("real time", "SCHED_FIFO, processors \(awake)"))
    }
    if !plan.isPlainEcho { scenario.workload = workloadInWords }
    if let replay = plan.replay {
      scenario.depth = 1
      scenario.settings += [
        Fact("seed", "\(plan.seed)"), Fact("allowance", "\(replay.allowance)"),
      ]
      return scenario
    }
    switch plan.workload {
    case .closedLoop(let depth):
      scenario.depth = depth
      scenario.settings.append(
        Fact(
          "closed loop",
          "a stalling server is asked less: judge latency with an open loop (--rate)"))
    case .openLoop(let schedule):
      scenario.plannedMessagesPerSecond =
        plan.sendingShard.map { schedule.meanRate(over: plan.duration) / Double($0.count) } ?? 0
      if schedule.constantRate == nil {
        scenario.settings.append(Fact("schedule", schedule.allWords))
      }
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

  func target(_ connecting: ConnectReport) -> LoadTarget {
    LoadTarget(
      url: setting.plan.url, serverHeader: connecting.serverHeader, facts: connecting.agreements)
  }

  func setUp(_ connecting: ConnectReport) -> [LatencyRecord] {
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

  func latencies(_ recorder: LatencyRecorder?) -> [LatencyRecord] {
    guard let recorder, setting.plan.workload != .idle || setting.plan.traffic != .echo
    else { return [] }
    let latency = StoredHistogram(recorder.latency.histogram)
    guard setting.plan.replay == nil else {
      return [LatencyRecord(name: "whole case", histogram: latency)]
    }
    if setting.isFanOut {
      return [LatencyRecord(name: "from planned publishing", histogram: latency)]
    }
    if case .push = setting.plan.traffic {
      return recorder.latency.totalCount > 0
        ? [LatencyRecord(name: "from the message's time", histogram: latency)] : []
    }
    guard recorder.recordsService else {
      return [LatencyRecord(name: "from actual send", histogram: latency)]
    }
    return [
      LatencyRecord(name: "from planned send", histogram: latency),
      LatencyRecord(
        name: "from actual send", histogram: StoredHistogram(recorder.service.histogram)),
    ]
  }

  func errors(
    _ failures: FailureTally, _ faults: EchoFaults, _ unsent: UInt64
  ) -> [ErrorCount] {
    var errors = failures.counts
    let counts: [(ErrorCount.Kind, UInt64)] = [
      (.lost, faults.lost), (.duplicated, faults.duplicated), (.reordered, faults.reordered),
      (.corrupted, faults.corrupted), (.late, faults.late), (.unsent, unsent),
    ]
    for (kind, count) in counts where count > 0 {
      errors.append(ErrorCount(kind, count: Int(clamping: count)))
    }
    return errors
  }
}

extension LoadPlan.Compression {
  /// In what it differs from an offer without restrictions, in words; nil for nothing.
  fileprivate var restrictions: String? {
    let parts: [String?] = [
      serverMaxWindowBits.map { "server window \($0)" },
      clientMaxWindowBits.map { "client window \($0)" },
      serverNoContextTakeover ? "server without takeover" : nil,
      clientNoContextTakeover ? "client without takeover" : nil,
      level == Self().level ? nil : "level \(level)",
    ]
    let words = parts.compactMap { $0 }.joined(separator: ", ")
    return words.isEmpty ? nil : words
  }
}
