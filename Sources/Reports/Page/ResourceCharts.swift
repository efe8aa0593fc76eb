/// What server, generator and kernel used, on the time axis of throughput and latency.
extension LoadCharts {
  /// The figures for which there are data, else nothing.
  var resourceFigures: [String?] {
    guard samples.count > 1, samples.contains(where: { $0.server != nil || $0.kernel != nil })
    else { return [] }
    return [
      processors, memory, switches, queues, troubles,
    ]
  }

  /// Only where something lay in them: in most runs all is taken at once.
  private var queues: String? {
    guard
      samples.contains(where: {
        ($0.queues?.unreadBytes ?? 0) + ($0.queues?.unacknowledgedBytes ?? 0) > 65_536
      })
    else { return nil }
    return figure(
      "Queues of the generator's sockets in MiB", id: "queues", label: "MiB",
      text: NumberText.plain,
      [
        ("not read by the generator", { $0.queues.map { Double($0.unreadBytes) / 1_048_576 } }),
        (
          "not taken by the server's kernel",
          { $0.queues.map { Double($0.unacknowledgedBytes) / 1_048_576 } }
        ),
      ])
  }

  private var processors: String? {
    figure(
      "Processors in use", id: "cpu", label: "processors", text: NumberText.plain,
      [
        ("server", { sample in sample.server.map { Double($0.cpuNanoseconds) / sample.length } }),
        (
          "generator",
          { sample in sample.generatorCPUNanoseconds.map { Double($0) / sample.length } }
        ),
      ])
  }

  private var memory: String? {
    figure(
      "Memory in MiB", id: "memory", label: "MiB", text: NumberText.plain,
      [
        ("server, resident", { $0.server.map { Double($0.residentBytes) / 1_048_576 } }),
        ("sockets, in the kernel", { $0.kernel.map { Double($0.socketBytes) / 1_048_576 } }),
      ])
  }

  private var switches: String? {
    figure(
      "Context switches of the server per second", id: "switches", label: "per second",
      text: NumberText.plainCount,
      [
        ("waited", { $0.perSecond($0.server?.voluntarySwitches) }),
        ("lost its processor", { $0.perSecond($0.server?.involuntarySwitches) }),
      ])
  }

  /// Only where there was any trouble.
  private var troubles: String? {
    guard
      samples.contains(where: {
        ($0.kernel?.retransmits ?? 0) + ($0.kernel?.listenOverflows ?? 0) > 0
      })
    else { return nil }
    return figure(
      "Trouble in the kernel's TCP per second", id: "trouble", label: "per second",
      text: NumberText.plainCount,
      [
        ("segments sent again", { $0.perSecond($0.kernel?.retransmits) }),
        ("listener's queue full", { $0.perSecond($0.kernel?.listenOverflows) }),
      ])
  }

  private func figure(
    _ title: String, id name: String, label: String, text: (Double) -> String,
    _ lines: [(String, (LoadSample) -> Double?)]
  ) -> String? {
    var drawn: [Chart.Line] = []
    for (index, line) in lines.enumerated() {
      let points = points(line.1)
      if points.count > 1 {
        drawn.append(Chart.Line(name: line.0, style: index + 1, points: points))
      }
    }
    guard !drawn.isEmpty else { return nil }
    let greatest = drawn.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 1
    let chart = Chart(
      title: drawn.count == 1 ? "\(title): \(drawn[0].name)" : title,
      description: "In each interval: " + drawn.map(\.name).joined(separator: ", "),
      x: timeAxis, y: .fromZero(to: max(greatest, 1e-6), label: label, text: text),
      lines: drawn, bands: bands)
    return chart.figure(id: "\(id)-\(name)")
  }
}

extension LoadSample {
  fileprivate var length: Double { Double(max(1, durationNanoseconds)) }

  fileprivate func perSecond(_ count: Int?) -> Double? { count.map { Double($0) * 1e9 / length } }

  /// Joins what the next interval used.
  mutating func addResources(of next: LoadSample) {
    if let own = generatorCPUNanoseconds, let other = next.generatorCPUNanoseconds {
      generatorCPUNanoseconds = [own, other].clampedSum
    }
    if var own = queues, let other = next.queues {
      own.unreadBytes = max(own.unreadBytes, other.unreadBytes)
      own.unacknowledgedBytes = max(own.unacknowledgedBytes, other.unacknowledgedBytes)
      queues = own
    } else {
      queues = queues ?? next.queues
    }
    if var own = server, let other = next.server {
      own.cpuNanoseconds = [own.cpuNanoseconds, other.cpuNanoseconds].clampedSum
      own.residentBytes = max(own.residentBytes, other.residentBytes)
      own.descriptors = max(own.descriptors, other.descriptors)
      own.threads = max(own.threads, other.threads)
      own.voluntarySwitches = [own.voluntarySwitches, other.voluntarySwitches].clampedSum
      own.involuntarySwitches = [own.involuntarySwitches, other.involuntarySwitches].clampedSum
      server = own
    } else {
      server = server ?? next.server
    }
    if var own = kernel, let other = next.kernel {
      own.socketBytes = max(own.socketBytes, other.socketBytes)
      own.retransmits = [own.retransmits, other.retransmits].clampedSum
      own.listenOverflows = [own.listenOverflows, other.listenOverflows].clampedSum
      kernel = own
    } else {
      kernel = kernel ?? next.kernel
    }
  }
}
