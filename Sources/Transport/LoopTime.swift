/// The instant from which a loop counts.
///
/// In a box, because a stored `Instant` makes the layout of its type unknown until run time.
final class ClockOrigin: Sendable {
  let instant: ContinuousClock.Instant
  /// The same in nanoseconds of the clock behind `ContinuousClock`; not earlier.
  let nanoseconds: Int64

  init() {
    instant = ContinuousClock.now
    nanoseconds = SystemClock.nanoseconds
  }
}

/// A point in time as one loop counts it: units of 2³⁰ attoseconds (about 1.07 ns) since it began.
///
/// The unit makes the way from and to `Instant` a shift instead of a 128-bit division.
struct LoopTime: Comparable, Hashable {
  /// Units of 2³⁰ attoseconds.
  var units: Int64

  /// Later than any time that occurs.
  static let never = LoopTime(units: .max)

  static func < (left: LoopTime, right: LoopTime) -> Bool { left.units < right.units }

  /// The coarse count of about 1.13 ms that the deadline wheel turns by, rounded down.
  var tick: Int64 { units >> 20 }

  /// The time at which `tick` begins.
  static func atTick(_ tick: Int64) -> LoopTime {
    LoopTime(units: tick >= 1 << 42 ? .max : tick << 20)
  }

  init(units: Int64) { self.units = units }

  /// The time at which `instant` is, `origin` being zero.
  init(_ instant: ContinuousClock.Instant, since origin: ClockOrigin) {
    units = Int64(clamping: origin.instant.duration(to: instant).attoseconds >> 30)
  }

  /// The time now.
  static func present(since origin: ClockOrigin) -> LoopTime {
    let nanoseconds = SystemClock.nanoseconds &- origin.nanoseconds
    // Times 10⁹ attoseconds, divided by the unit.
    let (high, low) = nanoseconds.multipliedFullWidth(by: 1_000_000_000)
    return LoopTime(units: high << 34 | Int64(truncatingIfNeeded: low >> 30))
  }

  /// The same time for others.
  func instant(since origin: ClockOrigin) -> ContinuousClock.Instant {
    origin.instant.advanced(by: Duration(attoseconds: Int128(units) << 30))
  }

  /// So many units before; never stays never.
  func earlier(by span: Int64) -> LoopTime {
    self == .never ? .never : LoopTime(units: max(0, units) - span)
  }

  /// Nanoseconds from `earlier` until here, rounded up, never negative.
  func nanoseconds(since earlier: LoopTime) -> Int64 {
    guard self > earlier else { return 0 }
    let (difference, overflow) = units.subtractingReportingOverflow(earlier.units)
    return overflow ? .max / 2 : Int64(min(Double(difference) * 1.073_741_824, 4e18)) + 1
  }
}
