/// What was published in the measuring phase of a fan-out, and who received how much of it.
public struct DeliveryResults: Codable, Equatable, Sendable {
  /// Connections that published.
  public var publishers: Int
  /// Connections that subscribed.
  public var subscribers: Int
  /// Messages published.
  public var published = 0
  /// Messages that should have come to subscribers: each to all of its channel.
  public var expected = 0
  /// Of ``expected``, those that came.
  public var received = 0
  /// The least share of its messages, 0 to 1, that a subscriber received.
  public var leastShare: Double?
  /// The median of the subscribers' shares.
  public var medianShare: Double?
  /// The greatest of the subscribers' shares.
  public var greatestShare: Double?
  /// The standard deviation of the subscribers' shares over their mean: 0 where all received equally much.
  public var variation: Double?

  /// Creates an account of nothing; its numbers are variables to be filled in.
  public init(publishers: Int, subscribers: Int) {
    self.publishers = publishers
    self.subscribers = subscribers
  }

  /// What came, as a share of what should have come, 0 to 1; nil if nothing should.
  public var reach: Double? { expected > 0 ? Double(received) / Double(expected) : nil }
}

/// How connections came back that were dropped on purpose.
public struct ReconnectResults: Codable, Equatable, Sendable {
  /// Such as `storm at 5 s`, `churn`.
  public var name: String
  /// Connections dropped.
  public var dropped = 0
  /// Of ``dropped``, those that came back.
  public var returned = 0
  /// Attempts to come back that failed.
  public var failures = 0
  /// Messages that were under way on what was dropped.
  public var abandonedMessages = 0
  /// From the first drop to the last return, in nanoseconds; nil where not all came back, or where it went on all the time.
  public var allBackNanoseconds: Int64?
  /// How long the new connections took to be made.
  public var connect: StoredHistogram

  /// Creates an account of nothing; its numbers are variables to be filled in.
  public init(name: String, connect: StoredHistogram) {
    self.name = name
    self.connect = connect
  }
}

extension LoadResults {
  /// What the workload showed beyond rates, latencies and errors, in words.
  public var findings: [Fact] {
    let played = cases.map { [Fact("cases", $0.summary)] } ?? []
    return played + deliveryFindings + (reconnects ?? []).map(\.finding) + (observations ?? [])
      + resourceFindings
  }

  private var deliveryFindings: [Fact] {
    guard let delivery else { return [] }
    func percent(_ share: Double?) -> String {
      share.map { "\(NumberText.fixed($0 * 100, 3)) %" } ?? "–"
    }
    let counts =
      "\(NumberText.grouped(delivery.received)) of \(NumberText.grouped(delivery.expected)) deliveries "
      + "of \(NumberText.grouped(delivery.published)) messages to "
      + "\(NumberText.grouped(delivery.subscribers)) subscribers"
    return [
      Fact("reach", "\(percent(delivery.reach)): \(counts)"),
      Fact(
        "fairness",
        "a subscriber received \(percent(delivery.leastShare)) to \(percent(delivery.greatestShare)), "
          + "median \(percent(delivery.medianShare)), "
          + "coefficient of variation \(NumberText.fixed(delivery.variation ?? 0, 4))"),
    ]
  }
}

extension ReconnectResults {
  /// One line of it.
  var finding: Fact {
    var text =
      "\(NumberText.grouped(dropped)) dropped, \(NumberText.grouped(returned)) back"
    if let allBackNanoseconds {
      text += ", all within \(NumberText.duration(nanoseconds: Double(allBackNanoseconds)))"
    }
    func time(_ percentile: Double) -> String? {
      connect.nanoseconds(at: percentile).map { NumberText.duration(nanoseconds: Double($0)) }
    }
    if connect.count > 0, let p50 = time(50), let p99 = time(99) {
      text += ", connecting p50 \(p50), p99 \(p99)"
    }
    if failures > 0 { text += ", \(NumberText.grouped(failures)) attempts failed" }
    if abandonedMessages > 0 {
      text += ", \(NumberText.grouped(abandonedMessages)) messages under way when dropped"
    }
    return Fact(name, text)
  }
}
