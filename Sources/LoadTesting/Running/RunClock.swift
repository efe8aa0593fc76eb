import FoundationEssentials
import Transport

/// Time as the loops of a run count it: nanoseconds since an instant that all of them share.
///
/// Holds no `Instant`, whose size the compiler does not know, so that what holds a clock has a fixed layout.
struct RunClock: Sendable {
  /// The clock's zero, as the system counts.
  private let zero: Int64
  /// When the clock was zero, in nanoseconds since 1970: the same for all loops, so that what one of them
  /// wrote into a message another can read.
  let epoch: Int64
  /// How much later than agreed the clock was zero, in nanoseconds.
  let delay: Int64

  /// A clock that is zero at `origin`, at which time it was to be `agreed`; nil: any time would do.
  init(origin: ContinuousClock.Instant, agreed: ContinuousClock.Instant? = nil) {
    delay = agreed.map { (origin - $0).nanoseconds } ?? 0
    zero = SystemClock.nanoseconds(at: origin)
    let before = SystemClock.nanoseconds
    let date = Date().timeIntervalSince1970
    let now = before + (SystemClock.nanoseconds - before) / 2
    epoch = Int64(date * 1e9) - (now - zero)
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
