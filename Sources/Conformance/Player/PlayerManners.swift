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
  /// How many octets each frame of an exchanged message has that the case does not cut itself; nil: all.
  public var fragmentByteCount: Int?
  /// Pings that are sent beside those of the case, and whose Pongs do not count.
  public var pings = Pings()

  /// Pings that show whether the peer is still there.
  public struct Pings: Sendable, Hashable {
    /// The time between two; nil: there are none.
    public var interval: Duration?
    /// How long the Pong may take, then TCP is dropped; nil: for ever.
    public var timeout: Duration?
    /// The length of their payload, 1 to 125 octets.
    public var byteCount: Int

    /// Pings at an interval, or none.
    public init(interval: Duration? = nil, timeout: Duration? = nil, byteCount: Int = 4) {
      self.interval = interval
      self.timeout = timeout
      self.byteCount = byteCount
    }
  }

  /// The usual manners.
  public init() {}
}
