/// What a data message carries, per RFC 6455 §5.6.
public enum MessageKind: UInt8, Hashable, Sendable, CaseIterable {
  /// UTF-8 text.
  case text = 1
  /// Octets whose meaning is the application's.
  case binary = 2

  /// The opcode of the message's first frame.
  @inlinable public var opcode: Opcode { Opcode(rawValue: rawValue) }
}
