internal import Glibc

/// The Wilcoxon signed-rank test: whether the differences of pairs tend to one side of zero.
///
/// What both values of a pair have in common, such as a machine that was busy while they were taken,
/// cancels out in their difference. For up to ``exactLimit`` differences the p value is exact, with
/// ties as without: every way to deal the signs out is counted. For more it is the normal
/// approximation, corrected for ties and continuity.
public struct SignedRankTest: Equatable, Sendable {
  /// Up to so many differences the p value is exact.
  public static let exactLimit = 50

  /// The sum of the ranks of the differences above zero.
  public let w: Double
  /// How likely it is, if there is no difference, that they lie as much or more to one side; two-sided.
  public let pValue: Double
  /// Whether the p value was counted and not approximated.
  public let isExact: Bool

  /// Tests differences; those of zero say nothing and are left out.
  public init(_ differences: [Double]) {
    let differences = differences.filter { $0 != 0 }
    let ranks = Ranks(differences.map(\.magnitude))
    let sum = zip(differences, ranks.doubled).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    w = Double(sum) / 2
    isExact = differences.count <= Self.exactLimit
    if differences.isEmpty {
      pValue = 1
    } else if isExact {
      pValue = Self.exactPValue(ranks.doubled, sum: sum)
    } else {
      pValue = Self.approximatePValue(w, count: Double(differences.count), ranks.tieTerm)
    }
  }

  /// The least p value that so many differences can have: that of differences all above zero.
  public static func leastPValue(_ count: Int) -> Double {
    count > 0 ? 2 / pow(2, Double(count)) : 1
  }

  /// Counts, for each sum, the signs that give it.
  private static func exactPValue(_ ranks: [Int], sum: Int) -> Double {
    var ways = [Double](repeating: 0, count: ranks.reduce(0, +) + 1)
    ways[0] = 1
    for rank in ranks {
      for reached in stride(from: ways.count - 1, through: rank, by: -1) {
        ways[reached] += ways[reached - rank]
      }
    }
    let below = ways.prefix(sum + 1).reduce(0, +)
    let above = ways.dropFirst(sum).reduce(0, +)
    return min(1, 2 * min(below, above) / ways.reduce(0, +))
  }

  private static func approximatePValue(_ w: Double, count: Double, _ tieTerm: Double) -> Double {
    let mean = count * (count + 1) / 4
    let variance = count * (count + 1) * (2 * count + 1) / 24 - tieTerm / 48
    guard variance > 0 else { return 1 }
    let distance = max(0, (w - mean).magnitude - 0.5)
    return min(1, erfc(distance / (2 * variance).squareRoot()))
  }
}
