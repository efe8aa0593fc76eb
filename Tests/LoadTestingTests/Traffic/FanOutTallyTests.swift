import Reports
import Testing

@testable import LoadTesting

@Suite("Reach and fairness")
struct FanOutTallyTests {
  @Test func `what came is held against what was published on the channel`() throws {
    var tally = FanOutTally(
      published: [0: 10], subscribers: [.init(channel: 0, received: 10)])
    tally += FanOutTally(
      published: [0: 10, 1: 4],
      subscribers: [.init(channel: 0, received: 20), .init(channel: 1, received: 1)])
    #expect(tally.lostCount == 10 + 0 + 3)
    let results = try #require(tally.results(publishers: 3))
    #expect(results.published == 24)
    #expect(results.expected == 20 + 20 + 4)
    #expect(results.received == 31)
    #expect(results.reach == 31.0 / 44)
    #expect(results.leastShare == 0.25)
    #expect(results.medianShare == 0.5)
    #expect(results.greatestShare == 1)
    // Shares 0.25, 0.5 and 1: mean 0.5833, standard deviation 0.3118.
    #expect(abs((results.variation ?? 0) - 0.5345) < 0.0001)
  }

  @Test func `the tally of connections has those that listen as subscribers`() {
    var publisher = FanOutPart(channel: 0, listens: false)
    (publisher.publishedInWindow, publisher.publishedCount) = (5, 9)
    var both = FanOutPart(channel: 0, listens: true)
    (both.publishedInWindow, both.receivedInWindow, both.receivedCount) = (2, 6, 8)
    let tally = FanOutTally([publisher, both, FanOutPart(channel: 1, listens: true)])
    #expect(tally.published == [0: 7, 1: 0])
    #expect(
      tally.subscribers == [.init(channel: 0, received: 6), .init(channel: 1, received: 0)])
  }

  @Test func `without subscribers there is nothing to say`() {
    #expect(FanOutTally().results(publishers: 1) == nil)
    let silent = FanOutTally(published: [:], subscribers: [.init(channel: 0, received: 0)])
    #expect(silent.results(publishers: 1)?.reach == nil)
    #expect(silent.lostCount == 0)
  }
}
