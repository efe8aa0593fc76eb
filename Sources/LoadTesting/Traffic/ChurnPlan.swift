import Glibc

/// When connections that are replaced come to their end.
struct ChurnPlan {
  let lifetime: ConnectionLifetime

  /// How long connection `number` of `count` lives from the start of sending, in nanoseconds; `chance` is between
  /// 0 and 1.
  ///
  /// Fixed lifetimes begin at different ages, so that the rate of ends is steady from the start.
  func firstLife(of number: Int, count: Int, chance: Double) -> Int64 {
    switch lifetime.law {
    case .fixed:
      Int64(Double(lifetime.mean.nanoseconds) * (Double(number) + 0.5) / Double(max(1, count)))
    case .exponential: life(chance: chance)
    }
  }

  /// How long a new connection lives, in nanoseconds; `chance` is between 0 and 1.
  func life(chance: Double) -> Int64 {
    switch lifetime.law {
    case .fixed: lifetime.mean.nanoseconds
    case .exponential:
      Int64(-log(1 - min(0.999_999_999, max(0, chance))) * Double(lifetime.mean.nanoseconds))
    }
  }
}

/// Which connections of many a share is: spread evenly over them.
enum SpreadShare {
  /// Whether number `index` belongs to it.
  static func contains(_ index: Int, share: Double) -> Bool {
    (Double(index + 1) * share + 1e-9).rounded(.down)
      > (Double(index) * share + 1e-9).rounded(.down)
  }
}
