/// Manners of a player that configurations of the established suite can change; the defaults are that
/// suite's.
public struct PlayerManners: Sendable, Hashable {
  /// A Close of the peer is answered with its own code and reason instead of 1000.
  public var echoesClose = false
  /// The connection is failed by dropping TCP instead of by a Close.
  public var failsByDrop = false
  /// Frames that are masked, or not, as they should not be are no violation.
  public var toleratesMasking = false
  /// Text that is not UTF-8 is a violation.
  public var checksUTF8 = true
  /// Whether our frames are masked; nil: as the role demands.
  public var masks: Bool?
  /// The longest payload of a frame that is no violation, in octets.
  public var frameByteCount: Int?
  /// The longest message that is no violation, in octets.
  public var messageByteCount: Int?

  /// The usual manners.
  public init() {}
}
