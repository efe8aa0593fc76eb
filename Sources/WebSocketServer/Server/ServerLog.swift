import Logging
import Synchronization

/// Writes events to a logger, at most a few of each kind in a second, never a payload or a header's value.
final class ServerLog: Sendable {
  /// The kinds of events, each with its own allowance.
  enum Kind: Int, CaseIterable, Sendable {
    case lifecycle, accepted, opened, refused, closed, violation, transport, timeout, handler
  }

  private struct Allowance {
    var window: ContinuousClock.Instant?
    var written = 0
    var suppressed = 0
  }

  private static let linesPerSecond = 10
  private let logger: Logger?
  private let allowances = Mutex([Allowance](repeating: Allowance(), count: Kind.allCases.count))

  init(_ logger: Logger?) {
    self.logger = logger
  }

  /// Whether a line of this level would be written at all: ask before building its parts.
  func isOn(_ level: Logger.Level) -> Bool {
    guard let logger else { return false }
    return level >= logger.logLevel
  }

  func write(
    _ level: Logger.Level, _ kind: Kind, at now: ContinuousClock.Instant,
    _ message: @autoclosure () -> String, metadata: @autoclosure () -> Logger.Metadata = [:]
  ) {
    guard let logger, level >= logger.logLevel else { return }
    let suppressed = allowances.withLock { allowances -> Int? in
      var allowance = allowances[kind.rawValue]
      defer { allowances[kind.rawValue] = allowance }
      if let window = allowance.window, now < window + .seconds(1) {
        guard allowance.written < Self.linesPerSecond || kind == .lifecycle else {
          allowance.suppressed += 1
          return nil
        }
        allowance.written += 1
        return 0
      }
      let suppressed = allowance.suppressed
      allowance = Allowance(window: now, written: 1)
      return suppressed
    }
    guard let suppressed else { return }
    var metadata = metadata()
    if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
    logger.log(level: level, "\(message())", metadata: metadata)
  }
}
