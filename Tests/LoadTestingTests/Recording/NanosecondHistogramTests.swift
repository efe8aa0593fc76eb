import Histogram
import Reports
import Testing

@testable import LoadTesting

@Suite("Counts of times")
struct NanosecondHistogramTests {
  static let values: [Int64] =
    (0..<40).flatMap { shift in
      [-1, 0, 1].map { (Int64(1) << shift) + $0 }
    } + [2047, 2048, 2049, 4095, 4096, 123_456_789]

  @Test func `each value lies in the bucket that the HDR histogram has for it`() {
    let reference = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000,
      numberOfSignificantValueDigits: .three)
    for value in Self.values where value <= NanosecondHistogram.highestTrackable {
      var histogram = NanosecondHistogram()
      histogram.record(value)
      #expect(histogram.nanoseconds(atPercentile: 50) == value)
      let poured = histogram.histogram
      #expect(poured.totalCount == 1)
      #expect(poured.countForValue(UInt64(max(0, value))) == 1)
      #expect(poured.max == reference.highestEquivalentForValue(UInt64(value)))
    }
  }

  @Test func `percentiles and merging agree with the HDR histogram`() {
    var generator = SeededGenerator(seed: 4)
    var whole = NanosecondHistogram()
    var parts = [NanosecondHistogram(), NanosecondHistogram()]
    var reference = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000,
      numberOfSignificantValueDigits: .three)
    for number in 0..<20_000 {
      let value = Int64(generator.next() >> UInt64.random(in: 25...60, using: &generator))
      whole.record(value)
      parts[number % 2].record(value)
      reference.record(min(UInt64(value), 600_000_000_000))
    }
    parts[0].add(parts[1])
    #expect(parts[0] == whole)
    #expect(whole.histogram == reference)
    for percentile in [0.1, 25, 50, 90, 99, 99.9, 100] {
      let expected = Int64(reference.valueAtPercentile(percentile))
      #expect(whole.nanoseconds(atPercentile: percentile) == min(expected, whole.maximum))
    }
  }

  @Test func `impossible and endless times are kept within bounds`() {
    var histogram = NanosecondHistogram()
    histogram.record(-5)
    histogram.record(.max)
    #expect(histogram.totalCount == 2)
    #expect(histogram.maximum == NanosecondHistogram.highestTrackable)
    #expect(histogram.histogram.totalCount == 2)
  }
}
