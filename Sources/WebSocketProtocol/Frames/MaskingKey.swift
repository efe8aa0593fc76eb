/// The four octets that a client XORs over the payload of a frame, per RFC 6455 §5.3.
public struct MaskingKey: RawRepresentable, Hashable, Sendable {
  /// The octets in memory order: loading four octets of the wire gives this value.
  public let rawValue: UInt32

  /// A key from its octets in memory order.
  @inlinable
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// A key from its octets in the order of the wire.
  @inlinable
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    rawValue = UInt32(
      littleEndian: UInt32(first) | UInt32(second) &<< 8 | UInt32(third) &<< 16
        | UInt32(fourth) &<< 24)
  }

  /// The key that changes nothing; legal, and useful in tests.
  public static let zero = Self(rawValue: 0)

  /// The octets in the order of the wire.
  @inlinable public var octets: (UInt8, UInt8, UInt8, UInt8) {
    let value = rawValue.littleEndian
    return (
      UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value &>> 8),
      UInt8(truncatingIfNeeded: value &>> 16), UInt8(truncatingIfNeeded: value &>> 24)
    )
  }

  /// The octet that is XORed over payload octet `index`.
  @inlinable
  public subscript(index: Int) -> UInt8 {
    let shift = UInt32(truncatingIfNeeded: (index & 3) &* 8)
    return UInt8(truncatingIfNeeded: rawValue.littleEndian &>> shift)
  }

  /// The key for a payload whose first `phase` octets have been masked already.
  @inlinable
  public func advanced(by phase: Int) -> MaskingKey {
    let shift = UInt32(truncatingIfNeeded: (phase & 3) &* 8)
    let value = rawValue.littleEndian
    let rotated = shift == 0 ? value : value &>> shift | value &<< (32 &- shift)
    return MaskingKey(rawValue: rotated.littleEndian)
  }
}
