import Glibc
import Testing

@testable import Transport

@Suite("The clock of processor time")
struct ProcessorClockTests {
  @Test func `it goes on while we compute, and not faster than we can`() throws {
    let clock = try #require(ProcessorClock())
    let byNumber = try #require(ProcessorClock(processID: getpid()))
    let before = try #require(clock.nanoseconds)
    var sum: UInt64 = 0
    // Each reading is exact: the very next step is seen.
    for _ in 0..<100 {
      let one = try #require(byNumber.nanoseconds)
      for value in 0..<1000 as Range<UInt64> { sum &+= value &* value }
      #expect(try #require(byNumber.nanoseconds) > one)
    }
    #expect(sum > 0)
    #expect(try #require(clock.nanoseconds) > before)
  }

  @Test(arguments: [Int32.max, 4 << 20, 0, -1, Int32.min])
  func `a process that is not there has none`(processID: Int32) {
    #expect(ProcessorClock(processID: processID) == nil)
  }

  @Test func `one that has ended has it no longer`() async throws {
    let child = try ChildProcess(command: "exec sleep 60", outputPath: "/dev/null")
    let clock = try #require(ProcessorClock(processID: child.identifier))
    #expect(clock.nanoseconds != nil)
    child.killAtOnce()
    _ = await child.waitForEnd()
    #expect(clock.nanoseconds == nil)
  }
}
