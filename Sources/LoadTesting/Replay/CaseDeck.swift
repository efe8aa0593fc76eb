import Reports

/// Says which case a loop plays next: all of them in an order drawn by lot, then all again in another.
///
/// Heavy cases, which move megabytes, wait while as many play as may at once: beside nothing but heavy ones the
/// others, in which fractions of a second count, could not be judged.
struct CaseDeck: Sendable {
  private let isHeavy: [Bool]
  private var cards: [Int]
  private var place = 0
  private var generator: SeededGenerator
  /// Heavy cases whose turn has come; each at most once.
  private var waiting: [Int] = []
  /// How often the whole deck has been dealt.
  private(set) var round = 0

  /// A deck of at least one card, each heavy or not; the same seed gives the same orders.
  init(isHeavy: [Bool], seed: UInt64) {
    self.isHeavy = isHeavy
    generator = SeededGenerator(seed: seed)
    cards = Array(isHeavy.indices)
    cards.shuffle(using: &generator)
  }

  /// The next card, and the round that it belongs to.
  mutating func next(mayBeHeavy: Bool) -> (card: Int, round: Int) {
    if mayBeHeavy, !waiting.isEmpty { return (waiting.removeFirst(), round) }
    // Two rounds have every light one. Where all are heavy one of them it is.
    for _ in 0..<(2 * cards.count) {
      let card = deal()
      guard isHeavy[card], !mayBeHeavy else { return (card, round) }
      if !waiting.contains(card) { waiting.append(card) }
    }
    return (waiting.removeFirst(), round)
  }

  private mutating func deal() -> Int {
    if place == cards.count {
      place = 0
      round += 1
      cards.shuffle(using: &generator)
    }
    defer { place += 1 }
    return cards[place]
  }
}
