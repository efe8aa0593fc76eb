/// Whom a broadcast is for.
public enum BroadcastTarget: Sendable, Hashable {
  /// Every open WebSocket.
  case everyone
  /// Those that have subscribed to the channel.
  case channel(String)
  /// Those that have agreed on the subprotocol.
  case subprotocol(String)
  /// Those with these ids, as far as they are still there.
  case connections(Set<ConnectionID>)
}

/// What became of a broadcast, when it had been handed to all receivers.
public struct BroadcastReceipt: Sendable, Hashable {
  /// Handed to the kernel.
  public var sentCount = 0
  /// Waiting for a peer that is behind.
  public var queuedCount = 0
  /// Not sent, because too much waits for that peer.
  public var droppedCount = 0
  /// Earlier messages that have made room.
  public var displacedCount = 0
  /// Connections closed, because too much waits for them.
  public var closedCount = 0
  /// How often the message was encoded: once for each set of parameters that receivers have agreed on.
  public var encodingCount = 0
  /// How often it was compressed.
  public var compressionCount = 0

  /// The receipt of a broadcast to nobody.
  public init() {}

  static func += (left: inout BroadcastReceipt, right: BroadcastReceipt) {
    left.sentCount += right.sentCount
    left.queuedCount += right.queuedCount
    left.droppedCount += right.droppedCount
    left.displacedCount += right.displacedCount
    left.closedCount += right.closedCount
  }
}
