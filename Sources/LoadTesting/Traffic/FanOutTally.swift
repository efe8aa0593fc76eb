import Reports

/// What was published in the measuring phase of a fan-out, and who received how much of it.
struct FanOutTally: Equatable, Sendable {
  /// A connection that subscribed.
  struct Subscriber: Equatable, Sendable {
    var channel: Int
    /// Different messages that it received.
    var received: UInt64
  }

  /// Messages published, by channel.
  var published: [Int: UInt64] = [:]
  var subscribers: [Subscriber] = []

  init(published: [Int: UInt64] = [:], subscribers: [Subscriber] = []) {
    self.published = published
    self.subscribers = subscribers
  }

  /// The tally of some connections.
  init(_ parts: [FanOutPart]) {
    for part in parts {
      published[part.channel, default: 0] += part.publishedInWindow
      if part.listens {
        subscribers.append(Subscriber(channel: part.channel, received: part.receivedInWindow))
      }
    }
  }

  static func += (left: inout FanOutTally, right: FanOutTally) {
    left.published.merge(right.published) { $0 + $1 }
    left.subscribers += right.subscribers
  }

  /// What subscribers should have received and did not.
  var lostCount: UInt64 {
    subscribers.reduce(0) { $0 + missing($1) }
  }

  private func missing(_ subscriber: Subscriber) -> UInt64 {
    let expected = published[subscriber.channel] ?? 0
    return expected > subscriber.received ? expected - subscriber.received : 0
  }

  /// The tally in the form of a report; nil if nobody subscribed.
  func results(publishers: Int) -> DeliveryResults? {
    guard !subscribers.isEmpty else { return nil }
    var results = DeliveryResults(publishers: publishers, subscribers: subscribers.count)
    results.published = Int(published.values.reduce(0, +))
    var shares: [Double] = []
    for subscriber in subscribers {
      let expected = published[subscriber.channel] ?? 0
      results.expected += Int(expected)
      results.received += Int(min(subscriber.received, expected))
      if expected > 0 {
        shares.append(Double(min(subscriber.received, expected)) / Double(expected))
      }
    }
    shares.sort()
    if let least = shares.first, let greatest = shares.last {
      results.leastShare = least
      results.medianShare = shares[shares.count / 2]
      results.greatestShare = greatest
      let mean = shares.reduce(0, +) / Double(shares.count)
      let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
      results.variation = mean > 0 ? variance.squareRoot() / mean : 0
    }
    return results
  }
}
