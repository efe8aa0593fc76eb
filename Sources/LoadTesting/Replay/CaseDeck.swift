import Reports

/// Says which case a loop plays next: all of them in an order drawn by lot, then all again in another.
struct CaseDeck: Sendable {
  private var cards: [Int]
  private var place = 0
  private var generator: SeededGenerator
  /// How often the whole deck has been dealt.
  private(set) var round = 0

  /// A deck of `count` cards, at least one; the same seed gives the same orders.
  init(count: Int, seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    cards = Array(0..<count)
    cards.shuffle(using: &generator)
  }

  /// The next card, and the round that it belongs to.
  mutating func next() -> (card: Int, round: Int) {
    if place == cards.count {
      place = 0
      round += 1
      cards.shuffle(using: &generator)
    }
    defer { place += 1 }
    return (cards[place], round)
  }
}
