internal import CLinux

/// The clock behind `ContinuousClock`, read without the way through `Duration`'s 128 bits.
///
/// What is counted for each message is counted in its nanoseconds.
public enum SystemClock {
  /// The present time in nanoseconds since the system was started.
  public static var nanoseconds: Int64 {
    nanoseconds_since_boot()
  }

  /// An instant and the same in nanoseconds; the nanoseconds are not earlier.
  private static let origin = ClockOrigin()

  /// An instant as this clock counts it, to a microsecond or better.
  public static func nanoseconds(at instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = origin.instant.duration(to: instant).components
    return origin.nanoseconds &+ seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
  }

  /// The instant at which this clock shows `nanoseconds`.
  public static func instant(at nanoseconds: Int64) -> ContinuousClock.Instant {
    origin.instant.advanced(by: .nanoseconds(nanoseconds &- origin.nanoseconds))
  }
}
