/// What a peer may make a head grow to; each is refused with its own status.
public struct HeadLimits: Hashable, Sendable {
  /// The greatest number of octets of a whole head, line ends included (else 431).
  public var maximumByteCount: Int
  /// The greatest number of octets of the start line (else 414).
  public var maximumStartLineByteCount: Int
  /// The greatest number of field lines (else 431).
  public var maximumFieldCount: Int

  /// Makes limits; the defaults are those of common servers.
  public init(
    maximumByteCount: Int = 32 << 10, maximumStartLineByteCount: Int = 8 << 10,
    maximumFieldCount: Int = 128
  ) {
    self.maximumByteCount = maximumByteCount
    self.maximumStartLineByteCount = maximumStartLineByteCount
    // swift-http-types holds fewer than 2^16 fields.
    self.maximumFieldCount = min(maximumFieldCount, 65_000)
  }
}
