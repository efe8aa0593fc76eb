import CoreMetrics
import Transport

/// Tells swift-metrics what the server counts, once a second, and each latency as it is measured.
///
/// Only on the first loop, but for the latencies.
final class ServerMetrics: Sendable {
  /// Names of the metrics: the prefix and one of these.
  enum Name: String, CaseIterable {
    case accepted = "connections_accepted"
    case turnedAway = "connections_turned_away"
    case opened = "websockets_opened"
    case closed = "websockets_closed"
    case refused = "requests_refused"
    case violations = "errors_protocol"
    case timeouts = "errors_timeout"
    case transportErrors = "errors_transport"
    case handlerErrors = "errors_handler"
    case acceptErrors = "errors_accept"
    case receivedMessages = "messages_received"
    case sentMessages = "messages_sent"
    case receivedBytes = "bytes_received"
    case sentBytes = "bytes_sent"
  }

  private let handshakeLatency: Timer
  private let messageLatency: Timer
  private let active: Gauge
  private let counters: [Counter]

  init(prefix: String) {
    handshakeLatency = Timer(label: "\(prefix)_handshake_latency")
    messageLatency = Timer(label: "\(prefix)_message_latency")
    active = Gauge(label: "\(prefix)_connections_active")
    counters = Name.allCases.map { Counter(label: "\(prefix)_\($0.rawValue)") }
  }

  func record(handshakeNanoseconds nanoseconds: Int64) {
    handshakeLatency.recordNanoseconds(nanoseconds)
  }

  func record(messageNanoseconds nanoseconds: Int64) {
    messageLatency.recordNanoseconds(nanoseconds)
  }

  /// Reports what has been counted since `before`.
  func report(_ now: ServerStatistics, since before: ServerStatistics) {
    active.record(now.activeCount)
    for (name, counter) in zip(Name.allCases, counters) {
      let difference = now[name] - before[name]
      if difference > 0 { counter.increment(by: difference) }
    }
  }

  /// Reports every second on `loop`, from now to its end.
  func begin(on loop: EventLoop, for context: ServerContext, since before: ServerStatistics) {
    loop.schedule(after: .seconds(1)) { [weak self] in
      let now = context.snapshot()
      self?.report(now, since: before)
      self?.begin(on: loop, for: context, since: now)
    }
  }
}

extension ServerStatistics {
  subscript(name: ServerMetrics.Name) -> Int {
    switch name {
    case .accepted: acceptedCount
    case .turnedAway: turnedAwayCount
    case .opened: openedCount
    case .closed: closedCount
    case .refused: refusedCount
    case .violations: violationCount
    case .timeouts: timeoutCount
    case .transportErrors: transportErrorCount
    case .handlerErrors: handlerErrorCount
    case .acceptErrors: acceptErrorCount
    case .receivedMessages: receivedMessageCount
    case .sentMessages: sentMessageCount
    case .receivedBytes: receivedByteCount
    case .sentBytes: sentByteCount
    }
  }
}
