/// What one connection of a fan-out published, and what came to it.
struct FanOutPart: Equatable, Sendable {
  /// Its channel.
  let channel: Int
  /// Whether what comes counts.
  let listens: Bool
  /// How many of its messages were due in the measuring phase, and how many it published in all.
  var publishedInWindow: UInt64 = 0
  var publishedCount: UInt64 = 0
  /// How many different messages came that were due in the measuring phase, and how many in all.
  var receivedInWindow: UInt64 = 0
  var receivedCount: UInt64 = 0

  init(channel: Int, listens: Bool) {
    self.channel = channel
    self.listens = listens
  }
}
