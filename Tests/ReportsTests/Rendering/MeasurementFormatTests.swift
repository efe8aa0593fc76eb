import FoundationEssentials
import Histogram
import Testing

@testable import Reports

@Suite("Formats for measurements")
struct MeasurementFormatTests {
  @Test func `the documents are stable`() throws {
    try TestFiles.expectGolden(IntervalTable.text(for: SampleRun.run), "intervals.csv")
    try TestFiles.expectGolden(HistogramLog.text(for: SampleRun.run), "latency.hlog")
    try TestFiles.expectGolden(OpenMetricsReport.text(for: SampleRun.run), "metrics.om")
    try TestFiles.expectGolden(BencherReport.text(for: [SampleRun.run]), "bmf.json")
  }

  @Test(arguments: HostileText.all)
  func `hostile text stays in its place`(text: String) throws {
    let (run, plain) = (SampleRun.run(peerText: text), SampleRun.run)
    func lineCount(_ text: String) -> Int { text.count { $0.isNewline } }
    #expect(lineCount(IntervalTable.text(for: run)) == lineCount(IntervalTable.text(for: plain)))
    #expect(lineCount(HistogramLog.text(for: run)) == lineCount(HistogramLog.text(for: plain)))
    let metrics = OpenMetricsReport.text(for: run)
    #expect(lineCount(metrics) == lineCount(OpenMetricsReport.text(for: plain)))
    #expect(metrics.hasSuffix("\n# EOF\n"))
    let object = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self, from: Data(BencherReport.text(for: [run]).utf8))
    #expect(object.count == 1)
  }

  @Test func `a field of CSV is quoted where it must be, and is no formula`() {
    #expect(CSVText.field("a,b") == "\"a,b\"")
    #expect(CSVText.field("say \"a\"") == "\"say \"\"a\"\"\"")
    #expect(CSVText.field("=1+1") == "'=1+1")
    #expect(CSVText.field("-12.5") == "-12.5")
  }

  @Test func `a combining mark does not hide the sign before it`() {
    #expect(CSVText.field("a,\u{301}b") == "\"a,\u{301}b\"")
    #expect(CSVText.field("\"\u{301}").utf8.elementsEqual("\"\"\"\u{301}\"".utf8))
    #expect(CSVText.field("=\u{301}1").utf8.first == UInt8(ascii: "'"))
    var run = SampleRun.run
    run.conformance?.agents[0].name = "\"\u{301}\\\u{301}"
    let metrics = OpenMetricsReport.text(for: run).utf8
    #expect(metrics.firstRange(of: "agent=\"\\\"\u{301}\\\\\u{301}\",".utf8) != nil)
  }

  @Test func `repetitions have bounds`() throws {
    let runs = [1.0, 2, 4].map { ComparedRuns.measured(time: $0) }
    let text = BencherReport.text(for: runs)
    let object = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self, from: Data(text.utf8))
    let throughput = try #require(object.values.first?["throughput"])
    #expect(throughput == ["value": 25_000, "lower_value": 12_500, "upper_value": 50_000])
  }

  @Test func `what is stored is what zlib reads`() {
    // As Python's zlib.adler32 says; and blocks are no longer than 65,535 octets.
    #expect(StoredZlib.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
    #expect(StoredZlib.wrapped([]) == [0x78, 1, 1, 0, 0, 0xFF, 0xFF, 0, 0, 0, 1])
    #expect(StoredZlib.wrapped([0x61]) == [0x78, 1, 1, 1, 0, 0xFE, 0xFF, 0x61, 0, 0x62, 0, 0x62])
    #expect(StoredZlib.wrapped([UInt8](repeating: 0, count: 70_000)).count == 70_000 + 10 + 6)
  }
}
