import Reports
import WebSocketProtocol

/// One connection of a fan-out: it publishes, or subscribes, or both.
final class FanOutDialogue: Dialogue {
  let greetings: [[UInt8]]
  /// What it has published and received.
  private(set) var part: FanOutPart

  private let book: TrafficBook
  private let publisher: Int?
  private let publishers: Int
  private let channels: Int
  private let isSlow: Bool
  private let kind: MessageKind
  private let template: MessageTemplate
  private let values: MessageTemplate.Values
  /// What must stand around a stamp; nil where that differs from message to message.
  private let surroundings: (before: [UInt8], after: [UInt8])?
  private let byteCount: Int
  private var ledgers: [UInt32: DeliveryLedger] = [:]

  /// The connection `number` of a fan-out, of those of all parts.
  init(
    _ book: TrafficBook, _ fanOut: LoadTraffic.FanOut, _ setting: RunSetting, number: Int,
    isSlow: Bool
  ) {
    self.book = book
    self.isSlow = isSlow
    let isPublisher = number < fanOut.publishers
    publisher = isPublisher ? number : nil
    publishers = fanOut.publishers
    channels = fanOut.channels
    let listens = !isPublisher || fanOut.publishersListen
    let channel = (isPublisher ? number : number - fanOut.publishers) % fanOut.channels
    part = FanOutPart(channel: channel, listens: listens)
    kind = setting.plan.kind
    template = setting.publication
    values = MessageTemplate.Values(connection: number, channel: "\(channel)")
    greetings =
      listens
      ? fanOut.subscriptions.map { [values] in MessageTemplate(Array($0.utf8)).octets(values) }
      : []
    let around = setting.plan.verifies ? template.surroundings(of: .stamp, values) : nil
    surroundings =
      if case .octets = setting.plan.payload { around.map(Self.carriers) } else { around }
    var sample = values
    sample.stamp = DeliveryStamp(publisher: 0, sequence: 0, planned: 0).octets
    byteCount = template.octets(sample).count
  }

  var sends: Bool { publisher != nil }
  var fanOut: FanOutPart? { part }

  /// Of what a message of somebody's own has around a stamp, what belongs to the same text in quotation
  /// marks: servers write the JSON around it anew.
  private static func carriers(
    _ around: (before: [UInt8], after: [UInt8])
  ) -> (before: [UInt8], after: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let start = around.before.lastIndex(of: quote).map { $0 + 1 } ?? 0
    let end = around.after.firstIndex(of: quote) ?? around.after.count
    return (Array(around.before[start...]), Array(around.after[..<end]))
  }

  func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage {
    var values = values
    let agreed = planned + book.delay
    values.sequence = part.publishedCount
    values.time = book.epoch + now
    values.stamp =
      DeliveryStamp(
        publisher: UInt32(publisher ?? 0), sequence: part.publishedCount, planned: agreed
      ).octets
    part.publishedCount += 1
    if book.window.contains(agreed) { part.publishedInWindow += 1 }
    return .message(template.octets(values))
  }

  func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    guard part.listens else { return }
    switch DeliveryStamp.find(in: payload) {
    case .none where payload.count != byteCount:
      book.unrelatedCount += 1
    case .none, .damaged:
      book.noteReceived(payload.count)
      book.faults.corrupted += 1
      // It was one of those that were to come.
      part.receivedCount += 1
      if book.window.contains(now) { part.receivedInWindow += 1 }
    case .found(let stamp, let start):
      book.noteReceived(payload.count)
      take(stamp, isIntact: isIntact(kind, payload, start: start), at: now)
    }
  }

  private func take(_ stamp: DeliveryStamp, isIntact: Bool, at now: Int64) {
    guard stamp.publisher < publishers else {
      return book.troubles.add(
        .other, "a message of publisher \(stamp.publisher), of whom there is none")
    }
    guard Int(stamp.publisher) % channels == part.channel else {
      return book.troubles.add(
        .other,
        "a message of channel \(Int(stamp.publisher) % channels) to a subscriber of \(part.channel)"
      )
    }
    switch ledgers[stamp.publisher, default: DeliveryLedger(first: 0)].receive(stamp.sequence) {
    case .duplicate:
      book.noteDuplicate()
      return
    case .reordered: book.faults.reordered += 1
    case .unconnected:
      return book.troubles.add(.other, "message \(stamp.sequence), which was never published")
    case .inOrder: break
    }
    part.receivedCount += 1
    if book.window.contains(stamp.planned) { part.receivedInWindow += 1 }
    guard isIntact else {
      book.faults.corrupted += 1
      return
    }
    guard book.window.contains(stamp.planned) else { return }
    // What another machine planned may lie ahead of our clock.
    let latency = now + book.delay - stamp.planned
    if latency < 0 { book.futureCount += 1 }
    book.record(latency: max(0, latency), isSlow: isSlow)
  }

  /// Whether what stands around the stamp is what was sent, as far as that can be known: a server may put messages
  /// into an envelope.
  private func isIntact(_ kind: MessageKind, _ payload: Span<UInt8>, start: Int) -> Bool {
    guard let (before, after) = surroundings else { return true }
    let end = start + DeliveryStamp.byteCount
    return start >= before.count && payload.count - end >= after.count
      && payload.equals(before.span, at: start - before.count, from: 0, count: before.count)
      && payload.equals(after.span, at: end, from: 0, count: after.count)
  }
}
