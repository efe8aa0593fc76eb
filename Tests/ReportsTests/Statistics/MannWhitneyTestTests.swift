import Testing

@testable import Reports

@Suite("Mann-Whitney U")
struct MannWhitneyTestTests {
  /// Samples with what SciPy 1.17.1 gives: `mannwhitneyu(a, b, method="exact")`.
  @Test(arguments: [
    ([19, 22, 16, 29, 24], [20, 11, 17, 12], 17, 0.1111111111111111),
    ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0, 0.007936507936507936),
    ([1.1, 2.2, 3.3], [2.0, 3.0, 4.0, 5.0], 3, 0.4),
    (
      [51.2, 50.9, 51.8, 50.1, 51.5, 50.7, 51.1, 51.9, 50.4, 51.3],
      [50.3, 49.8, 51.0, 49.2, 50.6, 49.9, 50.2, 51.4, 49.5, 50.0], 85, 0.006841455757864427
    ),
  ])
  func `without ties it is SciPy's exact test`(
    first: [Double], second: [Double], u: Double, pValue: Double
  ) {
    let test = MannWhitneyTest(first, second)
    #expect(test.isExact && test.u == u)
    #expect((test.pValue - pValue).magnitude < 1e-12)
    let mirrored = MannWhitneyTest(second, first)
    #expect(mirrored.u == Double(first.count * second.count) - u)
    #expect((mirrored.pValue - pValue).magnitude < 1e-12)
  }

  /// With what counting all ways to choose the first sample's values gives, in Python.
  @Test(arguments: [
    ([1, 2, 2, 3], [2, 3, 3, 4], 3, 0.2857142857142857),
    ([0, 0, 0, 0, 0], [0, 0, 1, 1, 2], 5, 0.16666666666666666),
    ([5, 5, 5], [5, 5, 5], 4.5, 1),
    ([10, 10, 11, 12, 12, 13], [12, 13, 13, 14, 15, 15], 3, 0.021645021645021644),
    ([3, 3, 1, 7, 3], [3, 9, 9], 2.5, 0.17857142857142858),
  ])
  func `with ties it is exact as well`(
    first: [Double], second: [Double], u: Double, pValue: Double
  ) {
    let test = MannWhitneyTest(first, second)
    #expect(test.u == u)
    #expect((test.pValue - pValue).magnitude < 1e-12)
  }

  /// With what SciPy gives: `mannwhitneyu(a, b, method="asymptotic")`.
  @Test func `for many values it is SciPy's approximation, ties and continuity corrected`() {
    let first: [Double] = [
      99, 103, 99, 98, 95, 99, 106, 102, 105, 101, 102, 101, 92, 104, 103, 102, 92, 91, 96, 98,
      102, 100, 103, 97, 102,
    ]
    let second: [Double] = [
      105, 100, 112, 106, 109, 100, 99, 101, 102, 106, 104, 101, 98, 100, 109, 99, 104, 105, 96,
      103, 110, 93, 101, 102, 99, 105, 103, 96, 107, 106,
    ]
    let tied = MannWhitneyTest(first, second)
    #expect(!tied.isExact && tied.u == 241)
    #expect((tied.pValue - 0.023591418494439458).magnitude < 1e-12)
    let untied = MannWhitneyTest(
      (0..<30).map { Double($0) }, (0..<28).map { Double($0) + 3.5 })
    #expect(untied.u == 351)
    #expect((untied.pValue - 0.2864698659930748).magnitude < 1e-12)
    #expect(MannWhitneyTest([Double](repeating: 1, count: 50), [1]).pValue == 1)
  }

  /// The critical values that statistics books print for 5 %, two-sided.
  @Test(arguments: [
    (4, 4, 0), (5, 5, 2), (6, 6, 5), (7, 7, 8), (8, 8, 13), (9, 9, 17), (10, 10, 23), (5, 10, 8),
    (8, 10, 17), (15, 15, 64), (20, 20, 127),
  ])
  func `critical values are those of the published tables`(n: Int, m: Int, critical: Int) {
    #expect(pValue(n, m, u: critical) <= 0.05)
    #expect(pValue(n, m, u: critical + 1) > 0.05)
  }

  /// The p value of samples without ties that have this U.
  private func pValue(_ n: Int, _ m: Int, u: Int) -> Double {
    var rest = u
    let first = (0..<n).map { index in
      let below = min(m, rest)
      rest -= below
      return Double(below) + 0.5 - Double(index) / 1000
    }
    let test = MannWhitneyTest(first, (1...m).map { Double($0) })
    #expect(test.u == Double(u))
    return test.pValue
  }

  @Test func `the least p value tells how many runs it takes`() {
    for count in 2...8 {
      let low = (0..<count).map { Double($0) }
      let test = MannWhitneyTest(low, low.map { $0 + 100 })
      #expect((test.pValue - MannWhitneyTest.leastPValue(count, count)).magnitude < 1e-12)
    }
    #expect(MannWhitneyTest.leastPValue(1, 1) == 1)
    #expect(MannWhitneyTest.leastPValue(0, 5) == 1)
    #expect(MannWhitneyTest.neededCount(forPValue: 0.05) == 4)
    #expect(MannWhitneyTest.neededCount(forPValue: 0.05 / 5) == 5)
    #expect(MannWhitneyTest.neededCount(forPValue: 0.05 / 8) == 6)
  }

  @Test func `nothing is told of nothing`() {
    #expect(MannWhitneyTest([], [1, 2]).pValue == 1)
    #expect(MannWhitneyTest([1, 2], []).pValue == 1)
  }
}
