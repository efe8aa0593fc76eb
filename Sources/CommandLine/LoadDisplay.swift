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

  /// Says something that stays, above what is written over.
  func say(_ text: String) {
    guard isTerminal else { return printToStandardError(text) }
    state.withLock { state in
      writeToStandardError(Self.clearing(state.widths, width: terminalWidth() ?? 80))
      state.widths = []
      printToStandardError(text)
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
    // The cursor need not be in the first column: terminals show the ^C that somebody types.
    return rows == 0 ? "" : "\r\u{1B}[\(rows)A\u{1B}[J"
  }

  // MARK: What is shown

  /// What a terminal shows; no line is wider than it.
  static func block(_ progress: LoadProgress, rates: [Double], width: Int) -> [String] {
    let room = max(10, width - 1)
    var lines = [String(bar(progress, room: room).prefix(room))]
    if progress.phase != .connecting {
      let rate = perSecond(progress.messagesPerSecond)
      let drawing = sparks(rates.suffix(max(0, room - rate.count - 17)))
      lines.append(row("rate", [rate, drawing], room: room))
      let latencies = latencies(progress)
      if !latencies.isEmpty { lines.append(row("latency", latencies, room: room)) }
    }
    lines.append(row("connections", [connections(progress), errors(progress)], room: room))
    if let generator = progress.generator {
      var parts = [generator.validity.rawValue.uppercased()]
      if let interval = progress.interval, let used = interval.generatorCPUNanoseconds {
        parts.append(share(used, of: interval.durationNanoseconds))
      }
      lines.append(row("generator", parts, text: generator.remarks.first, room: room))
    }
    if let server = progress.interval?.server, let interval = progress.interval {
      lines.append(
        row(
          "server", [share(server.cpuNanoseconds, of: interval.durationNanoseconds)], room: room))
    }
    return lines
  }

  /// A line with a name and as many of its parts as there is room for.
  ///
  /// Half of a number would be a wrong one. The text after the parts may be cut anywhere.
  private static func row(
    _ name: String, _ parts: [String], text: String? = nil, room: Int
  ) -> String {
    var line = "  " + name + String(repeating: " ", count: max(0, 11 - name.count))
    for part in parts {
      guard line.count + 2 + part.count <= room else { return (line + " …").cut(to: room) }
      line += "  " + part
    }
    return text.map { (line + "  " + $0).cut(to: room) } ?? line
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

  private static func latencies(_ progress: LoadProgress) -> [String] {
    let sample = progress.interval
    let values: [(String, Int64?)] = [
      ("p50", progress.p50Nanoseconds), ("p90", sample?.p90Nanoseconds),
      ("p99", progress.p99Nanoseconds), ("max", sample?.maximumNanoseconds),
    ]
    return values.compactMap { name, value in value.map { "\(name) \(time($0))" } }
  }

  private static func connections(_ progress: LoadProgress) -> String {
    "\(progress.openConnections)/\(progress.plannedConnections)"
  }

  private static func errors(_ progress: LoadProgress) -> String {
    progress.errors == 1 ? "1 error" : "\(progress.errors) errors"
  }

  private static func time(_ nanoseconds: Int64) -> String {
    NumberText.duration(nanoseconds: Double(nanoseconds))
  }

  /// Processor time in a time: `35 % of a processor`.
  private static func share(_ used: Int64, of time: Int64) -> String {
    "\(Int((Double(used) / Double(max(1, time)) * 100).rounded())) % of a processor"
  }
}

extension String {
  /// Its beginning, with a sign where something is missing.
  fileprivate func cut(to length: Int) -> String {
    count <= length ? self : prefix(length - 1) + "…"
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
