import Testing
import WebSocketProtocol

@testable import LoadTesting

@Suite("Conversations without sockets")
struct DialogueTests {
  let book = TrafficBook(recordsService: false)

  init() {
    book.window = 0..<1000
  }

  func receive(_ text: String, _ dialogue: any Dialogue, at now: Int64 = 10) {
    let octets = Array(text.utf8)
    dialogue.receive(.text, octets.span, at: now)
  }

  func latencies() -> UInt64 {
    _ = book.recorder.endInterval(isMeasured: true)
    return book.recorder.latency.totalCount
  }

  @Test func `requests are matched by number, in any order`() throws {
    let dialogue = ExchangeDialogue(
      book, template: MessageTemplate(Array("{\"id\":{{sequence}},\"c\":{{connection}}}".utf8)),
      number: try #require(NumberField("\"re\":")), connection: 4, isSlow: false)
    #expect(dialogue.nextMessage(planned: 0, at: 1) == .message(Array("{\"id\":0,\"c\":4}".utf8)))
    _ = dialogue.nextMessage(planned: 2, at: 2)
    #expect(dialogue.awaitedCount == 2)
    receive("{\"re\":1}", dialogue)
    receive("{\"news\":1}", dialogue)
    receive("{\"re\": \"0\"}", dialogue)
    receive("{\"re\":0}", dialogue)
    receive("{\"re\":9}", dialogue)
    #expect(dialogue.awaitedCount == 0)
    #expect(book.faults.duplicated == 1)
    #expect(book.counts.received == 3)
    #expect(book.faults.total == 1)
    #expect(book.troubles.total == 1)
    #expect(book.unrelatedCount == 1)
    #expect(latencies() == 2)
  }

  @Test func `replies may have the number at a place of their JSON`() throws {
    let dialogue = ExchangeDialogue(
      book, template: MessageTemplate(Array("{{sequence}}".utf8)),
      number: try #require(NumberField("/params/re")), connection: 0, isSlow: false)
    _ = dialogue.nextMessage(planned: 0, at: 1)
    receive("{\"re\":0,\"params\":{\"list\":[]}}", dialogue)
    #expect(book.unrelatedCount == 1)
    receive("{\"re\":5,\"params\":{\"list\":[],\"re\":0}}", dialogue)
    #expect(dialogue.awaitedCount == 0)
    #expect(latencies() == 1)
  }

  @Test func `pings are known by their pongs`() {
    let dialogue = PingDialogue(book, isSlow: false)
    #expect(dialogue.nextMessage(planned: 0, at: 0) == .ping([0x30]))
    _ = dialogue.nextMessage(planned: 0, at: 0)
    let pong = Array("1".utf8)
    dialogue.receivePong(pong.span, at: 5)
    #expect(dialogue.awaitedCount == 1)
    let wrong = Array("x".utf8)
    dialogue.receivePong(wrong.span, at: 5)
    #expect(book.faults.corrupted == 1)
    #expect(dialogue.lostCount == 0)
    #expect(latencies() == 1)
  }

  @Test func `pushed messages say when they were sent, and which they are`() {
    var push = LoadTraffic.Push()
    push.subscriptions = ["{{connection}}"]
    push.sequenceMarker = "n="
    push.time = LoadTraffic.TimeField(.text(marker: "t="), unit: 1_000)
    let dialogue = PushDialogue(book, push, connection: 8, isSlow: false)
    #expect(dialogue.greetings == [Array("8".utf8)])
    book.epoch = 1_000_000
    receive("ok", dialogue)
    receive("n=5 t=1000", dialogue, at: 100)
    receive("n=7 t=1000", dialogue, at: 200)
    receive("n=7 t=1000", dialogue, at: 300)
    receive("n=8 t=2000", dialogue, at: 400)
    #expect(book.unrelatedCount == 1)
    #expect(dialogue.lostCount == 1)
    #expect(book.faults.duplicated == 1)
    #expect(book.futureCount == 1)
    #expect(latencies() == 4)
    _ = book.pauses.endInterval(isMeasured: true)
    #expect(book.pauses.latency.totalCount == 3)
    #expect(book.pauses.latency.maximum == 100)
    _ = dialogue.drop()
    receive("n=1 t=1000", dialogue, at: 500)
    #expect(dialogue.lostCount == 1)
    #expect(book.faults.duplicated == 1)
  }

  @Test func `a pushed number may be anything`() {
    var push = LoadTraffic.Push()
    push.sequenceMarker = "n="
    let dialogue = PushDialogue(book, push, connection: 0, isSlow: false)
    receive("n=1", dialogue)
    receive("n=18446744073709551615", dialogue)
    #expect(dialogue.lostCount == 0)
    #expect(book.troubles.total == 1)
  }

  @Test func `a time may be binary`() {
    var push = LoadTraffic.Push()
    push.time = LoadTraffic.TimeField(.binary(offset: 1), unit: 1)
    let dialogue = PushDialogue(book, push, connection: 0, isSlow: false)
    let message: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0x01, 0x02]
    book.epoch = 0
    dialogue.receive(.binary, message.span, at: 300)
    let short = Array(message.dropLast())
    dialogue.receive(.binary, short.span, at: 300)
    #expect(book.unrelatedCount == 1)
    #expect(latencies() == 1)
    #expect(book.recorder.latency.maximum == 300 - 258)
  }
}

@Suite("Conversations of a fan-out")
struct FanOutDialogueTests {
  let book = TrafficBook(recordsService: false)
  let setting: RunSetting
  var fanOut = LoadTraffic.FanOut(publishers: 2)

  init() throws {
    book.window = 100..<1000
    fanOut.channels = 2
    fanOut.subscriptions = ["join {{channel}}"]
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.workload = .openLoop(messagesPerSecond: 1)
    plan.payload = .octets(Array("<{{stamp}}>".utf8))
    plan.kind = .text
    plan.traffic = .fanOut(fanOut)
    setting = try RunSetting(plan: plan)
  }

  func dialogue(_ number: Int) -> FanOutDialogue {
    FanOutDialogue(book, fanOut, setting, number: number, isSlow: false)
  }

  func published(_ dialogue: FanOutDialogue, planned: Int64) -> [UInt8] {
    guard case .message(let octets) = dialogue.nextMessage(planned: planned, at: planned) else {
      return []
    }
    return octets
  }

  @Test func `publishers and subscribers are dealt to channels`() {
    #expect((0..<5).map { dialogue($0).sends } == [true, true, false, false, false])
    #expect((0..<5).map { dialogue($0).part.channel } == [0, 1, 0, 1, 0])
    #expect(dialogue(3).greetings == [Array("join 1".utf8)])
    #expect(dialogue(0).greetings == [])
  }

  @Test func `only what was due in the measuring phase counts`() {
    let publisher = dialogue(0)
    let subscriber = dialogue(2)
    for time in [99, 100, 999, 1000] as [Int64] {
      let message = published(publisher, planned: time)
      subscriber.receive(.text, message.span, at: 2000)
    }
    #expect(publisher.part.publishedCount == 4)
    #expect(publisher.part.publishedInWindow == 2)
    #expect(subscriber.part.receivedCount == 4)
    #expect(subscriber.part.receivedInWindow == 2)
    _ = book.recorder.endInterval(isMeasured: true)
    #expect(book.recorder.latency.totalCount == 2)
    #expect(book.faults.total == 0)
  }

  @Test func `messages of another channel, or of nobody, are errors and no deliveries`() {
    let subscriber = dialogue(2)
    let others = published(dialogue(1), planned: 200)
    subscriber.receive(.text, others.span, at: 300)
    for (publisher, sequence) in [(9, 0), (0, 0xffff_ffff_ffff)] as [(UInt32, UInt64)] {
      let stamp = DeliveryStamp(publisher: publisher, sequence: sequence, planned: 200)
      let message = Array("<".utf8) + stamp.octets + Array(">".utf8)
      subscriber.receive(.text, message.span, at: 300)
    }
    #expect(book.troubles.total == 3)
    #expect(subscriber.part.receivedCount == 0)
    _ = book.recorder.endInterval(isMeasured: true)
    #expect(book.recorder.latency.totalCount == 0)
  }

  @Test func `parts that begin at different times count from the agreed one`() {
    let early = TrafficBook(recordsService: false)
    early.window = book.window
    book.delay = 50
    let publisher = dialogue(0)
    let subscriber = FanOutDialogue(early, fanOut, setting, number: 2, isSlow: false)
    // For the publisher it is 60, 50 after the agreed time, and both measure from 100 on.
    for time in [49, 60] as [Int64] {
      let message = published(publisher, planned: time)
      subscriber.receive(.text, message.span, at: time + 50 + 7)
    }
    #expect(publisher.part.publishedInWindow == 1)
    #expect(subscriber.part.receivedInWindow == 1)
    // Its clock is not quite ours.
    let ahead = published(publisher, planned: 200)
    subscriber.receive(.text, ahead.span, at: 249)
    #expect(early.futureCount == 1)
    _ = early.recorder.endInterval(isMeasured: true)
    #expect(early.recorder.latency.totalCount == 2)
    #expect(early.recorder.latency.maximum == 7)
  }

  @Test func `copies and damage are told from what is in an envelope`() {
    let publisher = dialogue(0)
    let subscriber = dialogue(2)
    let first = published(publisher, planned: 200)
    let envelope = Array("{\"data\":\"".utf8) + first + Array("\"}".utf8)
    subscriber.receive(.text, envelope.span, at: 300)
    #expect(book.faults.total == 0)
    subscriber.receive(.text, first.span, at: 300)
    #expect(book.faults.duplicated == 1)
    var second = published(publisher, planned: 300)
    second[0] ^= 1
    subscriber.receive(.text, second.span, at: 400)
    #expect(book.faults.corrupted == 1)
    var third = published(publisher, planned: 400)
    third[20] ^= 1
    subscriber.receive(.text, third.span, at: 400)
    #expect(book.faults.corrupted == 2)
    let greeting = Array("welcome".utf8)
    subscriber.receive(.text, greeting.span, at: 400)
    #expect(book.unrelatedCount == 1)
    // What was damaged came nevertheless.
    #expect(subscriber.part.receivedInWindow == 3)
  }

  @Test func `a server may write the JSON around the stamp's text anew`() throws {
    var plan = setting.plan
    plan.payload = .octets(Array(#"{"do":"say","room":1,"text":"a {{stamp}} b"}"#.utf8))
    let setting = try RunSetting(plan: plan)
    let publisher = FanOutDialogue(book, fanOut, setting, number: 0, isSlow: false)
    let subscriber = FanOutDialogue(book, fanOut, setting, number: 2, isSlow: false)
    let first = String(decoding: published(publisher, planned: 200), as: UTF8.self)
    let text = first.split(separator: "\"", omittingEmptySubsequences: false)[9]
    let anew = Array("{\"t\":1,\"text\":\"\(text)\"}".utf8)
    subscriber.receive(.text, anew.span, at: 300)
    #expect(book.faults.total == 0)
    #expect(subscriber.part.receivedInWindow == 1)
    let sent = published(publisher, planned: 200)
    let damaged = Array(String(decoding: sent, as: UTF8.self).replacing(" b", with: " c").utf8)
    subscriber.receive(.text, damaged.span, at: 300)
    #expect(book.faults.corrupted == 1)
  }
}
