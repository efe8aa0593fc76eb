#if canImport(Glibc)
  import Glibc
#endif
import Transport
import WebSocketProtocol

extension ServerConfiguration {
  /// The number of loops to start.
  var effectiveLoopCount: Int {
    loopCount ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Checks every value.
  ///
  /// - Throws: ``ServerError``, which says which value is out of range, and what is allowed.
  public func validate() throws(ServerError) {
    guard !listeners.isEmpty else { throw .noListeners }
    try check(loopCount ?? 1, "loop count", 1...1024)
    try check(busyPolling, "busy polling", .zero...(.seconds(1)))
    try check(limits.headByteCount, "limit of the head's octets", 256...(1 << 20))
    try check(limits.fieldCount, "limit of the head's fields", 8...10_000)
    try check(limits.framePayloadByteCount, "limit of a frame's payload", 1...Int.max)
    try check(limits.messageByteCount, "limit of a message", 1...Int.max)
    try check(limits.inflatedMessageByteCount, "limit of an inflated message", 1...Int.max)
    try check(limits.fragmentCount, "limit of fragments", 1...Int.max)
    try check(limits.queuedOutputByteCount, "limit of queued output", 1...Int.max)
    try check(limits.connectionCount, "limit of connections", 1...(1 << 24))
    try check(fragmentByteCount ?? 1, "size of fragments", 1...Int.max)
    if let heartbeat {
      let times = Duration.milliseconds(1)...(.seconds(86_400 * 30))
      try check(heartbeat.interval, "heartbeat's interval", times)
      try check(heartbeat.timeout, "heartbeat's timeout", times)
    }
    for listener in listeners {
      try check(listener.backlog, "backlog", 1...65535)
      try check(listener.receiveBufferByteCount ?? 1, "receive buffer", 1...(1 << 30))
      try check(listener.sendBufferByteCount ?? 1, "send buffer", 1...(1 << 30))
      if let keepAlive = listener.keepAlive {
        try check(keepAlive.probeCount, "number of keep-alive probes", 1...127)
        try check(keepAlive.idle, "keep-alive's idle time", .seconds(1)...(.seconds(32_767)))
        try check(keepAlive.interval, "keep-alive's interval", .seconds(1)...(.seconds(32_767)))
      }
    }
    if let watchdog {
      try check(watchdog.interval, "watchdog's interval", .milliseconds(1)...(.seconds(86_400)))
      try check(watchdog.attemptCount ?? 1, "watchdog's number of attempts", 1...Int.max)
    }
    if let compression {
      try check(compression.level, "compression level", 1...9)
      try check(compression.memoryLevel, "compression memory level", 1...9)
      try check(compression.threshold, "compression threshold", 0...Int.max)
      try check(compression.serverMaxWindowBits, "server's window bits", 8...15)
      try check(compression.clientMaxWindowBits, "client's window bits", 8...15)
    }
  }

  private func check(
    _ value: Duration, _ name: String, _ allowed: ClosedRange<Duration>
  ) throws(ServerError) {
    guard allowed.contains(value) else {
      throw .invalidConfiguration(
        "the \(name) is \(value); allowed is \(allowed.lowerBound) to \(allowed.upperBound)")
    }
  }

  private func check(
    _ value: Int, _ name: String, _ allowed: ClosedRange<Int>
  ) throws(ServerError) {
    guard allowed.contains(value) else {
      let upper = allowed.upperBound == .max ? "" : " to \(allowed.upperBound)"
      throw .invalidConfiguration(
        "the \(name) is \(value); allowed is \(allowed.lowerBound)\(upper.isEmpty ? " or more" : upper)"
      )
    }
  }
}
