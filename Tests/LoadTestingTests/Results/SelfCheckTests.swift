import Reports
import Testing

@testable import Conformance
@testable import LoadTesting

@Suite("Whether the generator shaped the numbers")
struct SelfCheckTests {
  /// The verdict on a run of one second.
  func report(_ change: (inout SelfCheck) -> Void = { _ in }) throws -> GeneratorReport {
    var check = SelfCheck(measured: 1_000_000_000)
    check.threads = try [thread(running: 500, waiting: 10), thread(running: 300, waiting: 20)]
    check.sent = 10_000
    change(&check)
    var report = GeneratorReport()
    check.judge(&report)
    return report
  }

  /// What a thread used, in milliseconds.
  func thread(running: Int, waiting: Int) throws -> ThreadSample {
    try #require(ThreadSample(schedstat: "\(running)000000 \(waiting)000000 7\n"))
  }

  @Test func `a generator at half its strength is trusted`() throws {
    let report = try report()
    #expect(report.validity == .valid && report.remarks.isEmpty)
    #expect(report.loopBusyShare == 0.5)
    #expect(report.loopWaitingShare == 0.02)
  }

  @Test func `a loop without a processor casts doubt, and spoils the run`() throws {
    let threads = try [0, 60, 260].map { try thread(running: 100, waiting: $0) }
    #expect(try report { $0.threads = [threads[0], threads[1]] }.validity == .suspect)
    let spoilt = try report { $0.threads = threads }
    #expect(spoilt.validity == .invalid)
    #expect(spoilt.remarks.first?.hasPrefix("26.0 % of the time a loop was ready to run") == true)
  }

  @Test func `a closed loop that never rests casts doubt; an open one only if it is late`() throws {
    let busy = try thread(running: 990, waiting: 0)
    #expect(try report { $0.threads = [busy] }.validity == .suspect)
    let open = try report { ($0.threads, $0.isOpenLoop) = ([busy], true) }
    #expect(open.validity == .valid && open.loopBusyShare == 0.99)
  }

  @Test func `messages that were late or never sent cast doubt, many spoil the run`() throws {
    #expect(try report { $0.sentLate = 99 }.validity == .valid)
    #expect(try report { $0.sentLate = 100 }.validity == .suspect)
    #expect(try report { $0.sentLate = 4999 }.validity == .suspect)
    #expect(try report { $0.sentLate = 5000 }.validity == .invalid)
    #expect(try report { $0.unsent = 1 }.validity == .suspect)
    #expect(try report { $0.unsent = 200 }.validity == .invalid)
    #expect(
      try report { $0.unsent = 200 }.remarks == [
        "2.0 % of the messages (200) were due and never sent"
      ])
  }

  @Test func `a late timer casts doubt, and spoils nothing`() throws {
    #expect(try report { $0.timerDelay = 200_000_000 }.validity == .suspect)
    let both = try report {
      $0.timerDelay = 200_000_000
      $0.sentLate = 5000
    }
    #expect(both.validity == .invalid)
    #expect(both.remarks.count == 2)
  }

  @Test func `replies that were read late cast doubt`() throws {
    #expect(
      try report { ($0.waiting, $0.latency) = (900_000, 1_000_000) }.validity == .valid)
    #expect(
      try report { ($0.waiting, $0.latency) = (2_000_000, 9_000_000) }.validity == .valid)
    let late = try report { ($0.waiting, $0.latency) = (3_000_000, 10_000_000) }
    #expect(late.validity == .suspect)
    #expect(late.remarks.first?.hasPrefix("30.0 % of the p99 of latency (3 ms)") == true)
  }

  @Test func `without the kernel's account nothing is claimed`() throws {
    let report = try report { $0.threads = [] }
    #expect(report.validity == .valid)
    #expect(report.loopBusyShare == nil)
  }
}
