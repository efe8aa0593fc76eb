import Reports

/// What a workload beyond the plain echo is, and what it showed, in the words of a report.
extension PlayedGroup {
  /// What the connections do.
  var workloadInWords: String {
    let plan = setting.plan
    var parts: [String] = []
    switch plan.traffic {
    case .push: parts.append("messages pushed by the server")
    case .fanOut(let fanOut):
      parts.append(
        "fan-out from \(NumberText.counted(fanOut.publishers, "publisher"))"
          + (fanOut.channels > 1 ? " on \(fanOut.channels) channels" : "") + pace)
    case .echo where plan.trace != nil:
      parts.append(
        "echo of a trace of \(NumberText.counted(plan.trace?.messages.count ?? 0, "message"))")
    case .echo: parts.append(plan.workload == .idle ? "idle" : "echo" + pace)
    case .ping: parts.append("pings" + pace)
    case .exchange: parts.append("requests" + pace)
    case .cases(let replay):
      parts.append(
        "\(NumberText.counted(replay.cases.count, "conformance case")), one after the other each")
    }
    if let lifetime = plan.lifetime {
      parts.append(
        "each lives \(lifetime.mean)\(lifetime.law == .exponential ? " on average" : "")")
    }
    for storm in plan.storms {
      parts.append("storm at \(storm.offset) of \(Self.percent(storm.share))")
    }
    if let slow = plan.slowReaders {
      parts.append("\(Self.percent(slow.share)) read \(slow.octetsPerSecond) B/s")
    }
    return parts.joined(separator: ", ")
  }

  private var pace: String {
    switch setting.plan.workload {
    case .closedLoop(let depth):
      setting.plan.interval.map { ", one every \($0) each" } ?? ", \(depth) in flight each"
    case .openLoop(let schedule): " at \(schedule.allWords)"
    case .idle: ""
    }
  }

  private static func percent(_ share: Double) -> String { "\(plain(share * 100)) %" }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  /// Adds what the loops found out beyond the echo.
  func add(_ traffic: TrafficReport, to results: inout LoadResults) {
    if traffic.slowRecorder.latency.totalCount > 0 {
      results.latencies.append(
        LatencyRecord(
          name: "to slow readers",
          histogram: StoredHistogram(traffic.slowRecorder.latency.histogram)))
    }
    if traffic.pauses.latency.totalCount > 0 {
      results.latencies.append(
        LatencyRecord(
          name: "between messages", histogram: StoredHistogram(traffic.pauses.latency.histogram)))
    }
    results.errors += traffic.troubles.counts
    if case .push = setting.plan.traffic, series.allSatisfy({ $0.messagesReceived == 0 }) {
      results.errors.append(
        ErrorCount(.other, count: 1, example: "the server sent no message that was asked for"))
    }
    let reconnects = self.reconnects(traffic)
    if !reconnects.isEmpty { results.reconnects = reconnects }
    var observations: [Fact] = []
    if traffic.unrelatedCount > 0 {
      observations.append(Fact("messages of no interest", "\(traffic.unrelatedCount)"))
    }
    if traffic.futureCount > 0 {
      observations.append(
        Fact(
          "clocks differ",
          "\(traffic.futureCount) messages came before their own time, and count as without latency"
        ))
    }
    if !observations.isEmpty { results.observations = observations }
  }

  /// What came of a fan-out; nil if there was none, or nobody subscribed.
  func delivery(_ traffic: TrafficReport) -> DeliveryResults? {
    guard case .fanOut(let fanOut) = setting.plan.traffic else { return nil }
    let (shard, channels) = (setting.plan.shard, traffic.fanOut.deliveries)
    let publishers = shard.share(of: fanOut.publishers)
    guard shard.count == 1 else { return DeliveryResults(publishers: publishers, ofPart: channels) }
    let results = DeliveryResults(publishers: publishers, of: channels)
    return results.subscribers > 0 ? results : nil
  }

  private func reconnects(_ traffic: TrafficReport) -> [ReconnectResults] {
    var list: [ReconnectResults] = []
    for (storm, report) in zip(setting.plan.storms, traffic.storms) {
      var results = ReconnectResults(name: "storm at \(storm.offset)", report)
      if let start = report.start, let end = report.lastReturn, report.returned == report.dropped {
        results.allBackNanoseconds = end - start
      }
      list.append(results)
    }
    if setting.plan.lifetime != nil {
      list.append(ReconnectResults(name: "churn", traffic.churn))
    }
    return list
  }
}

extension ReconnectResults {
  fileprivate init(name: String, _ report: ReconnectReport) {
    self.init(name: name, connect: StoredHistogram(report.connect.histogram))
    dropped = report.dropped
    returned = report.returned
    failures = report.failures
    abandonedMessages = report.abandoned
  }
}
