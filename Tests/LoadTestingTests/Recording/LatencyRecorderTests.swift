import Testing

@testable import LoadTesting

@Suite("Recording of times")
struct LatencyRecorderTests {
  @Test func `intervals add up to the total`() {
    var recorder = LatencyRecorder(recordsService: true)
    for nanoseconds in 1...1000 as ClosedRange<Int64> {
      recorder.record(latency: nanoseconds * 1000)
      recorder.record(service: nanoseconds)
      if nanoseconds.isMultiple(of: 250) {
        #expect(recorder.endInterval(isMeasured: true).totalCount == 250)
      }
    }
    #expect(recorder.endInterval(isMeasured: true).totalCount == 0)
    #expect(recorder.latency.totalCount == 1000)
    #expect(recorder.service.totalCount == 1000)
    let median = recorder.latency.nanoseconds(atPercentile: 50)
    #expect(abs(median - 500_000) < 1000)
    #expect(recorder.latency.maximum == 1_000_000)
  }

  @Test func `what is not measured is given away but not added`() {
    var recorder = LatencyRecorder(recordsService: false)
    recorder.record(latency: 7, count: 3)
    #expect(recorder.endInterval(isMeasured: false).totalCount == 3)
    #expect(recorder.latency.totalCount == 0)
  }
}
