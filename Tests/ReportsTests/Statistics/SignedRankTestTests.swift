import Testing

@testable import Reports

@Suite("Wilcoxon's signed ranks")
struct SignedRankTestTests {
  /// Without ties with what SciPy 1.17.1 gives, `wilcoxon(d, mode="exact")`; the others with what
  /// counting all signs gives, in Python.
  @Test(arguments: [
    ([1, -2, 3, 4, 5], 13, 0.1875),
    ([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75], 96, 0.041259765625),
    ([0.5, 0.7, -0.1, 1.2, 0.9, 0.3, -0.2, 0.8, 1.1, 0.4], 52, 0.009765625),
    ([1, 1, -1, 2, 2, 3], 19, 0.125),
    ([2, 2, 2, -2], 7.5, 0.625),
    ([0, 1, -1, 2], 4.5, 0.75),
  ])
  func `it is exact, with ties and without`(differences: [Double], w: Double, pValue: Double) {
    let test = SignedRankTest(differences)
    #expect(test.isExact && test.w == w)
    #expect((test.pValue - pValue).magnitude < 1e-12, "\(test.pValue)")
    let mirrored = SignedRankTest(differences.map { -$0 })
    #expect((mirrored.pValue - pValue).magnitude < 1e-12)
  }

  @Test func `zeros say nothing`() {
    #expect(SignedRankTest([0, 0, 1, 2, 3]) == SignedRankTest([1, 2, 3]))
    #expect(SignedRankTest([0, 0]).pValue == 1)
    #expect(SignedRankTest([]).pValue == 1)
  }

  @Test func `many differences are approximated, near what counting gives`() {
    var generator = SeededGenerator(seed: 3)
    for shift in [0.0, 0.1, 0.3] {
      let differences = (0..<50).map { _ in Double.random(in: -1...1, using: &generator) + shift }
      let exact = SignedRankTest(differences)
      // One difference more that says next to nothing.
      let approximate = SignedRankTest(differences + [1e-9])
      #expect(exact.isExact && !approximate.isExact)
      #expect((exact.pValue - approximate.pValue).magnitude < 0.03)
    }
  }

  @Test func `the least p value is that of differences on one side`() {
    for count in 1...12 {
      let differences = (1...count).map(Double.init)
      #expect(SignedRankTest(differences).pValue == SignedRankTest.leastPValue(count))
    }
  }
}
