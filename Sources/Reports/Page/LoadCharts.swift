import Histogram

#if canImport(Glibc)
  import Glibc
#endif

/// The drawings of a load run.
struct LoadCharts {
  let load: LoadResults
  /// A prefix for element identifiers that is unique in the page.
  let id: String
  /// The intervals to draw, without those that are too short to tell anything, such as that of a drain.
  let samples: [LoadSample]

  init(load: LoadResults, id: String) {
    self.load = load
    self.id = id
    let longest = load.series.map(\.durationNanoseconds).max() ?? 0
    samples = LoadSample.thinned(
      load.series.filter { $0.durationNanoseconds >= longest / 10 }, to: 240)
  }

  /// The figures for which there are data.
  var figures: String {
    ([throughput, percentilesOverTime] + resourceFigures + [latencyCurve, setUpCurve])
      .compactMap { $0 }.joined(separator: "\n")
  }

  /// What a line goes through: a point for each interval, with a gap where nothing was played between two.
  func points(_ value: (LoadSample) -> Double?) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    var end = Double.infinity
    for sample in samples {
      guard let y = value(sample) else { continue }
      let half = Double(sample.durationNanoseconds) / 2e9
      if sample.seconds - half > end + half { points.append((sample.seconds, .nan)) }
      points.append((sample.seconds, y))
      end = sample.seconds + half
    }
    return points
  }

  private var throughput: String? {
    guard samples.count > 1 else { return nil }
    let points = points { $0.messagesPerSecond }
    let maximum = samples.map(\.messagesPerSecond).max() ?? 0
    let chart = Chart(
      title: "Throughput over time",
      description: "Messages received per second; at most \(NumberText.count(maximum)), in the "
        + "measuring phase \(NumberText.count(load.messagesPerSecond)) on average.",
      x: timeAxis,
      y: .fromZero(to: maximum, label: "messages/s", text: NumberText.plainCount),
      lines: [Chart.Line(name: "messages/s", style: 1, points: points, isFilled: true)],
      bands: bands)
    return chart.figure(id: "\(id)-rate")
  }

  private var percentilesOverTime: String? {
    let lines: [Chart.Line] = [
      line("p50", 1, \.p50Nanoseconds), line("p90", 2, \.p90Nanoseconds),
      line("p99", 3, \.p99Nanoseconds), line("max", 4, \.maximumNanoseconds),
    ].filter { $0.points.count > 1 }
    guard !lines.isEmpty else { return nil }
    let chart = Chart(
      title: "Latency over time",
      description: "Percentiles of each interval: " + lines.map(\.name).joined(separator: ", "),
      x: timeAxis, y: latencyAxis(lines), lines: lines, bands: bands)
    return chart.figure(id: "\(id)-latency")
  }

  private var latencyCurve: String? {
    percentileCurve(load.latencies, title: "Latency by percentile", id: "\(id)-curve")
  }

  private var setUpCurve: String? {
    percentileCurve(load.setUp, title: "Connection set-up by percentile", id: "\(id)-setup")
  }

  private func percentileCurve(_ records: [LatencyRecord], title: String, id: String) -> String? {
    var lines: [Chart.Line] = []
    for (position, record) in records.prefix(4).enumerated() {
      guard let histogram = try? record.histogram.histogram(), histogram.totalCount > 1 else {
        continue
      }
      lines.append(
        Chart.Line(name: record.name, style: position + 1, points: Self.curve(histogram)))
    }
    guard !lines.isEmpty else { return nil }
    let end = max(10, lines.compactMap(\.points.last?.x).max() ?? 10)
    let ticks =
      [(1.0, "0"), (2, "50"), (10, "90"), (100, "99"), (1e3, "99.9"), (1e4, "99.99")]
      + [(1e5, "99.999"), (1e6, "99.9999")]
    let chart = Chart(
      title: title,
      description: "Percentile on a scale of 1 ÷ (1 − p), so that the tail has room: "
        + lines.map(\.name).joined(separator: ", "),
      x: Chart.Axis(
        label: "percentile", range: 1...end, scale: .logarithmic,
        ticks: ticks.filter { $0.0 <= end }),
      y: latencyAxis(lines), lines: lines)
    return chart.figure(id: id)
  }

  /// Up to 160 points, evenly spaced on the scale of 1 ÷ (1 − p).
  private static func curve(_ histogram: Histogram<UInt64>) -> [(x: Double, y: Double)] {
    let total = Double(histogram.totalCount)
    let decades = log10(total)
    var wanted = (0...160).map { pow(10, decades * Double($0) / 160) }[...]
    var points: [(x: Double, y: Double)] = []
    var cumulated = 0.0
    for entry in histogram.recordedValues() {
      cumulated += Double(entry.count)
      while let next = wanted.first, cumulated >= total * (1 - 1 / next) - 0.5 / total {
        points.append((next, Double(entry.value)))
        wanted = wanted.dropFirst()
      }
    }
    return points
  }

  private func line(
    _ name: String, _ style: Int, _ value: KeyPath<LoadSample, Int64?>
  ) -> Chart.Line {
    Chart.Line(
      name: name, style: style,
      points: points { $0[keyPath: value].map(Double.init) })
  }

  var timeAxis: Chart.Axis {
    let ends = samples.map { (Double($0.offsetNanoseconds) + Double($0.durationNanoseconds)) / 1e9 }
    var axis = Chart.Axis.fromZero(to: ends.max() ?? 1, label: "seconds", text: NumberText.plain)
    axis.range = 0...max(ends.max() ?? 1, 1e-9)
    axis.ticks.removeAll { !axis.range.contains($0.value) }
    return axis
  }

  /// Logarithmic as soon as the slow ones would flatten the rest.
  private func latencyAxis(_ lines: [Chart.Line]) -> Chart.Axis {
    let values = lines.flatMap(\.points).map(\.y).filter { $0 > 0 }
    let least = values.min() ?? 1
    let greatest = values.max() ?? 1
    let text = NumberText.plainDuration
    return greatest > least * 15
      ? .logarithmic(least...greatest, label: "latency", text: text)
      : .fromZero(to: greatest, label: "latency", text: text)
  }

  var bands: [Chart.Band] {
    load.phases.filter { !$0.isMeasured }.map { phase in
      let start = Double(phase.startNanoseconds) / 1e9
      return Chart.Band(
        label: phase.name, range: start...start + max(0, Double(phase.durationNanoseconds) / 1e9))
    }
  }
}

extension LoadSample {
  /// The middle of the interval, in seconds from the start.
  var seconds: Double { (Double(offsetNanoseconds) + Double(durationNanoseconds) / 2) / 1e9 }

  /// Neighbours joined until there are few enough to draw: counts add up, and of percentiles the
  /// worst stays, so that no spike is lost.
  static func thinned(_ samples: [LoadSample], to limit: Int) -> [LoadSample] {
    let factor = (samples.count + limit - 1) / limit
    guard factor > 1 else { return samples }
    return stride(from: 0, to: samples.count, by: factor).map { start in
      var joined = samples[start]
      for sample in samples[(start + 1)..<min(start + factor, samples.count)] {
        joined.durationNanoseconds =
          [joined.durationNanoseconds, sample.durationNanoseconds].clampedSum
        joined.openConnections = sample.openConnections
        joined.addTraffic(of: sample)
        joined.addResources(of: sample)
      }
      return joined
    }
  }
}

extension NumberText {
  /// As few digits as the value needs, for axes.
  static func plain(_ value: Double) -> String {
    var text = fixed(value, 3)
    while text.hasSuffix("0") { text.removeLast() }
    return text.removingSuffix(".")
  }

  /// A count with a decimal unit and as few digits as it needs, for axes.
  static func plainCount(_ value: Double) -> String {
    switch value {
    case ..<10_000: plain(value)
    case ..<1e6: "\(plain(value / 1e3)) k"
    case ..<1e9: "\(plain(value / 1e6)) M"
    default: "\(plain(value / 1e9)) G"
    }
  }

  /// A duration with as few digits as it needs, for axes.
  static func plainDuration(nanoseconds: Double) -> String {
    switch nanoseconds.magnitude {
    case 0: "0"
    case ..<1e3: "\(plain(nanoseconds)) ns"
    case ..<1e6: "\(plain(nanoseconds / 1e3)) µs"
    case ..<1e9: "\(plain(nanoseconds / 1e6)) ms"
    default: "\(plain(nanoseconds / 1e9)) s"
    }
  }
}
