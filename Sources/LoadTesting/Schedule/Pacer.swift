/// Says when each message of a run is due: a pure function of time, so that it needs no clock.
///
/// Messages are numbered over the whole run, across all connections and loops. A schedule that is
/// deterministic in the number is what lets many loops share one plan without talking to each other.
protocol Pacer: Sendable {
  /// When message `number` should be sent, in nanoseconds since the start of sending.
  ///
  /// Never decreases as `number` grows.
  func plannedTime(ofMessage number: UInt64) -> Int64

  /// How many messages are due at `elapsed` nanoseconds: all `number` with
  /// `plannedTime(ofMessage: number) <= elapsed`.
  func dueCount(at elapsed: Int64) -> UInt64
}

/// A constant rate: message `n` is due `n` intervals after the start.
struct ConstantPacer: Pacer, Equatable {
  /// Messages per second over the whole run; greater than zero.
  let messagesPerSecond: Double
  private let interval: Double

  init(messagesPerSecond: Double) {
    precondition(messagesPerSecond > 0 && messagesPerSecond.isFinite)
    self.messagesPerSecond = messagesPerSecond
    self.interval = 1e9 / messagesPerSecond
  }

  func plannedTime(ofMessage number: UInt64) -> Int64 {
    Int64(Double(number) * interval)
  }

  func dueCount(at elapsed: Int64) -> UInt64 {
    guard elapsed >= 0 else { return 0 }
    var count = UInt64(Double(elapsed) / interval)
    // The division may be off by one in either direction; the plan itself is the judge.
    while plannedTime(ofMessage: count) <= elapsed { count += 1 }
    while count > 0, plannedTime(ofMessage: count - 1) > elapsed { count -= 1 }
    return count
  }
}
