import Testing

@testable import LoadTesting

@Suite("The account of a connection's messages")
struct EchoLedgerTests {
  @Test func `replies in order leave nothing missing`() {
    var ledger = EchoLedger()
    #expect(ledger.send(3) == 0)
    #expect(ledger.inFlight == 3)
    ledger.receiveExpected()
    #expect(ledger.receive(1) == .inOrder(skipped: 0))
    #expect(ledger.inFlight == 1)
    #expect(ledger.missingCount == 0)
  }

  @Test func `a later reply says that those before it are missing`() {
    var ledger = EchoLedger()
    _ = ledger.send(10)
    #expect(ledger.receive(4) == .inOrder(skipped: 4))
    #expect(ledger.missingCount == 4)
    #expect(ledger.receive(2) == .reordered)
    #expect(ledger.receive(2) == .duplicate)
    #expect(ledger.receive(0) == .reordered)
    #expect(ledger.missingCount == 2)
    #expect(ledger.inFlight == 5)
  }

  @Test func `a reply that comes again is a duplicate`() {
    var ledger = EchoLedger()
    _ = ledger.send(2)
    ledger.receiveExpected()
    #expect(ledger.receive(0) == .duplicate)
    #expect(ledger.receive(2) == .unknown)
    #expect(ledger.inFlight == 1)
  }

  @Test func `a reply that had been given up is late`() {
    var ledger = EchoLedger()
    _ = ledger.send(5)
    ledger.giveUp(before: 3)
    #expect(ledger.missingCount == 3)
    #expect(ledger.inFlight == 2)
    #expect(ledger.receive(1) == .late)
    #expect(ledger.missingCount == 2)
    ledger.giveUp(before: 100)
    #expect(ledger.inFlight == 0)
    #expect(ledger.missingCount == 4)
  }

  @Test func `losses without end cost no memory and stay counted`() {
    var ledger = EchoLedger()
    for _ in 0..<10_000 {
      let first = ledger.send(2)
      _ = ledger.receive(first + 1)
    }
    #expect(ledger.missingCount == 10_000)
    #expect(ledger.receive(0) == .duplicate)
    #expect(ledger.receive(19_998) == .reordered)
    #expect(ledger.missingCount == 9_999)
  }
}
