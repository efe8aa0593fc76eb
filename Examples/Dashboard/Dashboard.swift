import HTTP
import Logging
import ServerLifecycle
import ServiceLifecycle
import Synchronization
import Transport
import UnixSignals
import WebSocketProtocol
import WebSocketServer

/// A dashboard that streams what its own server counts.
///
///     swift run dashboard 9001        then open http://127.0.0.1:9001/
///
/// A WebSocket gets a line of JSON a second, or every N ms at `/?every=N`. Its message `history` is answered
/// with all lines so far: one message, whose length nobody knows when it begins. `/history` is the same
/// over HTTP, in chunks, and `/metrics` is for Prometheus.
@main
enum Dashboard {
  private static let history = History()

  static func main() async throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap(UInt16.init) ?? 9001
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: port))])
    configuration.countsTraffic = true
    configuration.http.get("/") { _ in .html(page) }
    configuration.http.metricsPage()
    configuration.http.get("/history") { _ in
      .stream(contentType: "application/jsonl") { writer in
        for line in history.lines { try await writer.write(line) }
      }
    }
    let log = Logger(label: "dashboard")
    let server = WebSocketServer(
      configuration: configuration, handler: .asynchronous(show), logger: log
    ) {
      if case .started(let addresses) = $0 { log.notice("http://\(addresses[0])/") }
    }
    let services = ServiceGroup(
      configuration: .init(
        services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: log))
    try await services.run()
  }

  /// One viewer: a child task sends, this one listens, and the end of either is the end of both.
  private static func show(_ connection: AsyncConnection) async throws {
    let number = connection.request.target.queryValue("every").flatMap { Int($0) } ?? 1000
    let pause = Duration.milliseconds(min(max(number, 10), 60_000))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while true {
          // Waits while the viewer does not keep up, and so costs no memory.
          try await connection.send(history.add(connection.server.statistics))
          try await Task.sleep(for: pause)
        }
      }
      for try await message in connection.messages {
        guard message.text == "history" else {
          return connection.close(.policyViolation, reason: "only history can be asked for")
        }
        try await connection.send(.text, fragments: history.stream)
      }
      group.cancelAll()
    }
  }

  private static let page = """
    <!doctype html><meta charset="utf-8"><title>Dashboard</title><pre></pre><script>
    new WebSocket(location.href.replace(/^http/, 'ws')).onmessage = event =>
      document.querySelector('pre').textContent = event.data</script>
    """
}

/// The last thousand lines.
private final class History: Sendable {
  private let state = Mutex<[String]>([])

  var lines: [String] { state.withLock { $0 } }

  var stream: AsyncStream<[UInt8]> {
    AsyncStream { continuation in
      for line in lines { continuation.yield(Array(line.utf8)) }
      continuation.finish()
    }
  }

  func add(_ now: ServerStatistics) -> String {
    let line = """
      {"active": \(now.activeCount), "opened": \(now.openedCount), "sent": \(now.sentMessageCount), \
      "received": \(now.receivedMessageCount), "octets": \(now.sentByteCount)}

      """
    state.withLock { $0 = $0.suffix(999) + [line] }
    return line
  }
}
