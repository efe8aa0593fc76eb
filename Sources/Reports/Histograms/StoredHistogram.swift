public import Histogram

/// A distribution as it is kept in a run: the histogram itself, so that it can be merged and any
/// percentile derived later, and a summary for those who only want to look.
public struct StoredHistogram: Codable, Equatable, Sendable {
  /// One point of the distribution.
  public struct Percentile: Codable, Equatable, Sendable {
    /// 0 to 100.
    public var percentile: Double
    /// The value that so many percent do not exceed, in nanoseconds.
    public var nanoseconds: Int64

    /// Creates a point.
    public init(percentile: Double, nanoseconds: Int64) {
      self.percentile = percentile
      self.nanoseconds = nanoseconds
    }
  }

  /// The percentiles of the summary.
  public static let summaryPercentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 99.999]

  /// How many values.
  public var count: Int
  /// The least value, in nanoseconds.
  public var minimumNanoseconds: Int64
  /// The greatest value, in nanoseconds.
  public var maximumNanoseconds: Int64
  /// The mean, in nanoseconds.
  public var meanNanoseconds: Double
  /// The standard deviation, in nanoseconds.
  public var standardDeviationNanoseconds: Double
  /// The values at ``summaryPercentiles``.
  public var percentiles: [Percentile]
  /// The histogram of nanoseconds in HdrHistogram's V2 encoding, uncompressed, in Base64.
  public var encoded: String

  /// Keeps a histogram of nanoseconds.
  public init(_ histogram: Histogram<UInt64>) {
    let isEmpty = histogram.totalCount == 0
    let recorded = RecordedCount.all(of: histogram)
    let (mean, deviation) = Self.moments(of: recorded, in: histogram)
    count = Int(clamping: histogram.totalCount)
    minimumNanoseconds = isEmpty ? 0 : Int64(clamping: histogram.min)
    maximumNanoseconds = isEmpty ? 0 : Int64(clamping: histogram.max)
    meanNanoseconds = mean
    standardDeviationNanoseconds = deviation
    percentiles =
      isEmpty
      ? []
      : Self.summaryPercentiles.map {
        Percentile(
          percentile: $0, nanoseconds: Int64(clamping: histogram.valueAtPercentile($0)))
      }
    encoded = Base64.encode(HistogramEncoding.encode(histogram, of: recorded))
  }

  /// Mean and standard deviation, each value counted as the middle of its bucket; 0 for an empty histogram.
  private static func moments(
    of recorded: [RecordedCount], in histogram: Histogram<UInt64>
  ) -> (mean: Double, deviation: Double) {
    let total = Double(histogram.totalCount)
    guard total > 0 else { return (0, 0) }
    let weighted = recorded.map { entry in
      (
        value: Double(histogram.medianEquivalentForValue(entry.value)), weight: Double(entry.count)
      )
    }
    let mean = weighted.reduce(0) { $0 + $1.value * $1.weight } / total
    let squares = weighted.reduce(0) { sum, entry in
      sum + (entry.value - mean) * (entry.value - mean) * entry.weight
    }
    return (mean, (squares / total).squareRoot())
  }

  /// The histogram itself.
  public func histogram() throws(HistogramEncodingError) -> Histogram<UInt64> {
    try HistogramEncoding.histogram(base64: encoded)
  }

  /// The value at one of ``summaryPercentiles``, in nanoseconds; nil for an empty histogram.
  public func nanoseconds(at percentile: Double) -> Int64? {
    percentiles.first { $0.percentile == percentile }?.nanoseconds
  }
}
