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

  @Test func `a line is interrupted where nothing was played, and short remnants are not drawn`() {
    func sample(at second: Double, lasting seconds: Double) -> LoadSample {
      var sample = LoadSample(offset: .seconds(second), duration: .seconds(seconds))
      sample.messagesReceived = 10
      return sample
    }
    var load = LoadResults(
      name: "echo", scenario: LoadScenario(mode: .closedLoop, connections: 1, payloadByteCount: 1),
      target: LoadTarget(url: "ws://127.0.0.1:9001"))
    load.series = [
      sample(at: 0, lasting: 1), sample(at: 1, lasting: 1), sample(at: 2, lasting: 0.01),
      sample(at: 5, lasting: 1),
    ]
    let charts = LoadCharts(load: load, id: "l")
    #expect(charts.samples.map(\.seconds) == [0.5, 1.5, 5.5])
    let points = charts.points { $0.messagesPerSecond }
    #expect(points.map(\.y.isNaN) == [false, false, true, false])
    #expect(charts.figures.matches(of: /<path class="line s1" d="M[^"L]*L[^"L]*"/).count == 1)
    #expect(charts.figures.matches(of: /<path class="line s1" d="M[^"L]*h2"/).count == 1)
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
