import Testing

@testable import LoadTesting

@Suite("Deliveries of one sender")
struct DeliveryLedgerTests {
  @Test func `gaps, late comers and copies are told apart`() {
    var ledger = DeliveryLedger(first: 0)
    #expect(ledger.receive(0) == .inOrder)
    #expect(ledger.receive(4) == .inOrder)
    #expect(ledger.missingCount == 3)
    #expect(ledger.receive(2) == .reordered)
    #expect(ledger.receive(2) == .duplicate)
    #expect(ledger.receive(1) == .reordered)
    #expect(ledger.receive(3) == .reordered)
    #expect(ledger.receive(4) == .duplicate)
    #expect(ledger.missingCount == 0)
    #expect(ledger.count == 5)
  }

  @Test func `without a first number it begins with what comes`() {
    var ledger = DeliveryLedger(first: nil)
    #expect(ledger.receive(100) == .inOrder)
    #expect(ledger.receive(99) == .duplicate)
    #expect(ledger.receive(102) == .inOrder)
    #expect(ledger.missingCount == 1)
    var late = DeliveryLedger(first: 0)
    #expect(late.receive(2) == .inOrder)
    #expect(late.missingCount == 2)
  }

  @Test func `a number out of all proportion begins a new sequence`() {
    var ledger = DeliveryLedger(first: nil)
    #expect(ledger.receive(1) == .inOrder)
    #expect(ledger.receive(.max) == .unconnected)
    #expect(ledger.receive(0) == .inOrder)
    #expect(ledger.receive(.max - 1) == .unconnected)
    #expect(ledger.receive(.max) == .inOrder)
    #expect(ledger.missingCount == 0)
    #expect(ledger.count == 3)
  }
}
