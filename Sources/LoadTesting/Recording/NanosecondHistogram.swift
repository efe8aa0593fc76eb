import Histogram

/// Counts of times in the buckets of an HDR histogram with three significant digits.
///
/// The same buckets as ``Histogram``, into which it can be poured without loss; but that one's walks and merges
/// are generic code of another module, which costs milliseconds a second where a loop has none to give away.
struct NanosecondHistogram: Equatable, Sendable {
  /// The longest time that is told apart from longer ones: ten minutes.
  static let highestTrackable: Int64 = 600_000_000_000
  /// A bucket has 2048 steps, of which all but the first use the upper half.
  private static let halfMagnitude = 10
  private static let halfCount = 1 << halfMagnitude

  private(set) var totalCount: UInt64 = 0
  /// The greatest time recorded, in nanoseconds.
  private(set) var maximum: Int64 = 0
  private var counts: [UInt64]

  init() {
    counts = [UInt64](
      repeating: 0, count: Self.index(of: UInt64(Self.highestTrackable)) + 1)
  }

  /// Counts `count` times of so many nanoseconds; what is out of range counts as the nearest that is not.
  @inline(__always)
  mutating func record(_ nanoseconds: Int64, count: UInt64 = 1) {
    let value = max(0, min(nanoseconds, Self.highestTrackable))
    counts[Self.index(of: UInt64(truncatingIfNeeded: value))] &+= count
    totalCount &+= count
    if value > maximum { maximum = value }
  }

  /// Adds the counts of another histogram.
  mutating func add(_ other: NanosecondHistogram) {
    guard other.totalCount > 0 else { return }
    for index in counts.indices { counts[index] &+= other.counts[index] }
    totalCount &+= other.totalCount
    maximum = max(maximum, other.maximum)
  }

  /// The time that so many percent do not exceed, as far as buckets tell; 0 without any.
  func nanoseconds(atPercentile percentile: Double) -> Int64 {
    let rank = max(1, UInt64((Double(totalCount) * percentile / 100).rounded(.up)))
    var sum: UInt64 = 0
    for index in counts.indices {
      sum &+= counts[index]
      if sum >= rank { return min(maximum, Self.highest(of: index)) }
    }
    return maximum
  }

  /// The same counts as the histogram that reports keep.
  var histogram: Histogram<UInt64> {
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: UInt64(Self.highestTrackable),
      numberOfSignificantValueDigits: .three)
    for index in counts.indices where counts[index] > 0 {
      histogram.record(UInt64(Self.highest(of: index)), count: counts[index])
    }
    return histogram
  }

  @inline(__always)
  private static func index(of value: UInt64) -> Int {
    let bucket = 53 &- (value | 2047).leadingZeroBitCount
    let step = Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: bucket))
    return (bucket &+ 1) &<< halfMagnitude &+ step &- halfCount
  }

  /// The greatest value that is counted at `index`.
  private static func highest(of index: Int) -> Int64 {
    let bucket = max(0, index >> halfMagnitude - 1)
    let step = index - bucket << halfMagnitude
    return min(highestTrackable, Int64(step + 1) << Int64(bucket) - 1)
  }
}
