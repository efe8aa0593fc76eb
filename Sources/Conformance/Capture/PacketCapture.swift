import WebSocketProtocol

/// What went over one connection, octet by octet, within bounds.
public struct PacketCapture: Sendable {
  /// A write or a read.
  public struct Chunk: Sendable {
    /// When it was.
    public var instant: ContinuousClock.Instant
    /// Whether we sent it.
    public var isSent: Bool
    /// The octets; empty if the bound was reached.
    public var octets: [UInt8]
    /// How many octets there were.
    public var byteCount: Int
  }

  /// How many octets of each direction are kept.
  public var limit: Int
  /// When TCP was up.
  public var connectedAt: ContinuousClock.Instant?
  /// When TCP ended.
  public var endedAt: ContinuousClock.Instant?
  /// Whether we ended TCP before the peer did.
  public var isEndedByUs = false
  /// Whether TCP ended with a reset.
  public var isReset = false
  /// The writes and reads, in their order.
  public private(set) var chunks: [Chunk] = []
  private var sentCount = 0
  private var receivedCount = 0

  /// Nothing was captured yet.
  public init(limit: Int = 512 << 10) {
    self.limit = limit
  }

  /// Adds what was sent or received.
  mutating func append(
    _ bytes: Span<UInt8>, isSent: Bool, at now: ContinuousClock.Instant
  ) {
    let before = isSent ? sentCount : receivedCount
    var octets: [UInt8] = []
    if before + bytes.count <= limit { bytes.append(to: &octets) }
    if isSent { sentCount += bytes.count } else { receivedCount += bytes.count }
    chunks.append(
      Chunk(instant: now, isSent: isSent, octets: octets, byteCount: bytes.count))
  }
}
