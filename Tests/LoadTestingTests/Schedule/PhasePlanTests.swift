import Testing

@testable import LoadTesting

@Suite("The phases of a run")
struct PhasePlanTests {
  let plan = PhasePlan(warmUp: .seconds(2), measuring: .seconds(10), drain: .seconds(5))

  @Test func `phases follow each other without a gap`() {
    let second: Int64 = 1_000_000_000
    #expect(plan.phase(at: -1) == .connecting)
    #expect(plan.phase(at: 0) == .warmUp)
    #expect(plan.phase(at: 2 * second - 1) == .warmUp)
    #expect(plan.phase(at: 2 * second) == .measuring)
    #expect(plan.phase(at: 12 * second - 1) == .measuring)
    #expect(plan.phase(at: 12 * second) == .draining)
    #expect(plan.phase(at: 17 * second) == .finished)
  }

  @Test func `only the measuring phase counts`() {
    #expect(!plan.isMeasured(1_999_999_999))
    #expect(plan.isMeasured(2_000_000_000))
    #expect(!plan.isMeasured(12_000_000_000))
  }

  @Test func `a run may be stopped early, but never prolonged`() {
    let stopped = plan.stopping(at: 4_000_000_000)
    #expect(stopped.measuringStart == 2_000_000_000)
    #expect(stopped.measuringEnd == 4_000_000_000)
    #expect(stopped.drainEnd == 9_000_000_000)
    #expect(plan.stopping(at: 1_000_000_000).measuringStart == 1_000_000_000)
    #expect(plan.stopping(at: 13_000_000_000) == plan)
  }

  @Test func `intervals are seconds, cut where phases end`() {
    let plan = PhasePlan(warmUp: .milliseconds(1500), measuring: .seconds(2), drain: .zero)
    var times: [Int64] = [0]
    while let last = times.last, last < plan.drainEnd {
      times.append(plan.nextBoundary(after: last))
    }
    #expect(times == [0, 1_000_000_000, 1_500_000_000, 2_500_000_000, 3_500_000_000])
    #expect(plan.nextBoundary(after: -5) == 0)
  }

  @Test func `cool-down sends, and is not measured`() {
    let plan = PhasePlan(
      warmUp: .seconds(1), measuring: .seconds(2), coolDown: .milliseconds(1500),
      drain: .seconds(1))
    #expect(plan.phase(at: 3_000_000_000) == .coolDown)
    #expect(!plan.isMeasured(3_000_000_000))
    #expect(plan.phase(at: 4_500_000_000) == .draining)
    #expect(plan.nextBoundary(after: 3_000_000_000) == 4_000_000_000)
    #expect(plan.nextBoundary(after: 4_000_000_000) == 4_500_000_000)
    let stopped = plan.stopping(at: 4_000_000_000)
    #expect(stopped.measuringEnd == 3_000_000_000)
    #expect(stopped.sendingEnd == 4_000_000_000)
    #expect(stopped.drainEnd == 5_000_000_000)
  }

  @Test func `durations become nanoseconds`() {
    #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
  }
}
