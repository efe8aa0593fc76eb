/// Keeps account of one connection's messages: which were sent, which came back, and in which order.
///
/// A WebSocket connection is a FIFO, so that the reply that comes next is the one to the oldest message not yet
/// answered. A reply to a later message says that those before it are missing; a missing one that
/// comes after all was reordered (or late, had it been given up for time).
struct EchoLedger: Sendable {
  /// What a reply with a readable sequence number means.
  enum Reply: Equatable, Sendable {
    /// The reply that was expected, or, if some before it are missing, a later one.
    case inOrder(skipped: UInt64)
    /// A reply that was missing until now.
    case reordered
    /// A reply that had been given up.
    case late
    /// A reply that had come before.
    case duplicate
    /// A reply to a message that was never sent.
    case unknown
  }

  private struct Gap: Equatable, Sendable {
    var range: Range<UInt64>
    var isGivenUp: Bool
  }

  /// The number of the message that will be sent next: how many have been sent.
  private(set) var nextToSend: UInt64 = 0
  /// The number of the reply that is expected next.
  private(set) var expected: UInt64 = 0
  private var gaps: [Gap] = []
  private var settledLosses: UInt64 = 0

  /// More gaps than this settle the oldest as lost for good, so that a hopeless peer does not cost memory.
  private static let gapLimit = 1024

  /// How many messages are under way.
  var inFlight: Int { Int(truncatingIfNeeded: nextToSend &- expected) }

  /// How many messages are missing, but for those under way.
  var missingCount: UInt64 {
    gaps.reduce(settledLosses) { $0 + UInt64($1.range.count) }
  }

  /// Notes that `count` messages are being sent, and gives the number of the first.
  mutating func send(_ count: Int = 1) -> UInt64 {
    let first = nextToSend
    nextToSend &+= UInt64(count)
    return first
  }

  /// Notes that the expected reply came; only while messages are under way.
  mutating func receiveExpected() {
    expected &+= 1
  }

  /// Notes that a reply with this number came.
  mutating func receive(_ sequence: UInt64) -> Reply {
    guard sequence < nextToSend else { return .unknown }
    guard sequence < expected else {
      let skipped = sequence - expected
      if skipped > 0 { addGap(expected..<sequence, isGivenUp: false) }
      expected = sequence + 1
      return .inOrder(skipped: skipped)
    }
    guard let index = gaps.lastIndex(where: { $0.range.contains(sequence) }) else {
      return .duplicate
    }
    let gap = gaps[index]
    var parts: [Gap] = []
    if gap.range.lowerBound < sequence {
      parts.append(Gap(range: gap.range.lowerBound..<sequence, isGivenUp: gap.isGivenUp))
    }
    if sequence + 1 < gap.range.upperBound {
      parts.append(Gap(range: (sequence + 1)..<gap.range.upperBound, isGivenUp: gap.isGivenUp))
    }
    gaps.replaceSubrange(index...index, with: parts)
    return gap.isGivenUp ? .late : .reordered
  }

  /// Gives up the messages under way whose number is less than `sequence`: they count as missing.
  mutating func giveUp(before sequence: UInt64) {
    let end = min(sequence, nextToSend)
    guard end > expected else { return }
    addGap(expected..<end, isGivenUp: true)
    expected = end
  }

  private mutating func addGap(_ range: Range<UInt64>, isGivenUp: Bool) {
    if let last = gaps.last, last.range.upperBound == range.lowerBound, last.isGivenUp == isGivenUp
    {
      gaps[gaps.count - 1].range = last.range.lowerBound..<range.upperBound
      return
    }
    gaps.append(Gap(range: range, isGivenUp: isGivenUp))
    if gaps.count > Self.gapLimit {
      let settled = gaps[..<(Self.gapLimit / 2)]
      settledLosses += settled.reduce(0) { $0 + UInt64($1.range.count) }
      gaps.removeFirst(Self.gapLimit / 2)
    }
  }
}
