/// Says when each message of a run is due: a pure function of time, so that it needs no clock.
///
/// Messages are numbered over the whole run, across all connections and loops. A schedule that is
/// deterministic in the number is what lets many loops share one plan without talking to each other.
protocol Pacer {
  /// When message `number` should be sent, in nanoseconds since the start of sending.
  ///
  /// Never decreases as `number` grows.
  func plannedTime(ofMessage number: UInt64) -> Int64

  /// How many messages are due at `elapsed` nanoseconds: all `number` with
  /// `plannedTime(ofMessage: number) <= elapsed`.
  func dueCount(at elapsed: Int64) -> UInt64
}

extension Pacer {
  /// Searches the plan, in steps that double and then halve.
  func dueCount(at elapsed: Int64) -> UInt64 {
    guard plannedTime(ofMessage: 0) <= elapsed else { return 0 }
    var due: UInt64 = 1
    while plannedTime(ofMessage: due) <= elapsed { due *= 2 }
    var (low, high) = (due / 2, due)
    while high - low > 1 {
      let middle = (low + high) / 2
      if plannedTime(ofMessage: middle) <= elapsed { low = middle } else { high = middle }
    }
    return high
  }
}

/// A constant rate: message `n` is due `n` intervals after the start, or after the first message.
struct ConstantPacer: Pacer, Equatable, Sendable {
  /// Messages per second over the whole run; greater than zero.
  let messagesPerSecond: Double
  private let interval: Double
  private let offset: Double

  /// Later than any run ends, in nanoseconds.
  static let never = 9e18

  init(messagesPerSecond: Double, offset: Double = 0) {
    precondition(messagesPerSecond > 0 && messagesPerSecond.isFinite)
    self.messagesPerSecond = messagesPerSecond
    self.interval = 1e9 / messagesPerSecond
    self.offset = offset
  }

  func plannedTime(ofMessage number: UInt64) -> Int64 {
    Int64(min(Double(number) * interval + offset, Self.never))
  }

  func dueCount(at elapsed: Int64) -> UInt64 {
    guard elapsed >= 0, Double(elapsed) >= offset.rounded(.down) else { return 0 }
    var count = UInt64(max(0, (Double(elapsed) - offset) / interval))
    // The division may be off by one in either direction; the plan itself is the judge.
    while plannedTime(ofMessage: count) <= elapsed { count += 1 }
    while count > 0, plannedTime(ofMessage: count - 1) > elapsed { count -= 1 }
    return count
  }
}

/// The pacer of one loop: constant, which costs next to nothing, or whatever else a schedule asks for.
struct SchedulePacer: Pacer {
  private let isConstant: Bool
  private let constant: ConstantPacer
  private let varying: VaryingPacer?
  private let shard: LoadShard

  /// The pacer of a schedule in a run that measures from one time to another.
  init(
    _ schedule: LoadSchedule, measuringStart: Int64, measuringEnd: Int64, seed: UInt64,
    shard: LoadShard = .whole
  ) {
    self.shard = shard
    if let rate = schedule.constantRate {
      isConstant = true
      constant = ConstantPacer(
        messagesPerSecond: rate / Double(shard.count), offset: Double(shard.index) * 1e9 / rate)
      varying = nil
    } else {
      isConstant = false
      constant = ConstantPacer(messagesPerSecond: 1)
      let profile = RateProfile(
        schedule, measuringStart: measuringStart, measuringEnd: measuringEnd)
      varying = VaryingPacer(schedule, profile: profile, seed: seed)
    }
  }

  @inline(__always)
  func plannedTime(ofMessage number: UInt64) -> Int64 {
    isConstant ? constant.plannedTime(ofMessage: number) : varyingTime(ofMessage: number)
  }

  /// Apart, so that the hot path of a constant rate neither counts references nor grows.
  @inline(never)
  private func varyingTime(ofMessage number: UInt64) -> Int64 {
    varying?.plannedTime(ofMessage: number &* UInt64(shard.count) &+ UInt64(shard.index)) ?? .max
  }
}
