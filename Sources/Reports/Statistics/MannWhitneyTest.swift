internal import Glibc

/// The Mann-Whitney U test: whether the values of one of two samples tend to be the greater ones.
///
/// Only the order of the values counts, so that nothing is assumed of how they are distributed, and
/// a single wild run weighs no more than any other. For samples of up to ``exactLimit`` values
/// together the p value is exact, with ties as without: every way to deal the ranks out to the two
/// samples is counted. For more it is the normal approximation, corrected for ties and continuity.
public struct MannWhitneyTest: Equatable, Sendable {
  /// Up to so many values together the p value is exact.
  public static let exactLimit = 40

  /// In how many pairs the first sample has the greater value; a tie counts as half a pair.
  public let u: Double
  /// How likely it is, if there is no difference, that the samples differ as much or more; two-sided.
  public let pValue: Double
  /// Whether the p value was counted and not approximated.
  public let isExact: Bool

  /// Tests two samples; where one is empty nothing can be told, and the p value is 1.
  public init(_ first: [Double], _ second: [Double]) {
    let ranks = Ranks(first + second)
    let (n, m) = (first.count, second.count)
    let rankSum = ranks.doubled[..<n].reduce(0, +)
    u = Double(rankSum - n * (n + 1)) / 2
    isExact = n + m <= Self.exactLimit
    if n == 0 || m == 0 {
      pValue = 1
    } else if isExact {
      pValue = Self.exactPValue(ranks, count: n, rankSum: rankSum)
    } else {
      pValue = Self.approximatePValue(u: u, n, m, tieTerm: ranks.tieTerm)
    }
  }

  /// The least p value that samples of these sizes can have: that of samples without any overlap.
  public static func leastPValue(_ first: Int, _ second: Int) -> Double {
    guard first > 0, second > 0 else { return 1 }
    // One of all ways to choose which values are the first sample's, and its mirror image.
    var ways = 1.0
    for index in 1...min(first, second) {
      ways *= Double(max(first, second) + index) / Double(index)
    }
    return min(1, 2 / ways)
  }

  /// How many values each of two samples needs, so that a p value can be as small as this.
  public static func neededCount(forPValue pValue: Double) -> Int {
    var count = 2
    while leastPValue(count, count) > pValue, count < 100 { count += 1 }
    return count
  }

  /// Counts, for each sum, the ways in which so many of the ranks can have it.
  private static func exactPValue(_ ranks: Ranks, count: Int, rankSum: Int) -> Double {
    let width = ranks.doubled.reduce(0, +) + 1
    var ways = [Double](repeating: 0, count: (count + 1) * width)
    ways[0] = 1
    for (seen, rank) in ranks.doubled.enumerated() {
      for chosen in stride(from: min(seen, count - 1), through: 0, by: -1) {
        for sum in 0..<(width - rank) where ways[chosen * width + sum] > 0 {
          ways[(chosen + 1) * width + sum + rank] += ways[chosen * width + sum]
        }
      }
    }
    let sums = ways[(count * width)...]
    let below = sums.prefix(rankSum + 1).reduce(0, +)
    let above = sums.dropFirst(rankSum).reduce(0, +)
    return min(1, 2 * min(below, above) / sums.reduce(0, +))
  }

  private static func approximatePValue(
    u: Double, _ first: Int, _ second: Int, tieTerm: Double
  ) -> Double {
    let (n, m) = (Double(first), Double(second))
    let all = n + m
    let variance = n * m / 12 * (all + 1 - tieTerm / (all * (all - 1)))
    guard variance > 0 else { return 1 }
    let distance = (u - n * m / 2).magnitude - 0.5
    return min(1, erfc(distance / (2 * variance).squareRoot()))
  }
}
