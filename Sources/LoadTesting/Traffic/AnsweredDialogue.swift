import Reports
import WebSocketProtocol

/// Messages each of which is answered: what echo, ping and request/response have in common.
class AnsweredDialogue: Dialogue {
  let book: TrafficBook
  let isSlow: Bool
  var ledger = AnswerLedger()

  init(_ book: TrafficBook, isSlow: Bool) {
    self.book = book
    self.isSlow = isSlow
  }

  final var awaitedCount: Int { ledger.underWayCount }
  final var lostCount: UInt64 { ledger.missingCount }

  func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage { .message([]) }
  func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {}
  func receivePong(_ payload: Span<UInt8>, at now: Int64) {}

  final func giveUp(sentBefore limit: Int64) { ledger.giveUp(sentBefore: limit) }
  final func drop() -> Int { ledger.drop() }

  /// Accounts for the answer to message `number`.
  final func account(
    for number: UInt64, isIntact: Bool = true, ordered: Bool = false, at now: Int64
  ) {
    switch ledger.receive(number) {
    case .first(let sending, let isOvertaken):
      guard isIntact else {
        book.faults.corrupted += 1
        return
      }
      if isOvertaken, ordered { book.faults.reordered += 1 }
      book.record(sending, at: now, isSlow: isSlow)
    case .late(let sending):
      if isIntact { book.faults.late += 1 } else { book.faults.corrupted += 1 }
      if isIntact { book.record(sending, at: now, isSlow: isSlow) }
    case .duplicate: book.noteDuplicate()
    case .unknown:
      book.troubles.add(.other, "an answer to message \(number), which was never sent")
    }
  }

  /// Accounts for an answer that does not say to which message it is.
  final func accountForNext(isIntact: Bool, at now: Int64) {
    guard let number = ledger.oldestUnderWay() else {
      book.noteDuplicate()
      return
    }
    account(for: number, isIntact: isIntact, at: now)
  }
}

/// Messages that the server sends back.
final class EchoDialogue: AnsweredDialogue {
  /// By turns also where a server declined compression: it is all the same to it.
  private let payloads: PayloadCycle
  private let kind: MessageKind
  private let verifies: Bool

  init(_ book: TrafficBook, _ setting: RunSetting, isSlow: Bool) {
    payloads = setting.compressed
    kind = setting.plan.kind
    verifies = setting.plan.verifies
    super.init(book, isSlow: isSlow)
  }

  override func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage {
    let number = ledger.send(planned: planned, at: now)
    return .message(payloads[number].octets(ofMessage: number))
  }

  override func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    book.noteReceived(payload.count)
    let template = payloads[0]
    let oldest = ledger.oldestUnderWay() ?? ledger.nextToSend
    guard verifies, template.isNumbered else {
      let isSame = kind == self.kind && template.matches(payload)
      return accountForNext(isIntact: !verifies || isSame, at: now)
    }
    guard let number = template.number(in: payload, near: oldest) else {
      return accountForNext(isIntact: false, at: now)
    }
    let isIntact = kind == self.kind && payloads[number].matches(payload)
    account(for: number, isIntact: isIntact, ordered: true, at: now)
  }
}

/// Pings and their pongs (RFC 6455 §5.5.3).
final class PingDialogue: AnsweredDialogue {
  override func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage {
    .ping(Array("\(ledger.send(planned: planned, at: now))".utf8))
  }

  override func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    book.unrelatedCount += 1
  }

  override func receivePong(_ payload: Span<UInt8>, at now: Int64) {
    book.noteReceived(payload.count)
    let digits = (0..<payload.count).map { payload[$0] }
    guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else {
      return accountForNext(isIntact: false, at: now)
    }
    account(for: number, ordered: true, at: now)
  }
}

/// Requests and replies that carry their number, in any order.
final class ExchangeDialogue: AnsweredDialogue {
  private let template: MessageTemplate
  private let number: NumberField
  private let connection: Int

  init(
    _ book: TrafficBook, template: MessageTemplate, number: NumberField, connection: Int,
    isSlow: Bool
  ) {
    self.template = template
    self.number = number
    self.connection = connection
    super.init(book, isSlow: isSlow)
  }

  override func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage {
    let sequence = ledger.send(planned: planned, at: now)
    return .message(
      template.octets(
        MessageTemplate.Values(
          sequence: sequence, connection: connection, time: book.epoch + now)))
  }

  override func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    guard let number = number.find(in: payload) else {
      book.unrelatedCount += 1
      return
    }
    book.noteReceived(payload.count)
    account(for: number, at: now)
  }
}
