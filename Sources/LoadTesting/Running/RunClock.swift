import Transport

/// Time as the loops of a run count it: nanoseconds since an instant that all of them share.
///
/// Holds no `Instant`, whose size the compiler does not know, so that what holds a clock has a fixed layout.
struct RunClock: Sendable {
  /// The clock's zero, as the system counts.
  private let zero: Int64

  /// A clock that is zero at `origin`.
  init(origin: ContinuousClock.Instant) {
    zero = SystemClock.nanoseconds(at: origin)
  }

  /// The present time.
  var now: Int64 { SystemClock.nanoseconds &- zero }

  /// An instant as this clock counts it.
  func nanoseconds(at instant: ContinuousClock.Instant) -> Int64 {
    SystemClock.nanoseconds(at: instant) &- zero
  }

  /// The instant at which this clock shows `nanoseconds`.
  func instant(at nanoseconds: Int64) -> ContinuousClock.Instant {
    SystemClock.instant(at: zero &+ nanoseconds)
  }
}
