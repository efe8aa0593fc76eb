import HTTP

/// The nonce of an opening handshake and the value that proves it was read (RFC 6455 §1.3).
public struct HandshakeKey: Hashable, Sendable {
  /// The value of Sec-WebSocket-Key: 24 characters of base64.
  public let value: String

  /// Encodes 16 random octets, which the caller draws anew for each connection (RFC 6455 §4.1).
  public init(octets: [UInt8]) {
    precondition(octets.count == 16, "a handshake key has 16 octets")
    value = Base64.encode(octets)
  }

  /// Reads the value of the field: base64 of 16 octets (RFC 6455 §4.2.1), or nil.
  public init?(value: String) {
    guard
      value.utf8.count == 24,
      Base64.decode(value, allowsTrailingBits: true)?.count == 16
    else {
      return nil
    }
    self.value = value
  }

  /// The value of Sec-WebSocket-Accept that answers this key (RFC 6455 §4.2.2).
  public var acceptValue: String { Self.acceptValue(answering: value) }

  /// The value of Sec-WebSocket-Accept that answers any value of Sec-WebSocket-Key, valid or not.
  public static func acceptValue(answering value: String) -> String {
    Base64.encode(SHA1.digest(Array(value.utf8) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
  }
}
