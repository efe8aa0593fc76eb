import ArgumentParser
import Logging

/// A time on the command line: `500ns`, `250ms`, `5s`, `2m`, `1h`, `90d`; a bare number is seconds.
struct TimeSpan: ExpressibleByArgument, Hashable {
  let duration: Duration

  init(_ duration: Duration) {
    self.duration = duration
  }

  init?(argument: String) {
    let units: [(String, Double)] = [
      ("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
      ("", 1),
    ]
    guard let (unit, seconds) = units.first(where: { argument.hasSuffix($0.0) }),
      let value = Double(argument.dropLast(unit.count)), value.isFinite, value >= 0, value < 1e9
    else { return nil }
    duration = .seconds(value * seconds)
  }

  /// As one would write it: `10s`, `250ms`.
  var defaultValueDescription: String {
    let units: [(name: String, length: Duration)] = [
      ("s", .seconds(1)), ("ms", .milliseconds(1)), ("us", .microseconds(1)),
    ]
    for (name, length) in units {
      let count = (duration / length).rounded()
      if length * count == duration { return "\(Int(count))\(name)" }
    }
    return "\(Int((duration / .nanoseconds(1)).rounded()))ns"
  }
}

/// A number of octets on the command line: `1000`, `64K` or `64KiB`, `16M`, `1G`, by powers of 1024.
struct ByteSize: ExpressibleByArgument, Hashable {
  let byteCount: Int

  init(_ byteCount: Int) {
    self.byteCount = byteCount
  }

  init?(argument: String) {
    var text = argument.uppercased()
    if text.hasSuffix("IB") { text.removeLast(2) }
    let units: [(String, Int)] = [("K", 10), ("M", 20), ("G", 30), ("", 0)]
    guard let (unit, shift) = units.first(where: { text.hasSuffix($0.0) }),
      let value = Int(text.dropLast(unit.count)), value >= 0, value <= Int.max >> (shift + 1),
      !unit.isEmpty || text.count == argument.count
    else { return nil }
    byteCount = value << shift
  }

  var defaultValueDescription: String {
    for (unit, shift) in [("G", 30), ("M", 20), ("K", 10)]
    where byteCount > 0 && byteCount & (1 << shift - 1) == 0 {
      return "\(byteCount >> shift)\(unit)"
    }
    return "\(byteCount)"
  }
}

/// A level of swift-log on the command line.
struct LogLevel: ExpressibleByArgument, Hashable {
  let level: Logger.Level

  init(_ level: Logger.Level) {
    self.level = level
  }

  init?(argument: String) {
    guard let level = Logger.Level(rawValue: argument) else { return nil }
    self.level = level
  }

  var defaultValueDescription: String { level.rawValue }
}
