/// Keeps account of the messages of one sender that come to one receiver.
struct DeliveryLedger: Equatable, Sendable {
  /// What a message means.
  enum Delivery: Equatable, Sendable {
    /// The next, or a later one.
    case inOrder
    /// One that a later one overtook.
    case reordered
    /// One that had come before.
    case duplicate
    /// One so far ahead that it is no number of the sequence that came before; a new one begins with it.
    case unconnected
  }

  /// How many different messages have come.
  private(set) var count: UInt64 = 0
  /// How many messages were passed over and have not come since.
  private(set) var missingCount: UInt64 = 0
  private var next: UInt64?
  private var missing: [Range<UInt64>] = []

  /// More gaps than this are not kept apart, so that a hopeless peer does not cost memory.
  private static let gapLimit = 4096
  /// As many messages are not lost at once: the number is a random one, or something else altogether.
  private static let longestGap: UInt64 = 1 << 28

  /// A ledger of messages from number `first` on; nil: from the first that comes.
  init(first: UInt64?) {
    next = first
  }

  /// Notes that a message with this number came.
  mutating func receive(_ number: UInt64) -> Delivery {
    guard let expected = next else {
      next = number &+ 1
      count = 1
      return .inOrder
    }
    if number >= expected {
      guard number - expected <= Self.longestGap else {
        next = number &+ 1
        return .unconnected
      }
      if number > expected {
        missing.append(expected..<number)
        missingCount += number - expected
        if missing.count > Self.gapLimit { missing.removeFirst(Self.gapLimit / 2) }
      }
      next = number &+ 1
      count += 1
      return .inOrder
    }
    guard let index = missing.lastIndex(where: { $0.contains(number) }) else { return .duplicate }
    let gap = missing[index]
    let parts = [gap.lowerBound..<number, (number + 1)..<gap.upperBound].filter { !$0.isEmpty }
    missing.replaceSubrange(index...index, with: parts)
    missingCount -= 1
    count += 1
    return .reordered
  }
}
