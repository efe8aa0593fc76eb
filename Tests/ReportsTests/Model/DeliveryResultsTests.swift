import Testing

@testable import Reports

@Suite("Reach and fairness")
struct DeliveryResultsTests {
  @Test func `what came is held against what was published on the channel`() {
    let results = DeliveryResults(
      publishers: 3,
      of: [
        ChannelDeliveries(
          channel: 0, published: 20,
          subscribers: [.init(received: 10, subscribers: 1), .init(received: 20, subscribers: 1)]),
        ChannelDeliveries(
          channel: 1, published: 4, subscribers: [.init(received: 1, subscribers: 1)]),
      ])
    #expect(results.subscribers == 3)
    #expect(results.published == 24)
    #expect(results.expected == 20 + 20 + 4)
    #expect(results.received == 31)
    #expect(results.missing == 10 + 0 + 3)
    #expect(results.reach == 31.0 / 44)
    #expect(results.leastShare == 0.25)
    #expect(results.medianShare == 0.5)
    #expect(results.greatestShare == 1)
    // Shares 0.25, 0.5 and 1: mean 0.5833, standard deviation 0.3118.
    #expect(abs((results.variation ?? 0) - 0.5345) < 0.0001)
  }

  @Test func `subscribers that fare alike count as often as they are`() {
    let results = DeliveryResults(
      publishers: 1,
      of: [
        ChannelDeliveries(
          channel: 0, published: 10,
          subscribers: [.init(received: 0, subscribers: 1), .init(received: 10, subscribers: 9)])
      ])
    #expect(results.medianShare == 1)
    #expect(results.missing == 10)
    // Mean 0.9, standard deviation 0.3.
    #expect(abs((results.variation ?? 0) - 1.0 / 3) < 0.0001)
  }

  @Test func `where nothing was published nothing is missing`() {
    let silent = DeliveryResults(
      publishers: 1,
      of: [
        ChannelDeliveries(
          channel: 0, published: 0, subscribers: [.init(received: 0, subscribers: 2)])
      ])
    #expect(silent.reach == nil)
    #expect(silent.missing == 0)
    #expect(silent.leastShare == nil)
    #expect(DeliveryResults(publishers: 1, of: []).subscribers == 0)
  }

  @Test func `a part says what came, and not what should have come`() throws {
    let part = DeliveryResults(
      publishers: 1,
      ofPart: [
        ChannelDeliveries(
          channel: 0, published: 3, subscribers: [.init(received: 9, subscribers: 2)])
      ])
    #expect(part.received == 18)
    #expect(part.reach == nil)
    #expect(part.missing == 0)
    var load = LoadResults(
      name: "fan-out",
      scenario: LoadScenario(mode: .openLoop, connections: 3, payloadByteCount: 44),
      target: LoadTarget(url: "ws://127.0.0.1:9001"))
    load.delivery = part
    #expect(
      load.findings == [
        Fact(
          "deliveries",
          "18 to 2 subscribers, and 3 messages published, in this part; reach is that of all parts, "
            + "merged")
      ])
    let outcome = try #require(try ServiceLevel("reach=100%").outcomes(of: load).first)
    #expect(outcome.isMet)
    #expect(outcome.measured == "known when the parts are merged")
  }
}
