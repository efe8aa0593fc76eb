import Testing

@testable import Reports

@Suite("Charts")
struct ChartTests {
  @Test func `an axis from zero has round steps and covers the maximum`() {
    for maximum in [0, 0.3, 1, 7, 99, 100, 101, 12_345, 9.99e8] {
      let axis = Chart.Axis.fromZero(to: maximum, label: "x", text: NumberText.plain)
      #expect(axis.range.upperBound >= maximum)
      #expect((2...11).contains(axis.ticks.count), "\(maximum): \(axis.ticks.count)")
    }
  }

  @Test func `a logarithmic axis covers its range`() {
    for (least, greatest) in [(1.0, 1.0), (1, 2), (90_000, 5.1e7), (0, 10), (17, 1e12)] {
      let axis = Chart.Axis.logarithmic(least...greatest, label: "x", text: NumberText.plain)
      #expect(axis.range.lowerBound <= max(least, 1e-9) * 1.001)
      #expect(axis.range.upperBound * 1.001 >= greatest)
      #expect((1...24).contains(axis.ticks.count))
    }
  }

  @Test func `what is not finite is not drawn`() {
    let chart = Chart(
      title: "t", description: "d", x: .fromZero(to: 1, label: "x", text: NumberText.plain),
      y: .fromZero(to: 1, label: "y", text: NumberText.plain),
      lines: [.init(name: "n", style: 1, points: [(0, .nan), (0.5, 0.5), (.infinity, 1)])])
    let figure = chart.figure(id: "c")
    #expect(!figure.contains("nan") && !figure.contains("inf") && !figure.contains("–"))
  }

  @Test func `thinning keeps sums and the worst`() {
    let samples = (0..<1000).map { index in
      var sample = LoadSample(offset: .seconds(index), duration: .seconds(1))
      sample.messagesReceived = 10
      sample.maximumNanoseconds = index == 777 ? 5000 : 1
      sample.queues = QueueSample(unreadBytes: index == 500 ? 70_000 : 0, unacknowledgedBytes: 1)
      return sample
    }
    let thinned = LoadSample.thinned(samples, to: 240)
    #expect(thinned.count <= 240)
    #expect(thinned.reduce(0) { $0 + $1.messagesReceived } == 10_000)
    #expect(thinned.compactMap(\.maximumNanoseconds).max() == 5000)
    #expect(thinned.compactMap(\.queues?.unreadBytes).max() == 70_000)
  }
}
