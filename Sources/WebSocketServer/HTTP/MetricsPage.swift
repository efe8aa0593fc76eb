/// What the server has counted, as text that monitoring systems read: the exposition format of Prometheus.
enum MetricsPage {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The text; each name begins with `prefix`.
  static func text(_ statistics: ServerStatistics, prefix: String) -> String {
    var text = """
      # TYPE \(prefix)_connections_active gauge
      \(prefix)_connections_active \(statistics.activeCount)

      """
    for name in ServerMetrics.Name.allCases {
      text += counter("\(prefix)_\(name.rawValue)_total", "\(statistics[name])")
    }
    text += counter("\(prefix)_broadcasts_total", "\(statistics.broadcastCount)")
    text += counter("\(prefix)_broadcasts_dropped_total", "\(statistics.broadcastDroppedCount)")
    text += counter(
      "\(prefix)_broadcasts_compressed_total", "\(statistics.broadcastCompressionCount)")
    text += summary(
      "\(prefix)_handshake_latency_seconds", statistics.handshakeLatencySum,
      count: statistics.handshakeLatencyCount)
    text += summary(
      "\(prefix)_message_latency_seconds", statistics.messageLatencySum,
      count: statistics.messageLatencyCount)
    return text
  }

  private static func counter(_ name: String, _ value: String) -> String {
    "# TYPE \(name) counter\n\(name) \(value)\n"
  }

  private static func summary(_ name: String, _ sum: Duration, count: Int) -> String {
    "# TYPE \(name) summary\n\(name)_sum \(sum / .seconds(1))\n\(name)_count \(count)\n"
  }
}
