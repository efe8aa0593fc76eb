import FoundationEssentials
import Glibc
import LoadTesting
import Reports
import Synchronization

/// Shows how a run stands: a few lines that are written over on a terminal, a line per second elsewhere.
final class LoadDisplay: Sendable {
  private struct State {
    /// How wide the lines are that stand on the terminal.
    var widths: [Int] = []
    /// The rates of the last seconds.
    var rates: [Double] = []
  }

  private let isTerminal: Bool
  private let state = Mutex(State())

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
  }

  /// Shows one second's progress.
  func show(_ progress: LoadProgress) {
    guard isTerminal else { return printToStandardError(Self.line(progress)) }
    state.withLock { state in
      if progress.phase != .connecting { state.rates.append(progress.messagesPerSecond) }
      state.rates = state.rates.suffix(30)
      let width = terminalWidth() ?? 80
      let lines = Self.block(progress, rates: state.rates, width: width)
      writeToStandardError(
        Self.clearing(state.widths, width: width) + lines.map { $0 + "\n" }.joined())
      state.widths = lines.map(\.count)
    }
  }

  /// Leaves the terminal clean.
  func end() {
    guard isTerminal else { return }
    state.withLock { state in
      writeToStandardError(Self.clearing(state.widths, width: terminalWidth() ?? 80))
      state.widths = []
    }
  }

  /// What takes the cursor up to the first of our lines and clears them: a terminal that has become narrower shows
  /// some of them as several.
  private static func clearing(_ widths: [Int], width: Int) -> String {
    let rows = widths.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
    return rows == 0 ? "" : "\u{1B}[\(rows)A\u{1B}[J"
  }

  // MARK: What is shown

  /// What a terminal shows; no line is wider than it.
  static func block(_ progress: LoadProgress, rates: [Double], width: Int) -> [String] {
    let room = max(10, width - 1)
    var lines = [bar(progress, room: room)]
    if progress.phase != .connecting {
      lines.append("  rate         \(perSecond(progress.messagesPerSecond))  \(sparks(rates))")
      if let latency = latencies(progress) { lines.append("  latency      \(latency)") }
    }
    lines.append("  connections  \(connections(progress))  \(errors(progress))")
    if let generator = generator(progress) { lines.append("  generator    \(generator)") }
    if let server = progress.interval?.server, let interval = progress.interval {
      lines.append(
        "  server       \(share(server.cpuNanoseconds, of: interval.durationNanoseconds))")
    }
    return lines.map { String($0.prefix(room)) }
  }

  /// The line for a second: phase, rate, latencies, connections, errors.
  static func line(_ progress: LoadProgress) -> String {
    var parts = [progress.phase.rawValue]
    if let percent = percent(progress) { parts[0] += " \(percent) %" }
    if progress.phase != .connecting {
      parts.append("\(Int(progress.messagesPerSecond.rounded())) msg/s")
      if let p50 = progress.p50Nanoseconds, let p99 = progress.p99Nanoseconds {
        parts.append("p50 \(time(p50))  p99 \(time(p99))")
      }
    }
    parts.append("\(connections(progress)) connections")
    parts.append(errors(progress))
    if let generator = progress.generator, generator.validity != .valid {
      parts.append(generator.validity.rawValue.uppercased())
    }
    return parts.joined(separator: "  ")
  }

  private static func percent(_ progress: LoadProgress) -> Int? {
    progress.phaseFraction.map { Int(min(1, max(0, $0)) * 100) }
  }

  private static func bar(_ progress: LoadProgress, room: Int) -> String {
    let seconds = progress.elapsed.components.seconds
    let clock = "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
    guard let percent = percent(progress) else { return "\(progress.phase.rawValue)  \(clock)" }
    let length = min(30, max(0, room - 32))
    let filled = length * percent / 100
    return "\(progress.phase.rawValue)  " + String(repeating: "━", count: filled)
      + String(repeating: "─", count: length - filled) + "  \(percent) %  \(clock)"
  }

  private static func perSecond(_ rate: Double) -> String {
    NumberText.grouped(rate) + "/s"
  }

  /// Rates of the last seconds as a drawing of one line, from nothing to the highest of them.
  private static func sparks(_ rates: [Double]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let most = rates.max() ?? 0
    guard most > 0 else { return "" }
    return String(rates.map { blocks[min(7, Int($0 / most * 7.999))] })
  }

  private static func latencies(_ progress: LoadProgress) -> String? {
    let sample = progress.interval
    let values: [(String, Int64?)] = [
      ("p50", progress.p50Nanoseconds), ("p90", sample?.p90Nanoseconds),
      ("p99", progress.p99Nanoseconds), ("max", sample?.maximumNanoseconds),
    ]
    let words = values.compactMap { name, value in value.map { "\(name) \(time($0))" } }
    return words.isEmpty ? nil : words.joined(separator: "  ")
  }

  private static func connections(_ progress: LoadProgress) -> String {
    "\(progress.openConnections)/\(progress.plannedConnections)"
  }

  private static func errors(_ progress: LoadProgress) -> String {
    progress.errors == 1 ? "1 error" : "\(progress.errors) errors"
  }

  /// What the generator says of itself, of the last second.
  private static func generator(_ progress: LoadProgress) -> String? {
    guard let generator = progress.generator else { return nil }
    var words = [generator.validity.rawValue.uppercased()]
    if let interval = progress.interval, let used = interval.generatorCPUNanoseconds {
      words.append(share(used, of: interval.durationNanoseconds))
    }
    return (words + generator.remarks.prefix(1)).joined(separator: "  ")
  }

  private static func time(_ nanoseconds: Int64) -> String {
    NumberText.duration(nanoseconds: Double(nanoseconds))
  }

  /// Processor time in a time: `35 % of a processor`.
  private static func share(_ used: Int64, of time: Int64) -> String {
    "\(Int((Double(used) / Double(max(1, time)) * 100).rounded())) % of a processor"
  }
}

/// What is known of where our output goes.
enum LoadTerminal {
  /// Whether standard error, where progress goes, is a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether standard output takes colours.
  static var isColored: Bool {
    isatty(STDOUT_FILENO) == 1
      && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
  }

  /// Ends the program as an interrupt does.
  static func endAtOnce() -> Never { _exit(130) }
}
