/// What becomes of a broadcast for a peer that does not take what it was sent before, once as much waits
/// for it as `ServerLimits.queuedOutputByteCount` allows.
public enum SlowConsumerPolicy: String, Sendable, Hashable, CaseIterable {
  /// The peer is left out, and not read from, until it has taken what waits; its handler is told then.
  case wait
  /// The oldest messages that wait make room.
  case dropOldest
  /// The message is not sent to that peer.
  case dropNewest
  /// The connection is closed with 1013.
  case close
}
