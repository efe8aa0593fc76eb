/// What many connections have in common; immutable, so that they share one.
public final class ConnectionConfiguration: Sendable {
  /// How messages reach the caller.
  public enum Delivery: Hashable, Sendable {
    /// Each as one `Event.message`, once it is all there.
    case messages
    /// As `Event.fragment` pieces as they arrive, whatever frames they came in.
    case fragments
    /// As `Event.message` where one frame holds all of it, else as pieces.
    case asSent
  }

  /// How much a peer may make a connection hold.
  public let limits: ConnectionLimits
  /// How messages reach the caller.
  public let delivery: Delivery
  /// Whether text messages that are not UTF-8 fail the connection, per RFC 6455 §8.1.
  public let validatesUTF8: Bool
  /// Whether pings are answered at once, per RFC 6455 §5.5.2; else the caller has to.
  public let repliesToPings: Bool
  /// How long each step of the closing handshake may take.
  public let closingTimeout: Duration
  /// Messages of fewer octets are sent plain although compression was agreed.
  public let compressionThreshold: Int
  /// zlib's level, 1 (fastest) to 9 (smallest).
  public let compressionLevel: Int
  /// zlib's memory level, 1 (least) to 9 (fastest).
  public let compressionMemoryLevel: Int
  /// Whether the memory of a context that need not be kept is given back after each message.
  public let releasesCompressionContext: Bool
  /// Messages of more octets are sent in frames of this many; nil: always in one frame.
  public let fragmentByteCount: Int?

  /// A configuration; the defaults suit a server.
  public init(
    limits: ConnectionLimits = ConnectionLimits(), delivery: Delivery = .messages,
    validatesUTF8: Bool = true, repliesToPings: Bool = true,
    closingTimeout: Duration = .seconds(5), compressionThreshold: Int = 0,
    compressionLevel: Int = 6, compressionMemoryLevel: Int = 8,
    releasesCompressionContext: Bool = false, fragmentByteCount: Int? = nil
  ) {
    precondition(0...9 ~= compressionLevel && 1...9 ~= compressionMemoryLevel)
    precondition(fragmentByteCount ?? 1 >= 1)
    self.limits = limits
    self.delivery = delivery
    self.validatesUTF8 = validatesUTF8
    self.repliesToPings = repliesToPings
    self.closingTimeout = closingTimeout
    self.compressionThreshold = compressionThreshold
    self.compressionLevel = compressionLevel
    self.compressionMemoryLevel = compressionMemoryLevel
    self.releasesCompressionContext = releasesCompressionContext
    self.fragmentByteCount = fragmentByteCount
  }

  /// The configuration of who has no wishes.
  public static let standard = ConnectionConfiguration()
}
