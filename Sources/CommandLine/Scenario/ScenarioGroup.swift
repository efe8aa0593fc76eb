import ArgumentParser
import HTTP
import LoadTesting
import Reports
import WebSocketProtocol

/// One group of a scenario file, as flags of `gauntlet load`.
struct ScenarioGroup {
  /// A server, and how much of the group goes to it.
  struct Target {
    var url: String
    var weight: Double
  }

  var name: String?
  var targets: [Target] = []
  var connections = 10
  var objectives: ServiceLevel?
  private(set) var flags: [String] = []
  private(set) var isFanOut = false
  private var tlsFlags: [String] = []

  /// Reads a group.
  init(_ section: ConfigurationSection) throws(SpecError) {
    name = try section.string("name")
    targets = try Self.targets(section)
    connections = try section.count("connections", 1...1_000_000) ?? connections
    if let text = try section.string("slo") {
      do {
        objectives = try ServiceLevel(text)
      } catch {
        throw section.mistake("slo", "\(error)")
      }
    }
    try readWorkload(section)
    try read(section, "schedule", ScenarioKeys.schedule)
    try read(section, "payload", ScenarioKeys.payload)
    try read(section, "connect", ScenarioKeys.connect)
    try section.section("tls") { tls throws(SpecError) in
      tlsFlags = try tls.flags(ScenarioKeys.tls)
    }
    try read(section, "churn", ScenarioKeys.churn)
    try readCompression(section)
    try readHandshake(section)
    try readStorms(section)
    try readSlowReaders(section)
  }

  /// The flags for `count` of the connections at one target.
  func arguments(_ target: Target, connections count: Int) -> [String] {
    [target.url, "--connections=\(count)"] + flags
      + (target.url.hasPrefix("wss") ? tlsFlags : [])
  }

  private static func targets(_ section: ConfigurationSection) throws(SpecError) -> [Target] {
    guard section.has("targets") else {
      return [Target(url: try url(section), weight: 1)]
    }
    guard try section.string("url") == nil else {
      throw section.mistake("url", "\"targets\" takes its place")
    }
    var targets: [Target] = []
    try section.sections("targets") { target throws(SpecError) in
      targets.append(
        Target(
          url: try url(target),
          weight: try target.number("weight", 0.001...1_000_000) ?? 1))
    }
    guard !targets.isEmpty else { throw section.mistake("targets", "write at least one") }
    return targets
  }

  private static func url(_ section: ConfigurationSection) throws(SpecError) -> String {
    let text = try section.requiredString("url", "\"ws://host:port/\"")
    do {
      _ = try WebSocketURL(text.replacing("{port}", with: "1"))
    } catch {
      throw section.mistake("url", "\(error)")
    }
    return text
  }

  private mutating func readWorkload(_ section: ConfigurationSection) throws(SpecError) {
    var flags: [String] = []
    var fansOut = false
    try section.section("workload") { workload throws(SpecError) in
      let kind: String? = try workload.choice(
        "kind",
        [
          "echo": "", "idle": "--idle", "ping": "--ping", "requests": "", "push": "--push",
          "fanOut": "", "cases": "--replay",
        ])
      if let kind, !kind.isEmpty { flags.append(kind) }
      flags += try workload.flags(ScenarioKeys.workload)
      fansOut = workload.has("publishers")
      try Self.check(workload)
    }
    self.flags += flags
    isFanOut = fansOut
  }

  /// What a kind of workload cannot do without.
  private static func check(_ workload: ConfigurationSection) throws(SpecError) {
    let kind = try workload.string("kind")
    for (name, key) in [("requests", "correlate"), ("fanOut", "publishers")] {
      if kind == name, !workload.has(key) {
        throw workload.mistake("kind", "\"\(name)\" needs \"\(key)\"")
      }
      if kind != name, workload.has(key) {
        throw workload.mistake(key, "it is for \"kind\": \"\(name)\"")
      }
    }
  }

  private mutating func read(
    _ section: ConfigurationSection, _ key: String, _ entries: [ScenarioKeys.Entry]
  ) throws(SpecError) {
    var flags: [String] = []
    try section.section(key) { inner throws(SpecError) in flags = try inner.flags(entries) }
    self.flags += flags
  }

  private mutating func readCompression(_ section: ConfigurationSection) throws(SpecError) {
    guard section.has("compression"), !section.saysNo("compression") else { return }
    var flags = ["--deflate"]
    try section.optionalSection("compression", off: {}) { inner throws(SpecError) in
      flags += try inner.flags(ScenarioKeys.compression)
    }
    self.flags += flags
  }

  private mutating func readHandshake(_ section: ConfigurationSection) throws(SpecError) {
    var flags = try section.pairs("headers").map { "--header=\($0.key): \($0.text)" }
    flags += (try section.strings("subprotocols") ?? []).map { "--subprotocol=\($0)" }
    try section.section("auth") { auth throws(SpecError) in
      if let token = try auth.string("bearer") {
        flags.append("--header=Authorization: Bearer \(token)")
      }
      guard let user = try auth.string("user") else { return }
      guard !auth.has("bearer") else { throw auth.mistake("user", "\"bearer\" takes its place") }
      let pair = Array("\(user):\(try auth.string("password") ?? "")".utf8)
      flags.append("--header=Authorization: Basic \(Base64.encode(pair))")
    }
    self.flags += flags
  }

  private mutating func readStorms(_ section: ConfigurationSection) throws(SpecError) {
    var flags: [String] = []
    try section.sections("storms") { storm throws(SpecError) in
      guard let offset = try storm.duration("at") else {
        throw storm.mistake("at", "write when, since the measuring began, such as \"5s\"")
      }
      let share = try storm.share("share") ?? 1
      let end = try storm.bool("reset") == true ? "reset" : "close"
      flags.append("--storm=\(offset / .seconds(1))s:\(share):\(end)")
    }
    self.flags += flags
  }

  private mutating func readSlowReaders(_ section: ConfigurationSection) throws(SpecError) {
    var flags: [String] = []
    try section.section("slow") { slow throws(SpecError) in
      guard let share = try slow.share("share") else {
        throw slow.mistake("share", "write how many, such as 0.1 or \"10%\"")
      }
      guard let rate = try slow.byteCount("octetsPerSecond") else {
        throw slow.mistake("octetsPerSecond", "write how fast they read, such as \"64K\"")
      }
      flags.append("--slow=\(share):\(rate)")
    }
    self.flags += flags
  }
}

extension ConfigurationSection {
  /// The flags that say what the keys say.
  func flags(_ entries: [ScenarioKeys.Entry]) throws(SpecError) -> [String] {
    var flags: [String] = []
    for entry in entries {
      let values = try values(entry)
      if values.isEmpty { continue }
      flags += values.map { $0.isEmpty ? "--\(entry.flag)" : "--\(entry.flag)=\($0)" }
    }
    return flags
  }

  /// What follows the flag, as often as it is given; empty for a flag without a value.
  private func values(_ entry: ScenarioKeys.Entry) throws(SpecError) -> [String] {
    let key = entry.key
    switch entry.kind {
    case .text: return try string(key).map { [$0] } ?? []
    case .texts: return try strings(key) ?? []
    case .file: return try file(key).map { [$0] } ?? []
    case .count(let allowed): return try count(key, allowed).map { ["\($0)"] } ?? []
    case .number:
      if case .string(let text)? = said(key)?.content {
        _ = try string(key)
        return [text]
      }
      return try number(key, 0...1e9).map { ["\($0)"] } ?? []
    case .time: return try duration(key).map { ["\($0 / .seconds(1))s"] } ?? []
    case .size: return try byteCount(key, 0...(64 << 20)).map { ["\($0)"] } ?? []
    case .share: return try share(key).map { ["\($0)"] } ?? []
    case .flag: return try bool(key) == true ? [""] : []
    case .negatedFlag: return try bool(key) == false ? [""] : []
    case .choice(let choices):
      guard let text = try string(key) else { return [] }
      guard choices.contains(text) else {
        throw mistake(key, "write one of \(choices.joined(separator: ", "))")
      }
      return [text]
    }
  }

  /// A number, fractions included.
  func number(_ key: String, _ allowed: ClosedRange<Double>) throws(SpecError) -> Double? {
    guard has(key), let value = said(key) else { return nil }
    guard case .number(let number) = value.content, allowed.contains(number) else {
      throw mistake(
        key, "write a number from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return number
  }

  /// A share, above 0 and at most 1.
  func share(_ key: String) throws(SpecError) -> Double? {
    guard has(key), let value = said(key) else { return nil }
    let share: Double? =
      switch value.content {
      case .number(let number): ShareArgument(argument: "\(number)")?.share
      case .string(let text): ShareArgument(argument: text)?.share
      default: nil
      }
    guard let share else { throw mistake(key, "write a share such as 0.1 or \"10%\"") }
    return share
  }
}
