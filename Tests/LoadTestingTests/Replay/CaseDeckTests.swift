import Testing

@testable import LoadTesting

@Suite("The order of replayed cases")
struct CaseDeckTests {
  @Test func `each round deals every case once, in another order`() {
    var deck = CaseDeck(count: 50, seed: 7)
    let rounds = (0..<3).map { round in
      (0..<50).map { _ in
        let (card, dealtRound) = deck.next()
        #expect(dealtRound == round)
        return card
      }
    }
    #expect(rounds.allSatisfy { $0.sorted() == Array(0..<50) })
    #expect(Set(rounds).count == 3)
  }

  @Test func `the seed decides the order`() {
    func first(_ seed: UInt64) -> [Int] {
      var deck = CaseDeck(count: 20, seed: seed)
      return (0..<20).map { _ in deck.next().card }
    }
    #expect(first(1) == first(1))
    #expect(first(1) != first(2))
  }
}
