/// Where a sequence of values changes for good.
public struct ChangePoint: Codable, Equatable, Sendable {
  /// The position of the first value after the change.
  public var index: Int
  /// How likely it is that chance alone splits a sequence as clearly.
  public var pValue: Double

  /// Creates a change point.
  public init(index: Int, pValue: Double) {
    self.index = index
    self.pValue = pValue
  }
}

/// Finds where a sequence of values changes: E-divisive means (Matteson and James, "A Nonparametric
/// Approach for Multiple Change Point Analysis of Multivariate Data", 2014).
///
/// The energy distance tells how far the distributions on both sides of a place lie apart, whatever
/// they look like. The place where it is greatest is a change point if hardly any permutation of the
/// values has one as great; then each part is searched as well, until none is found any more. What
/// stands out for a single run is no change. A search takes time with the square of the number of
/// values, and each permutation is one.
public struct ChangePointDetection: Equatable, Sendable {
  /// How likely a false alarm may be in a sequence that never changes.
  public var significance = 0.05
  /// How many values there must be before and after a change.
  public var minimumCount = 3
  /// So many of the last values are searched at most.
  public var searchedCount = 1000
  /// What the permutations begin from.
  public var seed: UInt64 = 1

  /// The usual detection; its parts are variables to be changed.
  public init() {}

  /// The change points, in order; values that are no numbers may not be among the given ones.
  public func changePoints(in values: [Double]) -> [ChangePoint] {
    var generator = SeededGenerator(seed: seed)
    var bounds = [max(0, values.count - searchedCount), values.count]
    var found: [ChangePoint] = []
    while let (split, pValue) = mostLikelySplit(of: values, at: bounds, using: &generator) {
      found.append(ChangePoint(index: split, pValue: pValue))
      bounds = (bounds + [split]).sorted()
    }
    return found.sorted { $0.index < $1.index }
  }

  /// The best place for a further split, if it is better than chance explains.
  private func mostLikelySplit(
    of values: [Double], at bounds: [Int], using generator: inout SeededGenerator
  ) -> (index: Int, pValue: Double)? {
    var segments = zip(bounds, bounds.dropFirst()).map { start, end in
      (start: start, distances: EnergyDistances(Array(values[start..<end])))
    }
    let splits = segments.map { segment in
      segment.distances.bestSplit(minimumCount: minimumCount).map { split in
        (index: segment.start + split.index, distance: split.distance)
      }
    }
    guard let best = splits.compactMap({ $0 }).max(by: { $0.distance < $1.distance }) else {
      return nil
    }
    // As many permutations as make the least p value a quarter of the level, and enough at all.
    let count = min(20_000, max(199, Int((4 / significance).rounded(.up)) - 1))
    let limit = Int(significance * Double(count + 1))
    var exceeding = 0
    for _ in 0..<count {
      var greatest = 0.0
      for index in segments.indices {
        segments[index].distances.shuffle(using: &generator)
        let split = segments[index].distances.bestSplit(minimumCount: minimumCount)
        greatest = max(greatest, split?.distance ?? 0)
      }
      // Equal but for rounding is as great.
      if greatest >= best.distance * (1 - 1e-12) { exceeding += 1 }
      if exceeding + 1 > limit { return nil }
    }
    return (best.index, Double(exceeding + 1) / Double(count + 1))
  }
}

/// The energy distances between neighbouring stretches of a sequence.
private struct EnergyDistances {
  private var values: [Double]

  init(_ values: [Double]) {
    self.values = values
  }

  mutating func shuffle(using generator: inout SeededGenerator) {
    for index in values.indices.dropFirst().reversed() {
      values.swapAt(index, Int(generator.next(upperBound: UInt64(index + 1))))
    }
  }

  /// The place where what is before lies furthest from a stretch after it; nil where no place has
  /// enough values on both sides.
  ///
  /// The stretch may end before the sequence does: what is made good later would hide the change.
  func bestSplit(minimumCount: Int) -> (index: Int, distance: Double)? {
    let count = values.count
    let least = max(2, minimumCount)
    guard count >= 2 * least, values.contains(where: { $0 != values[0] }) else { return nil }
    let within = distancesWithin
    // The sum of the distances of all pairs of one of the first values and one of the first `end`.
    var sums = [Double](repeating: 0, count: count + 1)
    var best: (index: Int, distance: Double)?
    for index in 1...(count - least) {
      var row = 0.0
      let value = values[index - 1]
      for other in 0..<count {
        row += (value - values[other]).magnitude
        sums[other + 1] += row
      }
      guard index >= least else { continue }
      let n = Double(index)
      let left = 2 * within[index] / (n * (n - 1))
      for end in (index + least)...count {
        let m = Double(end - index)
        let between = sums[end] - 2 * within[index]
        let right = 2 * (within[end] - between - within[index]) / (m * (m - 1))
        let distance = n * m / (n + m) * (2 * between / (n * m) - left - right)
        if distance > best?.distance ?? 0 { best = (index, distance) }
      }
    }
    return best
  }

  /// For each count of values from the start: the sum of the distances of all pairs among them.
  private var distancesWithin: [Double] {
    var sums = [0.0]
    sums.reserveCapacity(values.count + 1)
    for (index, value) in values.enumerated() {
      sums.append(
        values[..<index].reduce(sums[index]) { $0 + (value - $1).magnitude })
    }
    return sums
  }
}
