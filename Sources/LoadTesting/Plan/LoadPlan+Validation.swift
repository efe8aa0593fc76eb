import WebSocketProtocol

/// Why a plan cannot be played: a value that makes no sense.
public struct LoadPlanError: Error, Equatable, CustomStringConvertible {
  /// One line that names the value and what it should be.
  public let description: String
}

extension LoadPlan {
  /// The largest payload of a message: 64 MiB.
  public static let payloadByteCountLimit = 64 << 20

  /// Throws for a plan that makes no sense.
  public func validate() throws(LoadPlanError) {
    try check(connections, in: 1...1_000_000, "connections")
    try check(loops, in: 1...min(connections, 256), "loops (no more than connections)")
    try check(connectConcurrency, in: 1...1_000_000, "connect concurrency")
    try check(maximumInFlight, in: 1...(1 << 24), "messages under way per connection")
    try check(payloadByteCount, in: 0...Self.payloadByteCountLimit, "payload size")
    if let connectRate { try check(rate: connectRate, "connect rate") }
    switch workload {
    case .closedLoop(let depth): try check(depth, in: 1...65_536, "depth")
    case .openLoop(let schedule): try check(schedule)
    case .idle: break
    }
    try check(duration, from: .milliseconds(1), "duration")
    try check(warmUp, from: .zero, "warm-up")
    try check(coolDown, from: .zero, "cool-down")
    try check(drain, from: .zero, "drain")
    try check(connectTimeout, from: .milliseconds(1), "connect timeout")
    try check(connectRetryDelay ?? .zero, from: .zero, "connect retry delay")
    try check(replyTimeout, from: .milliseconds(1), "reply timeout")
    try check(busyPolling, from: .zero, to: .seconds(1), "busy polling", "1 s")
    if let trace, connections != trace.connectionCount {
      throw LoadPlanError(
        description: "connections: the trace has \(trace.connectionCount), not \(connections)")
    }
    if let compression { try check(compression) }
    _ = try Self.fields(from: fields)
    try Self.check(subprotocols: subprotocols)
    guard certificateFile != nil || privateKeyFile == nil else {
      throw LoadPlanError(description: "a private key needs its certificate")
    }
    try validateTraffic()
    try validateConnections()
    if kind == .text, case .octets(let octets) = payload,
      String(validating: octets, as: UTF8.self) == nil
    {
      throw LoadPlanError(description: "the payload is not UTF-8, which text messages must be")
    }
  }

  private func check(_ schedule: LoadSchedule) throws(LoadPlanError) {
    var isIdle = true
    for stretch in schedule.stretches {
      for rate in [stretch.startRate, stretch.endRate] where rate != 0 {
        try check(rate: rate, "rate")
        isIdle = false
      }
      if let duration = stretch.duration {
        try check(duration, from: .milliseconds(1), "a stretch of the schedule")
      }
    }
    guard !isIdle else {
      throw LoadPlanError(description: "rate: no message is ever due at 0 per second")
    }
    guard schedule.stretches.dropLast().allSatisfy({ $0.duration != nil }) else {
      throw LoadPlanError(description: "only a schedule's last stretch may have no duration")
    }
    if let total = schedule.totalDuration, schedule.stretches.count > 1, total > duration {
      throw LoadPlanError(
        description: "the schedule takes \(total), and measuring only \(duration)")
    }
    if case .bursts(let count) = schedule.arrivals { try check(count, in: 1...(1 << 24), "burst") }
  }

  private func check(_ compression: Compression) throws(LoadPlanError) {
    try check(compression.level, in: 0...9, "compression level")
    if let bits = compression.serverMaxWindowBits {
      try check(bits, in: 8...15, "server_max_window_bits")
    }
    if let bits = compression.clientMaxWindowBits {
      try check(bits, in: 8...15, "client_max_window_bits")
    }
  }

  func check(
    _ value: Int, in range: ClosedRange<Int>, _ name: String
  ) throws(LoadPlanError) {
    guard range.contains(value) else {
      throw LoadPlanError(
        description:
          "\(name): \(value) is not between \(range.lowerBound) and \(range.upperBound)")
    }
  }

  private func check(rate: Double, _ name: String) throws(LoadPlanError) {
    // One in thirty years, and one in a nanosecond.
    guard (1e-9...1e9).contains(rate) else {
      throw LoadPlanError(
        description: "\(name): \(rate) per second is not between 0.000000001 and 1000000000")
    }
  }

  func check(
    _ value: Duration, from least: Duration, to most: Duration = .seconds(86_400 * 30),
    _ name: String, _ words: String = "30 days"
  ) throws(LoadPlanError) {
    guard value >= least, value <= most else {
      throw LoadPlanError(description: "\(name): \(value) is not between \(least) and \(words)")
    }
  }
}
