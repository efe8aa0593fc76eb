import Histogram
import Testing

@testable import Reports

@Suite("A histogram as it is kept")
struct StoredHistogramTests {
  static func histogram(_ values: [UInt64]) -> Histogram<UInt64> {
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000,
      numberOfSignificantValueDigits: .three)
    for value in values { histogram.record(value) }
    return histogram
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `its summary is that of the histogram`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let histogram = Self.histogram(
      (0..<Int.random(in: 1...2000, using: &generator)).map { _ in
        UInt64.random(
          in: 0...(1 << UInt64.random(in: 1...39, using: &generator)), using: &generator)
      })
    let stored = StoredHistogram(histogram)
    #expect(stored.meanNanoseconds == histogram.mean)
    #expect(stored.standardDeviationNanoseconds == histogram.stdDeviation)
    #expect(stored.count == Int(histogram.totalCount))
    #expect(try stored.histogram() == histogram)
    #expect(stored.encoded == HistogramEncoding.base64(histogram))
  }

  @Test func `an empty one has nothing to tell`() throws {
    let stored = StoredHistogram(Self.histogram([]))
    #expect(stored.meanNanoseconds == 0 && stored.standardDeviationNanoseconds == 0)
    #expect(stored.percentiles.isEmpty && stored.count == 0)
    #expect(try stored.histogram().totalCount == 0)
  }
}
