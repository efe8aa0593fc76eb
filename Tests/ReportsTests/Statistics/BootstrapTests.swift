import Testing

@testable import Reports

@Suite("Bootstrap")
struct BootstrapTests {
  let base = [51.2, 50.9, 51.8, 50.1, 51.5, 50.7, 51.1, 51.9, 50.4, 51.3]
  let head = [46.3, 45.8, 47.0, 45.2, 46.6, 45.9, 46.2, 47.4, 45.5, 46.0]

  private func change(_ base: [Double], _ head: [Double]) -> Double {
    head.median / base.median - 1
  }

  /// With what SciPy 1.17.1 gives with 200,000 draws: `bootstrap(…, method="percentile")`.
  @Test(arguments: [
    (0.95, -0.10873786407766994, -0.08447937131630645),
    (0.8, -0.10505836575875482, -0.09000989119683478),
  ])
  func `the interval is that of SciPy`(confidence: Double, lower: Double, upper: Double) {
    var generator = SeededGenerator(seed: 1)
    let interval = Bootstrap(drawCount: 4000, confidence: confidence)
      .interval(base, head, using: &generator, of: change)
    #expect((interval.lower - lower).magnitude < 0.001)
    #expect((interval.upper - upper).magnitude < 0.001)
  }

  @Test func `the same seed gives the same interval`() {
    var (one, other) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
    let bootstrap = Bootstrap(drawCount: 100)
    #expect(
      bootstrap.interval(base, head, using: &one, of: change)
        == bootstrap.interval(base, head, using: &other, of: change))
  }

  /// Ten runs on each side, and a true change of 10 %: how often the interval holds it.
  @Test func `an interval of 95 % holds the truth about that often`() {
    var generator = SeededGenerator(seed: 5)
    let bootstrap = Bootstrap(drawCount: 200)
    let count = 200
    let hits = (0..<count).count { _ in
      let base = (0..<10).map { _ in 100 + 5 * generator.nextNormal() }
      let head = (0..<10).map { _ in 110 + 5 * generator.nextNormal() }
      let interval = bootstrap.interval(base, head, using: &generator, of: change)
      return interval.lower <= 0.1 && 0.1 <= interval.upper
    }
    #expect(hits >= count * 88 / 100 && hits < count)
  }

  @Test func `one value on each side leaves nothing open`() {
    var generator = SeededGenerator(seed: 1)
    let interval = Bootstrap(drawCount: 10)
      .interval([2], [3], using: &generator, of: change)
    #expect(interval == Bootstrap.Interval(lower: 0.5, upper: 0.5))
  }
}
