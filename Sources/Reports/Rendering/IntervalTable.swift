/// What happened in each interval of load runs, as CSV (RFC 4180): a line for each interval.
enum IntervalTable {
  private static let header = [
    "scenario", "phase", "offset_s", "duration_s", "open_connections", "messages_sent",
    "messages_received", "messages_per_s", "payload_bytes_received", "errors", "p50_ns", "p90_ns",
    "p99_ns", "max_ns", "generator_cpu_ns", "server_cpu_ns", "server_resident_bytes",
    "server_descriptors", "server_threads", "server_voluntary_switches",
    "server_involuntary_switches", "kernel_socket_bytes", "kernel_retransmits",
    "kernel_listen_overflows", "generator_unread_bytes", "generator_unacknowledged_bytes",
  ]

  /// The document.
  static func text(for run: Run) -> String {
    CSVText.text(
      [header]
        + run.load.flatMap { load in
          load.series.map { row($0, of: load) }
        })
  }

  private static func row(_ sample: LoadSample, of load: LoadResults) -> [String] {
    let middle = sample.offsetNanoseconds &+ sample.durationNanoseconds / 2
    let phase = load.phases.last { $0.startNanoseconds <= middle }?.name ?? ""
    let times = [
      sample.p50Nanoseconds, sample.p90Nanoseconds, sample.p99Nanoseconds,
      sample.maximumNanoseconds, sample.generatorCPUNanoseconds,
    ]
    return [
      load.name, phase, seconds(sample.offsetNanoseconds), seconds(sample.durationNanoseconds),
      "\(sample.openConnections)", "\(sample.messagesSent)", "\(sample.messagesReceived)",
      NumberText.fixed(sample.messagesPerSecond, 1), "\(sample.payloadBytesReceived)",
      "\(sample.errors)",
    ] + times.map { $0.map { "\($0)" } ?? "" } + resources(of: sample)
  }

  private static func resources(of sample: LoadSample) -> [String] {
    let server = sample.server
    let kernel = sample.kernel
    let numbers = [
      server.map { Int($0.cpuNanoseconds) }, server?.residentBytes, server?.descriptors,
      server?.threads, server?.voluntarySwitches, server?.involuntarySwitches,
      kernel?.socketBytes, kernel?.retransmits, kernel?.listenOverflows,
      sample.queues?.unreadBytes, sample.queues?.unacknowledgedBytes,
    ]
    return numbers.map { $0.map { "\($0)" } ?? "" }
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    NumberText.fixed(Double(nanoseconds) / 1e9, 6)
  }
}
