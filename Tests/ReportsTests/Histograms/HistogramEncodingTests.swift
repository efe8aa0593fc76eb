import FoundationEssentials
import Histogram
import Testing

@testable import Reports

@Suite("HdrHistogram's V2 encoding")
struct HistogramEncodingTests {
  /// What the Python package `hdrhistogram` made of given values.
  struct Fixture: Decodable, CustomTestStringConvertible {
    var name: String
    var lowest: UInt64
    var highest: UInt64
    var digits: Int8
    var values: [[UInt64]]
    var encoded: String
    var count: UInt64
    var percentiles: [[Double]]

    var testDescription: String { name }

    static let all: [Fixture] =
      (try? JSONDecoder().decode(
        [Fixture].self, from: Data(TestFiles.octets("Fixtures/hdr-histograms.json")))) ?? []

    var histogram: Histogram<UInt64> {
      var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: lowest, highestTrackableValue: highest,
        numberOfSignificantValueDigits: SignificantDigits(rawValue: digits) ?? .three)
      for pair in values { histogram.record(pair[0], count: pair[1]) }
      return histogram
    }
  }

  @Test func `the fixtures are there`() {
    #expect(Fixture.all.count == 8)
  }

  @Test(arguments: Fixture.all)
  func `octets equal those of the established implementation`(fixture: Fixture) {
    #expect(HistogramEncoding.base64(fixture.histogram) == fixture.encoded)
  }

  @Test(arguments: Fixture.all)
  func `decoding gives the same histogram`(fixture: Fixture) throws {
    let decoded = try HistogramEncoding.histogram(base64: fixture.encoded)
    #expect(decoded.totalCount == fixture.count)
    #expect(HistogramEncoding.base64(decoded) == fixture.encoded)
    for pair in fixture.percentiles where fixture.count > 0 && pair[0] > 0 {
      #expect(decoded.valueAtPercentile(pair[0]) == UInt64(pair[1]), "p\(pair[0])")
    }
  }

  @Test(arguments: Fixture.all)
  func `every truncation is an error`(fixture: Fixture) throws {
    let octets = HistogramEncoding.encode(fixture.histogram)
    for count in 0..<octets.count {
      #expect(throws: HistogramEncodingError.self) {
        try HistogramEncoding.decode(Array(octets[..<count]))
      }
    }
  }

  @Test(arguments: Fixture.all)
  func `no damaged octet traps`(fixture: Fixture) throws {
    let octets = HistogramEncoding.encode(fixture.histogram)
    for index in octets.indices.prefix(56) {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var damaged = octets
        damaged[index] = value
        _ = try? HistogramEncoding.decode(damaged)
      }
    }
  }

  @Test func `a merge of decoded halves equals the whole`() throws {
    let fixture = try #require(Fixture.all.first { $0.name == "lognormal nanoseconds" })
    var halves = [Histogram<UInt64>](
      repeating: Histogram(highestTrackableValue: fixture.highest), count: 2)
    for (index, pair) in fixture.values.enumerated() { halves[index % 2].record(pair[0]) }
    var merged = try HistogramEncoding.histogram(base64: HistogramEncoding.base64(halves[0]))
    merged.add(try HistogramEncoding.histogram(base64: HistogramEncoding.base64(halves[1])))
    #expect(HistogramEncoding.base64(merged) == fixture.encoded)
  }

  @Test func `the compressed form is named as unknown`() {
    let octets: [UInt8] = [0x1C, 0x84, 0x93, 0x14] + [UInt8](repeating: 0, count: 40)
    #expect(throws: HistogramEncodingError.unknownCookie(0x1C84_9314)) {
      try HistogramEncoding.decode(octets)
    }
  }
}
