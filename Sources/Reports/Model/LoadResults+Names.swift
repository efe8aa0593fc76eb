/// What a load is called: for people in a few words, for programs that tell loads apart by it exactly.
extension LoadResults {
  /// The load in a few words, and what was agreed on.
  var title: String {
    let isPlain = scenario.workload == nil && !scenario.isIdle
    let size = "\(NumberText.octets(Double(scenario.payloadByteCount))) \(scenario.kind)"
    return Self.joined([
      NumberText.counted(scenario.connections, "connection"), scenario.pace,
      isPlain ? size : nil, compression, isSecure ? "TLS" : nil,
    ])
  }

  /// What was asked for, whole and exact: the same from run to run, and another for another load.
  ///
  /// Unlike a title it does not depend on what the server agreed to, and it has no number that is rounded.
  var key: String {
    let settings = scenario.settings.filter { setting in
      !LoadScenario.toldByPace.contains(setting.name) && !LoadScenario.usual.contains(setting)
    }
    let whole: [String?] =
      [
        group, NumberText.counted(scenario.connections, "connection"), scenario.pace,
        scenario.isIdle ? nil : "\(scenario.payloadByteCount) B \(scenario.kind)",
        scenario.offersCompression ? "permessage-deflate" : nil, isSecure ? "TLS" : nil,
        scenario.verifies ? nil : "not verified",
        scenario.loops == 1 ? nil : "\(scenario.loops) loops",
        shard.map { "part \($0.number) of \($0.count)" },
      ] + settings.map { "\($0.name) \($0.value)" }
    return Self.joined(whole)
  }

  private static func joined(_ parts: [String?]) -> String {
    parts.compactMap { $0 }.map { VisibleText.line($0) }.joined(separator: ", ")
  }

  private var compression: String? {
    guard scenario.offersCompression else { return nil }
    return isCompressionDeclined ? "permessage-deflate declined" : "permessage-deflate"
  }

  /// Whether compression was offered and the server did without.
  var isCompressionDeclined: Bool { target.facts.contains(.compressionDeclined) }
}

extension Fact {
  /// What is noted of a server that did not take an offer of compression.
  public static let compressionDeclined = Fact("compression", "offered, declined by the server")
}

extension Run {
  /// The loads under keys that are unique in the run.
  var keyedLoads: [(key: String, results: LoadResults)] {
    var counts: [String: Int] = [:]
    return load.map { results in
      let key = String(results.key.prefix(900))
      counts[key, default: 0] += 1
      let count = counts[key] ?? 1
      return (count == 1 ? key : "\(key), number \(count)", results)
    }
  }
}

extension LoadScenario {
  /// Whether connections are only held.
  var isIdle: Bool { settings.contains(Fact("workload", "idle")) }

  /// Whether it is the plain echo, by which as much comes back as was sent.
  var isEcho: Bool { workload == nil && !isIdle }

  /// Settings that the pace has in words, or that say nothing of the load.
  fileprivate static let toldByPace: Set = ["closed loop", "schedule", "workload"]

  /// Settings that go without saying.
  fileprivate static let usual = [
    Fact("payload", "random"), Fact("seed", "1"),
    Fact("masking keys", "a pool, renewed each second"),
  ]

  fileprivate var kind: String { isBinary ? "binary" : "text" }

  /// What makes the generator send, or what is sent.
  fileprivate var pace: String {
    if let workload { return workload }
    if isIdle { return "idle" }
    if mode == .closedLoop { return "closed loop, \(depth ?? 1) in flight" }
    let schedule = settings.first { $0.name == "schedule" }?.value
    return "open loop at \(schedule ?? "\(rate) messages/s")"
  }

  private var rate: String {
    let rate = plannedMessagesPerSecond ?? 0
    return rate == rate.rounded() ? NumberText.grouped(rate) : "\(rate)"
  }
}
