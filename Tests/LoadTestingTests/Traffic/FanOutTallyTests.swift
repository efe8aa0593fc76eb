import Reports
import Testing

@testable import LoadTesting

@Suite("Who received how much of a fan-out")
struct FanOutTallyTests {
  /// A connection that published and received so much in the measuring phase.
  func part(
    channel: Int, published: UInt64 = 0, received: UInt64? = nil
  ) -> FanOutPart {
    var part = FanOutPart(channel: channel, listens: received != nil)
    (part.publishedInWindow, part.publishedCount) = (published, published + 2)
    (part.receivedInWindow, part.receivedCount) = (received ?? 0, (received ?? 0) + 2)
    return part
  }

  @Test func `those that listen are subscribers, and only the measuring phase counts`() {
    let tally = FanOutTally([
      part(channel: 0, published: 5), part(channel: 0, published: 2, received: 6),
      part(channel: 1, received: 0),
    ])
    #expect(
      tally.deliveries == [
        ChannelDeliveries(
          channel: 0, published: 7, subscribers: [.init(received: 6, subscribers: 1)]),
        ChannelDeliveries(
          channel: 1, published: 0, subscribers: [.init(received: 0, subscribers: 1)]),
      ])
    #expect(FanOutTally().deliveries == [])
  }

  @Test func `loops are added up`() {
    var tally = FanOutTally([part(channel: 0, published: 3), part(channel: 0, received: 3)])
    tally += FanOutTally([part(channel: 0, received: 3), part(channel: 2, received: 1)])
    #expect(
      tally.deliveries == [
        ChannelDeliveries(
          channel: 0, published: 3, subscribers: [.init(received: 3, subscribers: 2)]),
        ChannelDeliveries(
          channel: 2, published: 0, subscribers: [.init(received: 1, subscribers: 1)]),
      ])
  }
}
