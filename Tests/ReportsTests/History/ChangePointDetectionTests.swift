import Testing

@testable import Reports

@Suite("E-divisive means")
struct ChangePointDetectionTests {
  /// Stretches of normal values around these means.
  private func values(_ stretches: [(count: Int, mean: Double)], noise: Double, seed: UInt64)
    -> [Double]
  {
    var generator = SeededGenerator(seed: seed)
    return stretches.flatMap { count, mean in
      (0..<count).map { _ in mean * (1 + noise * generator.nextNormal()) }
    }
  }

  @Test func `clear changes are found where they are`() {
    let values = values([(30, 100), (25, 110), (20, 99)], noise: 0.01, seed: 1)
    let points = ChangePointDetection().changePoints(in: values)
    #expect(points.map(\.index) == [30, 55])
    #expect(points.allSatisfy { $0.pValue <= 0.05 })
  }

  @Test func `a change of spread alone is found too`() {
    var generator = SeededGenerator(seed: 3)
    let values = (0..<80).map { 100 + generator.nextNormal() * ($0 < 40 ? 0.5 : 8) }
    let points = ChangePointDetection().changePoints(in: values)
    #expect(points.count == 1)
    #expect(points.allSatisfy { (37...43).contains($0.index) })
  }

  @Test func `where nothing changes an alarm is as rare as the level says`() {
    var detection = ChangePointDetection()
    detection.significance = 0.05
    let alarms = (1...60 as ClosedRange<UInt64>).count { seed in
      !detection.changePoints(in: values([(24, 100)], noise: 0.05, seed: seed)).isEmpty
    }
    // 3 are expected; 8 would be three deviations more.
    #expect(alarms <= 8, "\(alarms) of 60")
  }

  @Test func `one wild run is no change`() {
    var values = values([(40, 100)], noise: 0.01, seed: 5)
    values[20] = 500
    #expect(ChangePointDetection().changePoints(in: values).isEmpty)
  }

  @Test func `the same values give the same points`() {
    let values = values([(12, 100), (12, 104)], noise: 0.02, seed: 7)
    let points = ChangePointDetection().changePoints(in: values)
    #expect(ChangePointDetection().changePoints(in: values) == points)
  }

  @Test(arguments: [[], [1], [1, 2, 3], [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]] as [[Double]])
  func `too few values and equal ones have none`(values: [Double]) {
    #expect(ChangePointDetection().changePoints(in: values).isEmpty)
  }

  @Test func `a change needs its runs on both sides`() {
    let values = Array(repeating: 1.0, count: 30) + [2]
    #expect(ChangePointDetection().changePoints(in: values).isEmpty)
    let points = ChangePointDetection().changePoints(in: values + [2, 2])
    #expect(points.map(\.index) == [30])
  }

  /// The distances of all pairs, added up as the definition says.
  @Test func `the best place is the one that the definition gives`() {
    let values = values([(7, 10), (9, 13), (5, 10)], noise: 0.05, seed: 11)
    var best = (index: 0, distance: 0.0)
    for index in 3...(values.count - 3) {
      for end in (index + 3)...values.count {
        let (x, y) = (values[..<index], values[index..<end])
        let (n, m) = (Double(x.count), Double(y.count))
        func sum(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
          a.reduce(0) { total, one in total + b.reduce(0) { $0 + (one - $1).magnitude } }
        }
        let energy = 2 * sum(x, y) / (n * m) - sum(x, x) / (n * (n - 1)) - sum(y, y) / (m * (m - 1))
        let distance = n * m / (n + m) * energy
        if distance > best.distance { best = (index, distance) }
      }
    }
    #expect(ChangePointDetection().changePoints(in: values).map(\.index).contains(best.index))
    #expect(best.index == 7)
  }
}
