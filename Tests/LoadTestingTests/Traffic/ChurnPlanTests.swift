import Testing

@testable import LoadTesting

@Suite("Lifetimes and shares")
struct ChurnPlanTests {
  @Test func `fixed lifetimes end at a steady rate from the start`() {
    let plan = ChurnPlan(lifetime: ConnectionLifetime(.fixed, mean: .seconds(10)))
    let ends = (0..<5).map { plan.firstLife(of: $0, count: 5, chance: 0.9) }
    #expect(ends == [1, 3, 5, 7, 9].map { $0 * 1_000_000_000 })
    #expect(plan.life(chance: 0.1) == 10_000_000_000)
  }

  @Test func `exponential lifetimes have the mean that was asked for`() {
    let plan = ChurnPlan(lifetime: ConnectionLifetime(.exponential, mean: .seconds(1)))
    let lives = (0..<10_000).map { plan.life(chance: (Double($0) + 0.5) / 10_000) }
    let mean = Double(lives.reduce(0, +)) / 10_000
    #expect(abs(mean - 1e9) < 1e7)
    // Half of them live no longer than the median, ln 2.
    #expect(abs(Double(plan.life(chance: 0.5)) - 0.693147e9) < 1e6)
    #expect(plan.life(chance: 1) > 0)
  }

  @Test(arguments: [(10, 0.5, 5), (10, 1, 10), (3, 0.34, 1), (7, 0.01, 0), (100, 0.07, 7)])
  func `a share is spread evenly, and exact`(count: Int, share: Double, expected: Int) {
    let chosen = (0..<count).filter { SpreadShare.contains($0, share: share) }
    #expect(chosen.count == expected)
    if let first = chosen.first { #expect(first < Int((1 / share).rounded(.up))) }
  }
}
