import Testing

@testable import gauntlet

@Suite("The order of an A/B comparison")
struct InterleavedOrderTests {
  @Test(arguments: [4, 5, 10, 11], 0..<5 as Range<UInt64>)
  func `both sides come equally often, in blocks that favour neither`(count: Int, seed: UInt64) {
    let sides = InterleavedOrder(repetitions: count, seed: seed).sides
    #expect(sides.count { $0 == .a } == count && sides.count { $0 == .b } == count)
    for start in stride(from: 0, to: sides.count - 3, by: 4) {
      let block = sides[start..<start + 4]
      #expect(block[start] == block[start + 3] && block[start + 1] == block[start + 2])
      #expect(block[start] != block[start + 1])
    }
    #expect(sides == InterleavedOrder(repetitions: count, seed: seed).sides)
  }

  @Test(arguments: [1, 2, 3, 4, 7])
  func `each round has as many turns of either side`(turns: Int) {
    let order = InterleavedOrder(repetitions: 5 * turns, seed: 3)
    let rounds = order.rounds(of: turns)
    #expect(rounds.count == 5)
    #expect(rounds.flatMap { $0 } == order.sides)
    for round in rounds {
      #expect(round.count { $0 == .a } == turns && round.count { $0 == .b } == turns)
    }
  }

  @Test func `seeds give different orders`() {
    let orders = Set(
      (0..<20 as Range<UInt64>).map { InterleavedOrder(repetitions: 20, seed: $0).sides })
    #expect(orders.count > 10)
  }
}
