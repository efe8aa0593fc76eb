import Reports

/// What was published in the measuring phase of a fan-out, and who received how much of it.
struct FanOutTally: Equatable, Sendable {
  /// What is known of a channel.
  struct Channel: Equatable, Sendable {
    /// Messages published.
    var published: UInt64 = 0
    /// How many subscribers received how many different messages.
    var subscribers: [UInt64: Int] = [:]

    static func += (left: inout Channel, right: Channel) {
      left.published += right.published
      left.subscribers.merge(right.subscribers) { $0 + $1 }
    }
  }

  var channels: [Int: Channel] = [:]

  init() {}

  /// The tally of some connections.
  init(_ parts: [FanOutPart]) {
    for part in parts {
      channels[part.channel, default: Channel()].published += part.publishedInWindow
      if part.listens {
        channels[part.channel]?.subscribers[part.receivedInWindow, default: 0] += 1
      }
    }
  }

  static func += (left: inout FanOutTally, right: FanOutTally) {
    for (number, channel) in right.channels { left.channels[number, default: Channel()] += channel }
  }

  /// The tally in the form of a report.
  var deliveries: [ChannelDeliveries] {
    channels.sorted { $0.key < $1.key }.map { number, channel in
      ChannelDeliveries(
        channel: number, published: Int(clamping: channel.published),
        subscribers: channel.subscribers.sorted { $0.key < $1.key }.map {
          ChannelDeliveries.Subscribers(received: Int(clamping: $0.key), subscribers: $0.value)
        })
    }
  }
}
