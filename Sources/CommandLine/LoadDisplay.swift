import FoundationEssentials
import Glibc
import LoadTesting
import Synchronization

/// Shows how a run stands: one line that is written over on a terminal, a line per second elsewhere.
final class LoadDisplay: Sendable {
  private let isTerminal: Bool
  private let hasLine = Mutex(false)

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
  }

  /// Shows one second's progress.
  func show(_ progress: LoadProgress) {
    let line = Self.line(progress)
    guard isTerminal else { return printToStandardError(line) }
    hasLine.withLock { hasLine in
      // Up one line and clear it, if it is ours.
      printToStandardError((hasLine ? "\u{1B}[1A\u{1B}[2K" : "") + line)
      hasLine = true
    }
  }

  /// The line for a second: phase, rate, latencies, connections, errors.
  static func line(_ progress: LoadProgress) -> String {
    var parts = [progress.phase.rawValue]
    if let fraction = progress.phaseFraction {
      parts[0] += " \(Int(min(1, max(0, fraction)) * 100)) %"
    }
    if progress.phase != .connecting {
      parts.append("\(Int(progress.messagesPerSecond.rounded())) msg/s")
      if let p50 = progress.p50Nanoseconds, let p99 = progress.p99Nanoseconds {
        parts.append("p50 \(time(p50))  p99 \(time(p99))")
      }
    }
    parts.append("\(progress.openConnections)/\(progress.plannedConnections) connections")
    parts.append(progress.errors == 1 ? "1 error" : "\(progress.errors) errors")
    return parts.joined(separator: "  ")
  }

  /// A time with three digits: `87.5 µs`.
  static func time(_ nanoseconds: Int64) -> String {
    let (value, unit): (Double, String) =
      switch nanoseconds {
      case ..<1000: (Double(nanoseconds), "ns")
      case ..<1_000_000: (Double(nanoseconds) / 1e3, "µs")
      case ..<1_000_000_000: (Double(nanoseconds) / 1e6, "ms")
      default: (Double(nanoseconds) / 1e9, "s")
      }
    let digits = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
    let rounded = (value * digits).rounded() / digits
    return (digits == 1 ? "\(Int(rounded))" : "\(rounded)") + " " + unit
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
