/// One thing that happened on a connection: a frame, octets, half a handshake, a timer, TCP's end.
public struct TranscriptEntry: Codable, Equatable, Sendable {
  /// Who did it.
  public enum Direction: String, Codable, Sendable {
    /// The suite sent it.
    case sent
    /// The peer sent it.
    case received
    /// The suite noted it: a timer, an end of stream, a decision.
    case noted
  }

  /// What sort of thing it was.
  public enum Kind: String, Codable, Sendable {
    /// A WebSocket frame.
    case frame
    /// Octets that are not shown as a frame: garbage, or a frame in pieces.
    case octets
    /// A request or response head of the opening handshake.
    case handshake
    /// An event of TCP or TLS: connected, end of stream, reset.
    case transport
    /// A pause or a deadline.
    case timer
    /// The matcher's remark.
    case note
  }

  /// Nanoseconds since the case began.
  public var offsetNanoseconds: Int64
  /// Who did it.
  public var direction: Direction
  /// What sort of thing it was.
  public var kind: Kind
  /// The entry in the case notation, such as `ping payload=126*"x"`, or in plain words.
  public var notation: String
  /// The header, when it was a frame.
  public var frame: FrameFields?
  /// What it carried: unmasked payload, head or octets.
  public var payload: PayloadExcerpt?

  /// Creates an entry.
  public init(
    offset: Duration, direction: Direction, kind: Kind, notation: String,
    frame: FrameFields? = nil, payload: PayloadExcerpt? = nil
  ) {
    offsetNanoseconds = offset.wholeNanoseconds
    self.direction = direction
    self.kind = kind
    self.notation = notation
    self.frame = frame
    self.payload = payload
  }
}

/// The header of a frame as it was on the wire (RFC 6455 §5.2).
public struct FrameFields: Codable, Equatable, Sendable {
  /// FIN.
  public var isFinal: Bool
  /// RSV1, RSV2 and RSV3 as one number of three bits.
  public var rsv: UInt8
  /// The opcode, 0 to 15.
  public var opcode: UInt8
  /// The masking key, four octets, or nil for an unmasked frame.
  public var maskingKey: PeerBytes?
  /// The length that the header announced.
  public var payloadLength: UInt64
  /// How many bits the length took: 7, 16 or 64.
  public var lengthBits: Int

  /// Creates the fields of a header.
  public init(
    isFinal: Bool, rsv: UInt8 = 0, opcode: UInt8, maskingKey: [UInt8]? = nil,
    payloadLength: UInt64, lengthBits: Int
  ) {
    self.isFinal = isFinal
    self.rsv = rsv
    self.opcode = opcode
    self.maskingKey = maskingKey.map { PeerBytes($0) }
    self.payloadLength = payloadLength
    self.lengthBits = lengthBits
  }
}

/// The beginning of something, and how long the whole was.
public struct PayloadExcerpt: Codable, Equatable, Sendable {
  /// How many octets are kept unless somebody says otherwise.
  public static let defaultLimit = 256

  /// The first octets.
  public var bytes: PeerBytes
  /// How many octets the whole had.
  public var byteCount: Int

  /// Creates an excerpt from its first octets and the length of the whole.
  public init(bytes: [UInt8], byteCount: Int) {
    self.bytes = PeerBytes(bytes)
    self.byteCount = byteCount
  }

  /// Cuts an excerpt of at most `limit` octets from the whole.
  public init(of whole: Span<UInt8>, limit: Int = Self.defaultLimit) {
    var kept: [UInt8] = []
    let count = min(whole.count, limit)
    kept.reserveCapacity(count)
    for index in 0..<count { kept.append(whole[index]) }
    self.init(bytes: kept, byteCount: whole.count)
  }

  /// True when octets are missing.
  public var isCut: Bool { bytes.octets.count < byteCount }
}
