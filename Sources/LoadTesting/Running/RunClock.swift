/// Time as the loops of a run count it: nanoseconds since an instant that all of them share.
///
/// Holds no `Instant`, whose size the compiler does not know, so that what holds a clock has a fixed layout.
struct RunClock: Sendable {
  /// What all clocks of the program count from.
  private static let epoch = ContinuousClock.now
  /// The clock's zero, in nanoseconds since the epoch.
  private let offset: Int64

  /// A clock that is zero at `origin`.
  init(origin: ContinuousClock.Instant) {
    offset = Self.nanosecondsSinceEpoch(origin)
  }

  /// The present time.
  var now: Int64 { nanoseconds(at: .now) }

  /// An instant as this clock counts it.
  func nanoseconds(at instant: ContinuousClock.Instant) -> Int64 {
    Self.nanosecondsSinceEpoch(instant) - offset
  }

  /// The instant at which this clock shows `nanoseconds`.
  func instant(at nanoseconds: Int64) -> ContinuousClock.Instant {
    Self.epoch.advanced(by: .nanoseconds(offset + nanoseconds))
  }

  /// Attoseconds are taken in units of 2³⁰, because dividing 128 bits by 10⁹ would cost more than
  /// reading the clock; the product is exact to a nanosecond for a month.
  private static func nanosecondsSinceEpoch(_ instant: ContinuousClock.Instant) -> Int64 {
    let units = Int64(truncatingIfNeeded: epoch.duration(to: instant).attoseconds >> 30)
    return Int64(Double(units) * 1.073_741_824)
  }
}
