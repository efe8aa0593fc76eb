import Testing

@testable import LoadTesting

@Suite("The order of replayed cases")
struct CaseDeckTests {
  @Test func `each round deals every case once, in another order`() {
    var deck = CaseDeck(isHeavy: Array(repeating: false, count: 50), seed: 7)
    let rounds = (0..<3).map { round in
      (0..<50).map { _ in
        let (card, dealtRound) = deck.next(mayBeHeavy: true)
        #expect(dealtRound == round)
        return card
      }
    }
    #expect(rounds.allSatisfy { $0.sorted() == Array(0..<50) })
    #expect(Set(rounds).count == 3)
  }

  @Test func `the seed decides the order`() {
    func first(_ seed: UInt64) -> [Int] {
      var deck = CaseDeck(isHeavy: Array(repeating: false, count: 20), seed: seed)
      return (0..<20).map { _ in deck.next(mayBeHeavy: true).card }
    }
    #expect(first(1) == first(1))
    #expect(first(1) != first(2))
  }

  @Test func `heavy cases wait for their turn, and come when they may`() {
    var deck = CaseDeck(isHeavy: [true, false, true, false], seed: 1)
    let light = (0..<20).map { _ in deck.next(mayBeHeavy: false).card }
    #expect(Set(light) == [1, 3])
    let heavy = (0..<2).map { _ in deck.next(mayBeHeavy: true).card }
    #expect(Set(heavy) == [0, 2])
  }

  @Test func `where all are heavy, they are played`() {
    var deck = CaseDeck(isHeavy: [true, true], seed: 1)
    let cards = (0..<10).map { _ in deck.next(mayBeHeavy: false).card }
    #expect(Set(cards) == [0, 1])
  }
}
