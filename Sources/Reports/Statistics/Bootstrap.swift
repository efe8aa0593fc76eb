/// Confidence intervals without assumptions about distributions: the samples are drawn again and
/// again from themselves, and what comes of a statistic then is how far it may be off.
public struct Bootstrap: Equatable, Sendable {
  /// Between which values a statistic lies with some confidence.
  public struct Interval: Codable, Equatable, Sendable {
    /// The lower end.
    public var lower: Double
    /// The upper end.
    public var upper: Double

    /// Creates an interval from its ends.
    public init(lower: Double, upper: Double) {
      self.lower = lower
      self.upper = upper
    }
  }

  /// How often samples are drawn.
  public var drawCount: Int
  /// How sure the interval shall be, 0 to 1.
  public var confidence: Double

  /// Creates a way to draw.
  public init(drawCount: Int = 4000, confidence: Double = 0.95) {
    self.drawCount = drawCount
    self.confidence = confidence
  }

  /// The percentile interval of a statistic of two samples, neither of which may be empty.
  public func interval(
    _ first: [Double], _ second: [Double], using generator: inout some RandomNumberGenerator,
    of statistic: ([Double], [Double]) -> Double
  ) -> Interval {
    var (drawnFirst, drawnSecond) = (first, second)
    var values: [Double] = []
    values.reserveCapacity(drawCount)
    for _ in 0..<max(1, drawCount) {
      Self.draw(from: first, into: &drawnFirst, using: &generator)
      Self.draw(from: second, into: &drawnSecond, using: &generator)
      values.append(statistic(drawnFirst, drawnSecond))
    }
    values.sort()
    let tail = (1 - confidence) / 2
    return Interval(lower: values.quantile(tail), upper: values.quantile(1 - tail))
  }

  private static func draw(
    from sample: [Double], into drawn: inout [Double],
    using generator: inout some RandomNumberGenerator
  ) {
    for index in drawn.indices {
      drawn[index] = sample[Int(generator.next(upperBound: UInt64(sample.count)))]
    }
  }
}

extension [Double] {
  /// The value in the middle, or the mean of the two there; the array may not be empty.
  var median: Double { sorted().quantile(0.5) }

  /// The mean; the array may not be empty.
  var mean: Double { reduce(0, +) / Double(count) }

  /// The value that such a share of a sorted array does not exceed, between two by how near each is.
  fileprivate func quantile(_ share: Double) -> Double {
    let position = share * Double(count - 1)
    let below = Int(position)
    guard below + 1 < count else { return self[count - 1] }
    let fraction = position - Double(below)
    // Not a weighted sum: between equal values, infinite ones too, it is that value.
    guard fraction > 0, self[below] != self[below + 1] else { return self[below] }
    return self[below] + fraction * (self[below + 1] - self[below])
  }
}
