/// What stands before the payload of a frame, legal or not, per RFC 6455 §5.2.
///
/// The header says what is on the wire; whether that is permitted now, ``Connection`` decides.
public struct FrameHeader: Hashable, Sendable {
  /// How the payload length is written; anything but the shortest form is illegal.
  public enum LengthEncoding: Hashable, Sendable, CaseIterable {
    /// The shortest form that holds the length, the only one RFC 6455 §5.2 permits.
    case minimal
    /// In the seven bits of the second octet: up to 125.
    case sevenBit
    /// In two further octets: up to 65,535.
    case sixteenBit
    /// In eight further octets.
    case sixtyFourBit
  }

  /// Whether this is the last frame of its message.
  public var isFinal: Bool
  /// The reserved bits as a number: RSV1 × 4 + RSV2 × 2 + RSV3.
  public var rsv: UInt8
  /// What the frame is.
  public var opcode: Opcode
  /// The key that masks the payload; absent when the MASK bit is clear.
  public var maskingKey: MaskingKey?
  /// The declared length of the payload in octets; the top bit is illegal but representable.
  public var payloadLength: UInt64
  /// How the length is written; decoding gives `.minimal` for the shortest form.
  public var lengthEncoding: LengthEncoding

  /// The longest header: two octets, eight of length, four of key.
  public static let maximumByteCount = 14

  /// A header; the defaults make an unmasked, unfragmented one.
  public init(
    isFinal: Bool = true, rsv: UInt8 = 0, opcode: Opcode, maskingKey: MaskingKey? = nil,
    payloadLength: UInt64, lengthEncoding: LengthEncoding = .minimal
  ) {
    self.isFinal = isFinal
    self.rsv = rsv
    self.opcode = opcode
    self.maskingKey = maskingKey
    self.payloadLength = payloadLength
    self.lengthEncoding = lengthEncoding
  }

  /// The first reserved bit; RFC 7692 §6 uses it for "this message is compressed".
  public var rsv1: Bool {
    get { rsv & 4 != 0 }
    set { rsv = rsv & 0b011 | (newValue ? 4 : 0) }
  }

  /// The second reserved bit.
  public var rsv2: Bool {
    get { rsv & 2 != 0 }
    set { rsv = rsv & 0b101 | (newValue ? 2 : 0) }
  }

  /// The third reserved bit.
  public var rsv3: Bool {
    get { rsv & 1 != 0 }
    set { rsv = rsv & 0b110 | (newValue ? 1 : 0) }
  }

  /// The shortest form that holds `payloadLength`.
  public static func minimalEncoding(of payloadLength: UInt64) -> LengthEncoding {
    switch payloadLength {
    case ...125: .sevenBit
    case ...65_535: .sixteenBit
    default: .sixtyFourBit
    }
  }

  /// The form that ``encode(to:)`` uses: `lengthEncoding`, or the shortest if that is too short.
  public var effectiveLengthEncoding: LengthEncoding {
    let minimal = Self.minimalEncoding(of: payloadLength)
    return switch lengthEncoding {
    case .minimal, .sevenBit: minimal
    case .sixteenBit: minimal == .sixtyFourBit ? .sixtyFourBit : .sixteenBit
    case .sixtyFourBit: .sixtyFourBit
    }
  }

  /// The length of the encoded header in octets: 2 to 14.
  public var byteCount: Int {
    let length =
      switch effectiveLengthEncoding {
      case .minimal, .sevenBit: 2
      case .sixteenBit: 4
      case .sixtyFourBit: 10
      }
    return maskingKey == nil ? length : length + 4
  }

  /// The length of the header that starts with these two octets.
  @inlinable
  public static func byteCount(secondOctet: UInt8) -> Int {
    let length =
      switch secondOctet & 0x7f {
      case 127: 10
      case 126: 4
      default: 2
      }
    return secondOctet & 0x80 == 0 ? length : length &+ 4
  }

  /// Reads the header at the start of `bytes`: nil if it is not all there yet.
  public static func decode(_ bytes: Span<UInt8>) -> (header: FrameHeader, byteCount: Int)? {
    guard bytes.count >= 2 else { return nil }
    let first = bytes[0]
    let second = bytes[1]
    let byteCount = byteCount(secondOctet: second)
    guard bytes.count >= byteCount else { return nil }

    var length = UInt64(second & 0x7f)
    var encoding = LengthEncoding.minimal
    if length == 126 {
      length = UInt64(bytes[2]) &<< 8 | UInt64(bytes[3])
      if length <= 125 { encoding = .sixteenBit }
    } else if length == 127 {
      length = 0
      for index in 2..<10 { length = length &<< 8 | UInt64(bytes[index]) }
      if length <= 65_535 { encoding = .sixtyFourBit }
    }
    var key: MaskingKey?
    if second & 0x80 != 0 {
      let start = byteCount &- 4
      key = MaskingKey(bytes[start], bytes[start &+ 1], bytes[start &+ 2], bytes[start &+ 3])
    }
    let header = FrameHeader(
      isFinal: first & 0x80 != 0, rsv: first &>> 4 & 7, opcode: Opcode(rawValue: first),
      maskingKey: key, payloadLength: length, lengthEncoding: encoding)
    return (header, byteCount)
  }

  /// Appends the header as it goes on the wire.
  ///
  /// A `lengthEncoding` too short for `payloadLength` gives way to the shortest that holds it.
  public func encode(to output: inout [UInt8]) {
    let first = (isFinal ? 0x80 : 0) | (rsv & 7) &<< 4 | opcode.rawValue
    let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
    output.append(addingCapacity: Self.maximumByteCount) { (bytes: inout OutputSpan<UInt8>) in
      bytes.append(first)
      switch effectiveLengthEncoding {
      case .minimal, .sevenBit:
        bytes.append(maskBit | UInt8(truncatingIfNeeded: payloadLength))
      case .sixteenBit:
        bytes.append(maskBit | 126)
        bytes.append(UInt8(truncatingIfNeeded: payloadLength &>> 8))
        bytes.append(UInt8(truncatingIfNeeded: payloadLength))
      case .sixtyFourBit:
        bytes.append(maskBit | 127)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
          bytes.append(UInt8(truncatingIfNeeded: payloadLength &>> shift))
        }
      }
      if let maskingKey {
        let octets = maskingKey.octets
        bytes.append(octets.0)
        bytes.append(octets.1)
        bytes.append(octets.2)
        bytes.append(octets.3)
      }
    }
  }
}
