import FoundationEssentials
import Testing

@testable import Reports

@Suite("Timestamps")
struct TimestampTests {
  @Test func `a moment reads as RFC 3339`() {
    #expect("\(SampleRun.started)" == "2026-11-21T02:30:00.123Z")
    #expect("\(Timestamp(millisecondsSinceEpoch: 0))" == "1970-01-01T00:00:00.000Z")
    #expect("\(Timestamp(millisecondsSinceEpoch: -1))" == "1969-12-31T23:59:59.999Z")
    #expect("\(Timestamp(millisecondsSinceEpoch: 951_782_400_000))" == "2000-02-29T00:00:00.000Z")
  }

  @Test func `text and moment convert both ways over four centuries`() {
    for index in 0..<3000 {
      let moment = Timestamp(
        millisecondsSinceEpoch: Int64(index) * 4_207_680_123 - 5_000_000_000_000)
      #expect(Timestamp("\(moment)") == moment)
    }
  }

  @Test(arguments: [
    "", "now", "2026-11-21", "2026-13-21T00:00:00Z", "2026-11-21T24:00:00Z",
    "2026-11-21T00:00:00", "2026-11-21T00:00Z", "9999999999-01-01T00:00:00Z",
  ])
  func `other text is nil`(text: String) {
    #expect(Timestamp(text) == nil)
  }
}
