public import WebSocketProtocol

/// One whole message, kept.
public struct Message: Sendable, Hashable {
  /// Text or binary.
  public let kind: MessageKind
  /// The payload; UTF-8 if the kind is text.
  public let bytes: [UInt8]

  /// Creates a message.
  public init(_ kind: MessageKind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  /// Creates a text message.
  public init(_ text: String) {
    self.init(.text, Array(text.utf8))
  }

  /// The payload as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
