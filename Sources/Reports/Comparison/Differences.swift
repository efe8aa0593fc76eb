/// What makes runs incomparable, each in a few words: `10 and 20 connections`.

extension LoadResults {
  /// Whether TLS was in use.
  var isSecure: Bool { target.url.hasPrefix("wss") }

  /// In what the scenario differs from that of `base`.
  func differences(from base: LoadResults) -> [String] {
    var differences: [String] = []
    func compare<Value: Equatable>(_ name: String, _ value: (LoadResults) -> Value?) {
      guard value(base) != value(self) else { return }
      let words = [value(base), value(self)].map { value in
        value.map { Self.excerpt("\($0)") } ?? "none"
      }
      differences.append("\(name) \(words[0]) and \(words[1])")
    }
    compare("group") { $0.group }
    compare("workload") { $0.scenario.workload }
    compare("loop") { $0.scenario.mode == .openLoop ? "open" : "closed" }
    compare("connections") { $0.scenario.connections }
    compare("depth") { $0.scenario.depth }
    compare("messages per second") { $0.scenario.plannedMessagesPerSecond }
    compare("payload octets") { $0.scenario.payloadByteCount }
    compare("kind") { $0.scenario.isBinary ? "binary" : "text" }
    compare("compression") { $0.scenario.offersCompression ? "offered" : "not offered" }
    compare("verification") { $0.scenario.verifies ? "on" : "off" }
    compare("generator loops") { $0.scenario.loops }
    compare("TLS") { $0.isSecure ? "on" : "off" }
    for name in Set((base.scenario.settings + scenario.settings).map(\.name)).sorted() {
      compare(Self.excerpt(name)) { results in
        results.scenario.settings.first { $0.name == name }?.value
      }
    }
    // Measured phases end with the interval they are in.
    let (one, other) = (base.measuredSeconds, measuredSeconds)
    if (one - other).magnitude > 0.05 * max(one, other) {
      differences.append(
        "measured \(NumberText.fixed(one, 1)) s and \(NumberText.fixed(other, 1)) s")
    }
    return differences
  }

  /// A line of what a file says, which may be long.
  private static func excerpt(_ text: String) -> String {
    let kept = VisibleText.line(String(text.prefix(200)))
    return text.dropFirst(200).isEmpty ? kept : kept + "…"
  }
}

extension Run {
  /// In what the machine and the program differ from those of `base`.
  func machineDifferences(from base: Run) -> [String] {
    var differences: [String] = []
    func compare(_ name: String, _ value: (Run) -> String) {
      let words = [base, self].map { VisibleText.line(String(value($0).prefix(80))) }
      if words[0] != words[1] { differences.append("\(name) \(words[0]) and \(words[1])") }
    }
    compare("processor") { $0.environment.processor }
    compare("processors") { "\($0.environment.processorCount)" }
    compare("architecture") { $0.environment.architecture }
    compare("kernel") { $0.environment.kernel }
    compare("operating system") { $0.environment.operatingSystem }
    // The kernel keeps a little more or less for itself from boot to boot.
    let memory = [base, self].map { Double($0.environment.memoryByteCount) }
    if (memory[0] - memory[1]).magnitude > 0.02 * max(memory[0], memory[1]) {
      let words = memory.map { NumberText.octets($0) }
      differences.append("memory \(words[0]) and \(words[1])")
    }
    compare("generator") { "\($0.tool.name) \($0.tool.version)" }
    return differences
  }
}
