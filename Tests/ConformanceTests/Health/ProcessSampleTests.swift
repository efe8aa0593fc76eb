import Glibc
import Testing

@testable import Conformance

@Suite("What a process uses")
struct ProcessSampleTests {
  @Test func `our own processor time grows as we use it`() throws {
    let before = try #require(ProcessSample())
    let clock = ContinuousClock()
    let start = clock.now
    var sum: UInt64 = 0
    while clock.now - start < .milliseconds(300) { sum &+= 1 }
    let after = try #require(ProcessSample())
    #expect(sum > 0)
    #expect(after.processorNanoseconds - before.processorNanoseconds > 10_000_000)
    #expect(after.residentBytes > 1 << 20)
    #expect(after.peakResidentBytes >= after.residentBytes / 2)
  }

  @Test func `several processes are seen together`() throws {
    let own = try #require(ProcessSample())
    let twice = try #require(ProcessSample(of: [getpid(), getpid(), .max]))
    #expect(twice.residentBytes >= own.residentBytes)
    #expect(twice.peakResidentBytes >= own.peakResidentBytes * 2)
    #expect(ProcessSample(of: []) == nil && ProcessSample(of: [.max]) == nil)
  }

  @Test func `a process that is not there gives nothing`() {
    #expect(ProcessSample(processID: Int32.max) == nil)
  }
}
