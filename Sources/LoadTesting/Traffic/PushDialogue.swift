import Reports
import WebSocketProtocol

/// Messages that the server sends by itself.
final class PushDialogue: Dialogue {
  let greetings: [[UInt8]]
  private let book: TrafficBook
  private let time: LoadTraffic.TimeField?
  private let textTime: NumberField?
  private let sequence: NumberField?
  private let isSlow: Bool
  private var ledger = DeliveryLedger(first: nil)
  /// What was missing on connections before the present one.
  private var earlierLosses: UInt64 = 0
  private var lastArrival: Int64?

  init(_ book: TrafficBook, _ push: LoadTraffic.Push, connection: Int, isSlow: Bool) {
    self.book = book
    self.isSlow = isSlow
    time = push.time
    sequence = push.sequenceMarker.flatMap { NumberField($0) }
    textTime =
      if case .text(let marker)? = push.time?.place { NumberField(marker) } else { nil }
    greetings = push.subscriptions.map {
      MessageTemplate(Array($0.utf8)).octets(MessageTemplate.Values(connection: connection))
    }
  }

  var sends: Bool { false }
  var lostCount: UInt64 { earlierLosses + ledger.missingCount }

  func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    let number = sequence.flatMap { $0.find(in: payload) }
    let sent = time(in: payload)
    guard sequence == nil || number != nil, time == nil || sent != nil else {
      // Not what was subscribed to: such as the answer to the subscription.
      book.unrelatedCount += 1
      return
    }
    book.noteReceived(payload.count)
    if let number {
      switch ledger.receive(number) {
      case .inOrder: break
      case .reordered: book.faults.reordered += 1
      case .duplicate: book.noteDuplicate()
      case .unconnected:
        book.troubles.add(.other, "number \(number), which has nothing to do with those before")
      }
    }
    guard book.window.contains(now) else {
      lastArrival = now
      return
    }
    if let lastArrival { book.pauses.record(latency: now - lastArrival) }
    lastArrival = now
    guard let sent else { return }
    let latency = book.epoch + now - sent
    if latency < 0 { book.futureCount += 1 }
    book.record(latency: max(0, latency), isSlow: isSlow)
  }

  func drop() -> Int {
    // What is sent while nobody listens is not lost.
    earlierLosses += ledger.missingCount
    ledger = DeliveryLedger(first: nil)
    lastArrival = nil
    return 0
  }

  /// When the message was sent, in nanoseconds since the epoch.
  private func time(in payload: Span<UInt8>) -> Int64? {
    guard let time else { return nil }
    var value: UInt64?
    switch time.place {
    case .text: value = textTime?.find(in: payload)
    case .binary(let offset):
      guard offset + 8 <= payload.count else { return nil }
      value = (0..<8).reduce(0 as UInt64) { $0 << 8 | UInt64(payload[offset + $1]) }
    }
    return value.flatMap { Int64(exactly: $0) }.flatMap {
      let (product, isOver) = $0.multipliedReportingOverflow(by: time.unit)
      return isOver ? nil : product
    }
  }
}
