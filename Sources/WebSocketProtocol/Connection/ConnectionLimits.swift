/// How much a peer may make one connection hold, per RFC 6455 §10.4.
///
/// Every limit is inclusive: a message of exactly that size passes.
public struct ConnectionLimits: Hashable, Sendable {
  /// The longest payload of one frame, in octets; a longer one fails the connection with 1009.
  public var frameByteCount: Int
  /// The longest message as it is on the wire, in octets; a longer one fails with 1009.
  public var messageByteCount: Int
  /// The longest compressed message once inflated, in octets; checked while it inflates; 1009.
  public var inflatedMessageByteCount: Int
  /// The most frames one message may come in; more fail with 1008, since no octet is too many.
  public var fragmentCount: Int

  /// Limits; the defaults take messages of 64 MiB.
  public init(
    frameByteCount: Int = 64 << 20, messageByteCount: Int = 64 << 20,
    inflatedMessageByteCount: Int = 64 << 20, fragmentCount: Int = 1 << 20
  ) {
    precondition(min(frameByteCount, messageByteCount, inflatedMessageByteCount) >= 0)
    precondition(fragmentCount >= 1)
    self.frameByteCount = frameByteCount
    self.messageByteCount = messageByteCount
    self.inflatedMessageByteCount = inflatedMessageByteCount
    self.fragmentCount = fragmentCount
  }
}
