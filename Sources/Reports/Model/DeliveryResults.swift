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
  /// Of a part of a run, which does not know what others published: all that the whole is reckoned from.
  public var channels: [ChannelDeliveries]?

  /// Creates an account of nothing; its numbers are variables to be filled in.
  public init(publishers: Int, subscribers: Int) {
    self.publishers = publishers
    self.subscribers = subscribers
  }

  /// The account of channels, to all of which what was published on them is known.
  public init(publishers: Int, of channels: [ChannelDeliveries]) {
    self.init(publishers: publishers, subscribers: channels.map(\.subscriberCount).clampedSum)
    published = channels.map(\.published).clampedSum
    var shares: [(share: Double, subscribers: Int)] = []
    for channel in channels {
      for group in channel.subscribers {
        let came = min(group.received, channel.published)
        expected = [expected, channel.published.clampedProduct(group.subscribers)].clampedSum
        received = [received, came.clampedProduct(group.subscribers)].clampedSum
        guard channel.published > 0, group.subscribers > 0 else { continue }
        shares.append((Double(came) / Double(channel.published), group.subscribers))
      }
    }
    spread(shares.sorted { $0.share < $1.share })
  }

  /// The account of a part of a run: what should have come is not known.
  public init(publishers: Int, ofPart channels: [ChannelDeliveries]) {
    self.init(publishers: publishers, subscribers: channels.map(\.subscriberCount).clampedSum)
    published = channels.map(\.published).clampedSum
    received =
      channels.flatMap(\.subscribers).map { $0.received.clampedProduct($0.subscribers) }.clampedSum
    self.channels = channels
  }

  /// Says how much the subscribers' shares differ, which ascend.
  private mutating func spread(_ shares: [(share: Double, subscribers: Int)]) {
    let count = shares.map(\.subscribers).clampedSum
    guard let least = shares.first, let greatest = shares.last, count > 0 else { return }
    (leastShare, greatestShare) = (least.share, greatest.share)
    var below = 0
    medianShare =
      shares.first {
        below = [below, $0.subscribers].clampedSum
        return below > count / 2
      }?.share
    func average(_ value: (Double) -> Double) -> Double {
      shares.reduce(0) { $0 + value($1.share) * Double($1.subscribers) } / Double(count)
    }
    let mean = average { $0 }
    let variance = average { ($0 - mean) * ($0 - mean) }
    variation = mean > 0 ? variance.squareRoot() / mean : 0
  }

  /// Deliveries that did not come.
  public var missing: Int { max(0, expected.clampedDifference(received)) }

  /// What came, as a share of what should have come, 0 to 1; nil if nothing should.
  public var reach: Double? { expected > 0 ? Double(received) / Double(expected) : nil }
}

/// What was published on a channel of a fan-out, and what came of it.
public struct ChannelDeliveries: Codable, Equatable, Sendable {
  /// Subscribers to whom equally much came.
  public struct Subscribers: Codable, Equatable, Sendable {
    /// Different messages that came to each of them.
    public var received: Int
    /// How many they are.
    public var subscribers: Int

    /// So many subscribers to whom so much came.
    public init(received: Int, subscribers: Int) {
      self.received = received
      self.subscribers = subscribers
    }
  }

  /// Which channel, from 0 on.
  public var channel: Int
  /// Messages published on it.
  public var published: Int
  /// Its subscribers, by what came to them.
  public var subscribers: [Subscribers]

  /// What came of a channel.
  public init(channel: Int, published: Int, subscribers: [Subscribers]) {
    self.channel = channel
    self.published = published
    self.subscribers = subscribers
  }

  /// How many subscribed to it.
  public var subscriberCount: Int { subscribers.map(\.subscribers).clampedSum }
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
    guard delivery.channels == nil else {
      return [
        Fact(
          "deliveries",
          "\(NumberText.grouped(delivery.received)) to \(NumberText.grouped(delivery.subscribers)) "
            + "subscribers, and \(NumberText.grouped(delivery.published)) messages published, in this "
            + "part; reach is that of all parts, merged")
      ]
    }
    return [
      Fact("reach", "\(percent(delivery.reach)): \(counts)"),
      Fact(
        "fairness",
        "a subscriber received \(percent(delivery.leastShare)) to \(percent(delivery.greatestShare))"
          + (delivery.medianShare.map { ", median \(percent($0))" } ?? "")
          + (delivery.variation.map { ", coefficient of variation \(NumberText.fixed($0, 4))" }
            ?? "")),
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
