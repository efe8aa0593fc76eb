import Reports

/// In which order two builds are run: in blocks of ABBA or BAAB, drawn from a seed.
///
/// Whatever changes steadily while a comparison lasts, such as a machine that warms up, meets both
/// alike in each block; and nothing that recurs can keep in step with the order.
struct InterleavedOrder {
  /// One of the two builds.
  enum Side: String, Sendable {
    case a = "A"
    case b = "B"

    /// The other one.
    var other: Side { self == .a ? .b : .a }
  }

  /// The order, each side as often as the other.
  let sides: [Side]

  /// An order with so many turns of each side.
  init(repetitions: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var sides: [Side] = []
    while sides.count < 2 * repetitions {
      let first: Side = generator.next() & 1 == 0 ? .a : .b
      let isWhole = sides.count + 4 <= 2 * repetitions
      sides += isWhole ? [first, first.other, first.other, first] : [first, first.other]
    }
    self.sides = sides
  }

  /// The order in rounds, in each of which both sides have so many turns.
  func rounds(of turns: Int) -> [[Side]] {
    stride(from: 0, to: sides.count, by: 2 * turns).map {
      Array(sides[$0..<min($0 + 2 * turns, sides.count)])
    }
  }
}
