import Testing

@testable import LoadTesting

@Suite("When connections are begun")
struct OpeningPaceTests {
  func pace(
    _ connections: Int, loop: Int = 0, of loops: Int = 1, concurrency: Int = 100,
    rate: Double? = nil
  ) -> OpeningPace {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.connections = connections
    plan.loops = loops
    plan.connectConcurrency = concurrency
    plan.connectRate = rate
    return OpeningPace(plan, loop: loop)
  }

  @Test func `without a rate as many are begun as may be in the making`() {
    var pace = pace(5, concurrency: 2)
    #expect(pace.take(at: 0) == (0..<2, nil))
    #expect(pace.take(at: 0) == (2..<2, nil))
    pace.end()
    #expect(pace.take(at: 0) == (2..<3, nil))
    pace.end()
    pace.end()
    #expect(pace.take(at: 0) == (3..<5, nil))
    #expect(!pace.isOver && !pace.hasRoom)
    pace.end()
    pace.end()
    #expect(pace.isOver)
    pace.beginAgain()
    #expect(!pace.isOver)
  }

  @Test func `where one has waited in vain the others need not wait for each other`() {
    var pace = pace(100, concurrency: 2)
    #expect(pace.take(at: 0) == (0..<2, nil))
    pace.end(hasTimedOut: true)
    #expect(pace.take(at: 0) == (2..<100, nil))
    pace.end()
    #expect(!pace.hasRoom)
  }

  @Test func `with a rate each has its time, which is said once`() {
    var pace = pace(4, rate: 100)
    #expect(pace.take(at: 0) == (0..<1, 10_000_000))
    pace.end()
    // A connection that was made asks too; the timer that is set is enough.
    #expect(pace.take(at: 5_000_000) == (1..<1, nil))
    #expect(pace.take(at: 10_000_000) == (1..<2, 20_000_000))
    // A loop that is late begins what is due meanwhile.
    #expect(pace.take(at: 35_000_000) == (2..<4, nil))
  }

  @Test func `what is never due is not begun`() {
    var pace = pace(4, rate: 1e-12)
    #expect(pace.take(at: 0) == (0..<1, 9_000_000_000_000_000_000))
    #expect(pace.take(at: 1_000_000_000_000_000) == (1..<1, nil))
  }

  @Test func `loops share rate and room`() {
    var first = pace(5, loop: 0, of: 2, concurrency: 7, rate: 10)
    var second = pace(5, loop: 1, of: 2, concurrency: 7, rate: 10)
    #expect((first.count, second.count) == (3, 2))
    #expect(first.take(at: 0) == (0..<1, 200_000_000))
    #expect(second.take(at: 0) == (0..<0, 100_000_000))
    #expect(first.take(at: 1_000_000_000) == (1..<3, nil))
    #expect(!first.hasRoom)
  }
}
