import WebSocketProtocol

/// The messages of one connection of a trace, which the server sends back.
final class TraceDialogue: AnsweredDialogue {
  private let messages: [LoadTrace.Message]
  private let verifies: Bool
  private let seed: UInt64
  private let connection: Int

  /// Of so many under way a reply may be to any, out of order.
  private static let reorderingLimit = 64

  init(_ book: TrafficBook, _ setting: RunSetting, messages: [LoadTrace.Message], connection: Int) {
    self.messages = messages
    verifies = setting.plan.verifies
    seed = setting.plan.seed
    self.connection = connection
    super.init(book, isSlow: false)
  }

  override func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage {
    let number = Int(ledger.send(planned: planned, at: now))
    return .typed(messages[number].kind, octets(of: number))
  }

  override func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    book.noteReceived(payload.count)
    guard verifies else { return accountForNext(isIntact: true, at: now) }
    guard let oldest = ledger.oldestUnderWay() else {
      book.noteDuplicate()
      return
    }
    let last = min(ledger.nextToSend, oldest + UInt64(Self.reorderingLimit))
    for number in oldest..<last where isMessage(Int(number), kind, payload) {
      return account(for: number, ordered: true, at: now)
    }
    accountForNext(isIntact: false, at: now)
  }

  private func isMessage(_ number: Int, _ kind: MessageKind, _ payload: Span<UInt8>) -> Bool {
    guard messages[number].kind == kind, messages[number].byteCount == payload.count else {
      return false
    }
    return payload.equals(octets(of: number).span, at: 0, from: 0, count: payload.count)
  }

  /// What a message carries: what was recorded, or else octets that are its own.
  private func octets(of number: Int) -> [UInt8] {
    let message = messages[number]
    if let payload = message.payload { return payload }
    let own = seed &+ UInt64(connection) &* 0x9e37_79b9 &+ UInt64(number)
    return PayloadTemplate(
      .random, byteCount: message.byteCount, isText: message.kind == .text, seed: own
    ).octets
  }
}
