import Testing

@testable import LoadTesting

@Suite("Answers in any order")
struct AnswerLedgerTests {
  func ledger(_ count: Int) -> AnswerLedger {
    var ledger = AnswerLedger()
    for number in 0..<count {
      #expect(ledger.send(planned: Int64(number), at: Int64(number) + 10) == UInt64(number))
    }
    return ledger
  }

  @Test func `answers are told apart`() {
    var ledger = ledger(3)
    #expect(
      ledger.receive(1) == .first(.init(planned: 1, sent: 11), isOvertaken: false))
    #expect(ledger.receive(0) == .first(.init(planned: 0, sent: 10), isOvertaken: true))
    #expect(ledger.receive(1) == .duplicate)
    #expect(ledger.receive(3) == .unknown)
    #expect(ledger.underWayCount == 1)
    #expect(ledger.oldestUnderWay() == 2)
    #expect(ledger.missingCount == 1)
  }

  @Test func `what is given up may still come late`() {
    var ledger = ledger(4)
    ledger.giveUp(sentBefore: 12)
    #expect(ledger.underWayCount == 2)
    #expect(ledger.missingCount == 4)
    #expect(ledger.receive(1) == .late(.init(planned: 1, sent: 11)))
    #expect(ledger.receive(1) == .duplicate)
    #expect(ledger.missingCount == 3)
    ledger.giveUp(sentBefore: .max)
    #expect(ledger.underWayCount == 0)
    #expect(ledger.missingCount == 3)
  }

  @Test func `what we dropped ourselves is not missing`() {
    var ledger = ledger(2)
    #expect(ledger.drop() == 2)
    #expect(ledger.missingCount == 0)
    #expect(ledger.oldestUnderWay() == nil)
    #expect(ledger.send(planned: 0, at: 0) == 2)
  }

  @Test func `a hopeless peer does not cost memory, and no loss is forgotten`() {
    var ledger = ledger(70_000)
    ledger.giveUp(sentBefore: .max)
    #expect(ledger.missingCount == 70_000)
  }
}
