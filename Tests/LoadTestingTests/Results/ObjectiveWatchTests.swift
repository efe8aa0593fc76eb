import Reports
import Testing

@testable import LoadTesting

@Suite("Objectives while a run goes on")
struct ObjectiveWatchTests {
  func interval(_ second: Int64, latency: Int64, phase: RunPhase = .measuring) -> IntervalReport {
    var histogram = NanosecondHistogram()
    histogram.record(latency, count: 100)
    return IntervalReport(
      start: second * 1_000_000_000, end: (second + 1) * 1_000_000_000, phase: phase,
      latency: histogram, counts: LoopCounts(sent: 100, received: 100), openConnections: 1)
  }

  @Test func `one bad second is forgiven, two are not`() throws {
    var watch = ObjectiveWatch(try ServiceLevel("p99<1ms,reach=100%,cpu<1us"))
    #expect(watch.note(interval(0, latency: 500_000)) == nil)
    #expect(watch.note(interval(1, latency: 5_000_000)) == nil)
    #expect(watch.note(interval(2, latency: 500_000))?.hasPrefix("p99<1ms: ") == true)
  }

  @Test func `connections that failed before are errors too`() throws {
    var watch = ObjectiveWatch(try ServiceLevel("errors<3"))
    watch.failedConnections = 3
    #expect(watch.note(interval(0, latency: 500_000)) == nil)
    #expect(watch.note(interval(1, latency: 500_000)) == "errors<3: 3")
  }

  @Test func `only measuring counts`() throws {
    var watch = ObjectiveWatch(try ServiceLevel("p99<1ms,rate>50"))
    for second in 0..<5 {
      #expect(watch.note(interval(Int64(second), latency: 5_000_000, phase: .warmUp)) == nil)
      #expect(watch.note(interval(Int64(second), latency: 500_000)) == nil)
    }
  }
}
