public import WebSocketProtocol

/// One whole message, kept; or a piece of one, where `ServerConfiguration.delivery` asks for pieces.
public struct Message: Sendable, Hashable {
  /// Text or binary.
  public let kind: MessageKind
  /// The payload; UTF-8 if the kind is text.
  public let bytes: [UInt8]
  /// Whether the message begins with it.
  public let isFirst: Bool
  /// Whether the message ends with it.
  public let isFinal: Bool

  /// Creates a message.
  public init(_ kind: MessageKind, _ bytes: [UInt8]) {
    self.init(kind, bytes, isFirst: true, isFinal: true)
  }

  /// Creates a message from a payload that is only lent.
  public init(_ kind: MessageKind, copying payload: Span<UInt8>) {
    self.init(kind, payload.copied())
  }

  init(_ kind: MessageKind, _ bytes: [UInt8], isFirst: Bool, isFinal: Bool) {
    self.kind = kind
    self.bytes = bytes
    self.isFirst = isFirst
    self.isFinal = isFinal
  }

  /// Creates a text message.
  public init(_ text: String) {
    self.init(.text, Array(text.utf8))
  }

  /// The payload as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
