/// A search for a capacity for a terminal: a line for each play, and what it came to.
public enum CapacityText {
  private static let widths = [14, 12, 10, 10, 10, 9]

  private static func row(_ cells: [String]) -> String {
    zip(cells, widths).map { cell, width in
      String(repeating: " ", count: max(0, width - cell.count)) + cell
    }.joined()
  }

  /// The names of the columns.
  public static var header: String {
    row(["load", "messages/s", "p50", "p99", "p99.9", "errors"])
  }

  /// One play.
  public static func line(_ probe: CapacityResults.Probe) -> String {
    func duration(_ nanoseconds: Int64?) -> String {
      nanoseconds.map { NumberText.duration(nanoseconds: Double($0)) } ?? "–"
    }
    let figures = row([
      NumberText.grouped(probe.load), NumberText.grouped(probe.messagesPerSecond),
      duration(probe.p50Nanoseconds), duration(probe.p99Nanoseconds),
      duration(probe.p999Nanoseconds), "\(probe.errorCount)",
    ])
    let doubt = probe.validity == .valid || !probe.isMet ? "" : "  \(probe.validity.rawValue)"
    let missed = probe.missed.map { VisibleText.line($0) }.joined(separator: "; ")
    return figures + (probe.isMet ? "  carried\(doubt)" : "  not carried: \(missed)")
  }

  /// What the search came to, in up to three lines; ends in a newline.
  public static func conclusion(_ results: CapacityResults) -> String {
    var text = sentence(results) + "\n"
    if let knee = results.knee {
      text += "knee      \(NumberText.grouped(knee)) \(results.axis.unit): "
      text += "from here on latency rises faster than throughput\n"
    }
    if let exhausted = results.exhausted { text += "gave out  \(VisibleText.line(exhausted))\n" }
    return text
  }

  /// The result in a line.
  static func sentence(_ results: CapacityResults) -> String {
    let unit = results.axis.unit
    let objectives = VisibleText.line(results.objectives.joined(separator: ", "))
    guard let capacity = results.capacity else {
      return results.ending == .interrupted
        ? "interrupted before any load was carried"
        : "capacity  none: not even the least load met \(objectives)"
    }
    let number = NumberText.grouped(capacity)
    switch results.ending {
    case .limitReached:
      return "capacity  at least \(number) \(unit) with \(objectives); no more was tried"
    case .generatorExhausted:
      return "capacity  at least \(number) \(unit) with \(objectives); the generator gave out first"
    case .interrupted: return "capacity  at least \(number) \(unit) with \(objectives); interrupted"
    case .found, .nothingCarried:
      let low = results.low.map { NumberText.grouped($0) } ?? "0"
      let high = results.high.map { NumberText.grouped($0) } ?? "?"
      return "capacity  \(number) \(unit) with \(objectives) "
        + "(every play at \(low) was carried, none at \(high))"
    }
  }
}

extension CapacityResults.Axis {
  /// What is counted.
  var unit: String {
    switch self {
    case .rate: "messages/s"
    case .connections: "connections"
    }
  }
}
