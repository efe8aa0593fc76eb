/// When the messages of an open loop are due: how many per second, over time, and how they are spread.
///
/// ```swift
/// plan.workload = .openLoop(.ramp(from: 1000, to: 5000))
/// plan.workload = .openLoop(LoadSchedule(rate: 1000, arrivals: .poisson))
/// ```
///
/// A schedule is fixed before a run begins and depends on nothing but its numbers, the plan's seed and which group
/// it is of, so that loops, processes and machines play one schedule together without talking to each other.
public struct LoadSchedule: Sendable, Equatable {
  /// How messages are spread in time at a given rate.
  public enum Arrivals: Sendable, Equatable {
    /// One after the other, at equal distances.
    case even
    /// As a Poisson process: at random, as independent users would send them.
    case poisson
    /// So many at once, then nothing until as many are due again.
    case bursts(of: Int)
  }

  /// A time in which the rate stays, or changes evenly from one value to another.
  public struct Stretch: Sendable, Equatable {
    /// Messages per second over all connections at its beginning.
    public var startRate: Double
    /// Messages per second over all connections at its end.
    public var endRate: Double
    /// How long it is; nil, for the last one only: until the end of measuring.
    public var duration: Duration?

    /// A stretch of one rate, or between two.
    public init(from startRate: Double, to endRate: Double? = nil, duration: Duration? = nil) {
      self.startRate = startRate
      self.endRate = endRate ?? startRate
      self.duration = duration
    }
  }

  /// What follows each other from the beginning of measuring on; never empty.
  ///
  /// Warm-up has the first rate and cool-down, like what else comes after the last stretch, the last.
  public var stretches: [Stretch]
  /// How messages are spread.
  public var arrivals: Arrivals

  /// A schedule of stretches.
  public init(_ stretches: [Stretch], arrivals: Arrivals = .even) {
    self.stretches = stretches
    self.arrivals = arrivals
  }

  /// A constant rate, in messages per second over all connections.
  public init(rate: Double, arrivals: Arrivals = .even) {
    self.init([Stretch(from: rate)], arrivals: arrivals)
  }

  /// A rate that changes evenly while measuring, or for a time and then stays.
  public static func ramp(
    from start: Double, to end: Double, over duration: Duration? = nil
  ) -> LoadSchedule {
    LoadSchedule([Stretch(from: start, to: end, duration: duration)])
  }

  /// So many messages at once, and again after each `interval`.
  public static func bursts(of count: Int, every interval: Duration) -> LoadSchedule {
    let seconds = Double(interval.nanoseconds) / 1e9
    return LoadSchedule(rate: Double(count) / seconds, arrivals: .bursts(of: count))
  }

  /// Whether any part of it is like the whole: one rate, without bursts.
  var isSteady: Bool {
    if case .bursts = arrivals { return false }
    return stretches.allSatisfy { stretch in
      stretch.startRate == stretch.endRate && stretch.startRate == stretches.first?.startRate
    }
  }

  /// The one rate of a schedule that sends at equal distances and never changes; else nil.
  var constantRate: Double? {
    arrivals == .even && isSteady ? stretches.first?.startRate : nil
  }

  /// The same with all rates times `factor`.
  public func scaled(by factor: Double) -> LoadSchedule {
    LoadSchedule(
      stretches.map {
        Stretch(from: $0.startRate * factor, to: $0.endRate * factor, duration: $0.duration)
      }, arrivals: arrivals)
  }

  /// How long all stretches are together; nil if the last lasts as long as measuring.
  public var totalDuration: Duration? {
    var sum = Duration.zero
    for stretch in stretches {
      guard let duration = stretch.duration else { return nil }
      sum += duration
    }
    return sum
  }

  /// The messages per second that are due on average while measuring takes `duration`.
  func meanRate(over duration: Duration) -> Double {
    let length = duration.nanoseconds
    guard length > 0 else { return stretches.first?.startRate ?? 0 }
    let profile = RateProfile(self, measuringStart: 0, measuringEnd: length)
    return profile.position(at: length) * 1e9 / Double(length)
  }

  /// In a few words, such as `1000 to 5000 messages/s, Poisson`; of many stretches some.
  var words: String { words(stretchLimit: 4) }

  /// In words, with all its stretches.
  var allWords: String { words(stretchLimit: .max) }

  private func words(stretchLimit: Int) -> String {
    func text(_ rate: Double) -> String {
      rate == rate.rounded() ? "\(Int(rate))" : "\((rate * 1000).rounded() / 1000)"
    }
    var parts = stretches.map { stretch in
      let rates =
        stretch.startRate == stretch.endRate
        ? text(stretch.startRate) : "\(text(stretch.startRate)) to \(text(stretch.endRate))"
      return stretches.count > 1 && stretch.duration != nil
        ? "\(rates) for \(text(Double(stretch.duration?.nanoseconds ?? 0) / 1e9)) s" : rates
    }
    if parts.count > stretchLimit { parts[2..<(parts.count - 1)] = ["…"] }
    let spread =
      switch arrivals {
      case .even: ""
      case .poisson: ", Poisson"
      case .bursts(let count): ", in bursts of \(count)"
      }
    return "\(parts.joined(separator: ", ")) messages/s\(spread)"
  }
}
