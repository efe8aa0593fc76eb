/// The four bits that say what a frame is, per RFC 6455 §5.2 and §11.8.
public struct Opcode: RawRepresentable, Hashable, Sendable {
  /// The opcode as it stands on the wire: 0 to 15.
  public let rawValue: UInt8

  /// The opcode in the low four bits of `rawValue`; the high bits are dropped.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue & 0x0f
  }

  /// A further fragment of the message that is under way.
  public static let continuation = Self(rawValue: 0x0)
  /// The first fragment, or the whole, of a text message.
  public static let text = Self(rawValue: 0x1)
  /// The first fragment, or the whole, of a binary message.
  public static let binary = Self(rawValue: 0x2)
  /// The start or the answer of the closing handshake.
  public static let close = Self(rawValue: 0x8)
  /// A question whether the peer is still there.
  public static let ping = Self(rawValue: 0x9)
  /// The answer to a ping, or a heartbeat nobody asked for.
  public static let pong = Self(rawValue: 0xa)

  /// Whether the most significant bit is set: control frames, per RFC 6455 §5.5.
  @inlinable public var isControl: Bool { rawValue & 0x8 != 0 }

  /// Whether RFC 6455 §11.8 gives the opcode no meaning: 3 to 7 and 11 to 15.
  @inlinable public var isReserved: Bool { rawValue & 0x7 > 2 }
}

extension Opcode: CustomStringConvertible {
  /// The RFC's word for the opcode, or `reserved(n)`.
  public var description: String {
    switch self {
    case .continuation: "continuation"
    case .text: "text"
    case .binary: "binary"
    case .close: "close"
    case .ping: "ping"
    case .pong: "pong"
    default: "reserved(\(rawValue))"
    }
  }
}
