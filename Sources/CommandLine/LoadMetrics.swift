import FoundationEssentials
import HTTP
import LoadTesting
import Reports
import Synchronization
import Transport
import WebSocketServer

/// How a run stands, for monitoring systems: OpenMetrics on a port of its own.
final class LoadMetrics: Sendable {
  private struct State {
    var last: LoadProgress?
    var sent = 0
    var received = 0
    var late: UInt64 = 0
    var generatorNanoseconds: Int64 = 0
    var serverNanoseconds: Int64 = 0
  }

  private let state = Mutex(State())

  /// Takes one second's progress.
  func note(_ progress: LoadProgress) {
    state.withLock { state in
      state.last = progress
      guard let interval = progress.interval else { return }
      state.sent += interval.messagesSent
      state.received += interval.messagesReceived
      state.late += progress.lateMessages
      state.generatorNanoseconds += interval.generatorCPUNanoseconds ?? 0
      state.serverNanoseconds += interval.server?.cpuNanoseconds ?? 0
    }
  }

  /// Listens; says where on standard error.
  ///
  /// - Returns: The server, to be shut down at the end.
  func listen(on place: String) throws -> WebSocketServer {
    let address = try orWrongUse("--metrics-listen") { try SocketAddress(parsing: place) }
    var configuration = ServerConfiguration(listeners: [ListenerConfiguration(address: address)])
    configuration.loopCount = 1
    configuration.http.screen = { request in
      request.target.path == "/metrics" && request.fields[.upgrade] == nil
        ? .proceed : .respond(.text("see /metrics", status: .notFound))
    }
    configuration.http.get("/metrics") { [self] _ in
      ServerResponse(
        fields: [.contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8"],
        body: .octets(Array(text().utf8)))
    }
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    try orCouldNotRun { try server.start() }
    for address in server.addresses {
      printToStandardError("gauntlet: metrics at http://\(address)/metrics")
    }
    return server
  }

  /// The exposition; it ends in `# EOF`.
  func text() -> String {
    let state = state.withLock { $0 }
    var output = ""
    func family(_ name: String, _ kind: String, _ help: String, _ samples: [(String, Double)]) {
      guard !samples.isEmpty else { return }
      output += "# TYPE \(name) \(kind)\n# HELP \(name) \(help)\n"
      for (suffix, value) in samples { output += "\(name)\(suffix) \(value)\n" }
    }
    let last = state.last
    let interval = last?.interval
    let phase = last?.phase ?? .connecting
    family(
      "gauntlet_load_phase", "stateset", "What the run is doing.",
      RunPhase.allCases.map {
        ("{gauntlet_load_phase=\"\($0.rawValue)\"}", $0 == phase ? 1 : 0)
      })
    family(
      "gauntlet_load_open_connections", "gauge", "Connections that are open.",
      [("", Double(last?.openConnections ?? 0))])
    family(
      "gauntlet_load_planned_connections", "gauge", "Connections that the plan asks for.",
      [("", Double(last?.plannedConnections ?? 0))])
    family(
      "gauntlet_load_messages_per_second", "gauge", "Replies per second in the last interval.",
      [("", last?.messagesPerSecond ?? 0)])
    family(
      "gauntlet_load_sent", "counter", "Messages sent.", [("_total", Double(state.sent))])
    family(
      "gauntlet_load_received", "counter", "Replies.", [("_total", Double(state.received))])
    family(
      "gauntlet_load_errors", "counter", "Faults, failed connections included.",
      [("_total", Double(last?.errors ?? 0))])
    family(
      "gauntlet_load_late", "counter",
      "Messages that went out more than a millisecond after they were due.",
      [("_total", Double(state.late))])
    let quantiles = [
      ("0.5", interval?.p50Nanoseconds), ("0.9", interval?.p90Nanoseconds),
      ("0.99", interval?.p99Nanoseconds), ("1", interval?.maximumNanoseconds),
    ]
    family(
      "gauntlet_load_latency_seconds", "gauge", "Latency in the last interval, by quantile.",
      quantiles.compactMap { quantile, value in
        value.map { ("{quantile=\"\(quantile)\"}", Double($0) / 1e9) }
      })
    family(
      "gauntlet_load_generator_cpu_seconds", "counter", "Processor time of the generator.",
      [("_total", Double(state.generatorNanoseconds) / 1e9)])
    if let server = interval?.server {
      family(
        "gauntlet_load_server_cpu_seconds", "counter", "Processor time of the server.",
        [("_total", Double(state.serverNanoseconds) / 1e9)])
      family(
        "gauntlet_load_server_resident_bytes", "gauge", "Resident memory of the server.",
        [("", Double(server.residentBytes))])
    }
    return output + "# EOF\n"
  }
}

/// JSON Lines of a run that goes on: an object for each interval.
enum LoadLines {
  private struct Line: Encodable {
    var type = "interval"
    var phase: String
    var messagesPerSecond: Double
    var lateMessages: UInt64
    var interval: LoadSample
  }

  /// The line for one second's progress; nil while connecting.
  static func line(_ progress: LoadProgress) -> String? {
    guard let interval = progress.interval else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = Line(
      phase: progress.phase.reportName, messagesPerSecond: progress.messagesPerSecond,
      lateMessages: progress.lateMessages, interval: interval)
    return (try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) + "\n" }
  }
}

private func orWrongUse<Value>(_ flag: String, _ work: () throws -> Value) throws -> Value {
  do {
    return try work()
  } catch {
    throw wrongUse("\(flag): \(error)")
  }
}
