internal import Histogram

/// What an objective can be about, and what runs are compared by.
public enum LoadMetric: Equatable, Sendable {
  /// A percentile of the latency that counts, or of the time to set a connection up; of all messages that were
  /// planned, of which those that were never answered are the slowest.
  case percentile(Double, ofSetUp: Bool)
  /// The mean of the latency that counts.
  case mean
  /// The greatest latency.
  case maximum
  /// Errors of any kind; as a share of the messages that were planned, or as a count.
  case errors(asShare: Bool)
  /// The messages that came back, as a share of those that were planned.
  case reach
  /// Messages received per second.
  case rate
  /// Connections that were established, as a share of those that were begun.
  case connected
  /// The server's processor time for each message received, when its process was observed.
  case serverCPU

  /// The metric of a name; nil if there is none.
  init?(_ name: String, isShare: Bool) {
    switch name {
    case "mean": self = .mean
    case "max": self = .maximum
    case "errors": self = .errors(asShare: isShare)
    case "reach": self = .reach
    case "rate": self = .rate
    case "connected": self = .connected
    case "cpu": self = .serverCPU
    default:
      let ofSetUp = name.hasPrefix("connect-")
      let percentile = ofSetUp ? name.dropFirst("connect-".count) : name[...]
      guard percentile.first == "p", let value = Double(percentile.dropFirst()),
        value > 0, value <= 100
      else { return nil }
      self = .percentile(value, ofSetUp: ofSetUp)
    }
  }

  /// The metric of a name; nil if there is none.
  public init?(_ name: String) {
    self.init(name, isShare: false)
  }

  /// The names of all metrics, for messages.
  public static let namesInWords =
    "p50, p99, p99.9 and so on, connect-p99 and so on, mean, max, errors, reach, rate, connected, cpu"

  /// The metric's name, as objectives have it.
  public var name: String {
    switch self {
    case .percentile(let percentile, let ofSetUp):
      (ofSetUp ? "connect-p" : "p")
        + (percentile == percentile.rounded() ? "\(Int(percentile))" : "\(percentile)")
    case .mean: "mean"
    case .maximum: "max"
    case .errors: "errors"
    case .reach: "reach"
    case .rate: "rate"
    case .connected: "connected"
    case .serverCPU: "cpu"
    }
  }

  /// Whether it is good for it to be great.
  public var isBetterWhenGreater: Bool {
    switch self {
    case .reach, .rate, .connected: true
    case .percentile, .mean, .maximum, .errors, .serverCPU: false
    }
  }

  /// What the bound's number is multiplied by; nil where the unit does not fit.
  func factor(ofUnit unit: String) -> Double? {
    switch self {
    case .percentile, .mean, .maximum, .serverCPU:
      ["ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9][unit]
    case .errors(let asShare): unit == (asShare ? "%" : "") ? 1 : nil
    case .reach, .connected: unit == "%" ? 1 : nil
    case .rate: unit.isEmpty || unit == "/s" ? 1 : nil
    }
  }

  var unitInWords: String {
    switch self {
    case .percentile, .mean, .maximum, .serverCPU: "a time: ns, us, ms or s"
    case .errors: "a count without a unit, or a share in %"
    case .reach, .connected: "a share in %"
    case .rate: "a number of messages per second"
    }
  }

  /// What was measured; nil if nothing was.
  func value(in results: LoadResults) -> Double? {
    switch self {
    case .percentile(let percentile, let ofSetUp):
      let record =
        ofSetUp ? results.setUp.first { $0.name == "total" } : results.latencies.first
      guard let record, record.histogram.count > 0 else { return nil }
      let percentile = ofSetUp ? percentile : percentile / (results.answeredShare ?? 1)
      guard percentile <= 100 else { return .infinity }
      if let stored = record.histogram.nanoseconds(at: percentile) { return Double(stored) }
      return (try? record.histogram.histogram()).map { Double($0.valueAtPercentile(percentile)) }
    case .mean: return latency(in: results)?.meanNanoseconds
    case .maximum: return latency(in: results).map { Double($0.maximumNanoseconds) }
    case .errors(false): return Double(results.errorCount)
    case .errors(true): return share(of: results.errorCount, in: results.plannedMessages)
    case .reach: return results.answeredShare.map { 100 * $0 }
    case .rate: return results.measuredSeconds > 0 ? results.rate : nil
    case .connected:
      return share(
        of: results.totals.connectionsEstablished, in: results.totals.connectionsAttempted)
    case .serverCPU:
      // Nobody answers for nothing: it was another process, such as a shell, that was observed.
      return results.serverNanosecondsPerMessage.flatMap { $0 > 0 ? $0 : nil }
    }
  }

  /// A measured value with its unit.
  func words(_ value: Double) -> String {
    switch self {
    case .percentile where value == .infinity: "too few were answered"
    case .percentile, .mean, .maximum, .serverCPU: NumberText.duration(nanoseconds: value)
    case .errors(false): NumberText.grouped(value)
    case .errors(true), .reach, .connected: "\(NumberText.fixed(value, 3)) %"
    case .rate: "\(NumberText.grouped(value))/s"
    }
  }

  private func latency(in results: LoadResults) -> StoredHistogram? {
    results.latencies.first.map(\.histogram).flatMap { $0.count > 0 ? $0 : nil }
  }

  private func share(of part: Int, in whole: Int) -> Double? {
    whole > 0 ? 100 * Double(part) / Double(whole) : nil
  }
}

extension LoadResults {
  /// Messages that should have been sent in the whole run, as errors are counted, sent or not.
  var plannedMessages: Int {
    let sent = max(totals.messagesSent, series.map(\.messagesSent).clampedSum)
    return [sent, count(of: .unsent)].clampedSum
  }

  /// The share of the messages planned that were answered, or of the deliveries of a fan-out that came, 0 to 1; nil
  /// where nothing was planned, or where it is not known.
  var answeredShare: Double? {
    if let delivery { return delivery.reach }
    guard plannedMessages > 0 else { return nil }
    let missing = [count(of: .lost), count(of: .unsent)].clampedSum
    return Double(max(0, plannedMessages.clampedDifference(missing))) / Double(plannedMessages)
  }

  private func count(of kind: ErrorCount.Kind) -> Int {
    errors.filter { $0.kind == kind }.map(\.count).clampedSum
  }
}
