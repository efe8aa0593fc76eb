/// The base64 encoding of RFC 4648 §4.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Encodes octets, with padding.
  public static func encode(_ octets: Span<UInt8>) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((octets.count + 2) / 3 * 4)
    for start in stride(from: 0, to: octets.count, by: 3) {
      let rest = octets.count - start
      let second = rest > 1 ? octets[start + 1] : 0
      let third = rest > 2 ? octets[start + 2] : 0
      let group = Int(octets[start]) << 16 | Int(second) << 8 | Int(third)
      output.append(alphabet[group >> 18])
      output.append(alphabet[group >> 12 & 63])
      output.append(rest > 1 ? alphabet[group >> 6 & 63] : UInt8(ascii: "="))
      output.append(rest > 2 ? alphabet[group & 63] : UInt8(ascii: "="))
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Encodes octets, with padding.
  public static func encode(_ octets: [UInt8]) -> String {
    encode(octets.span)
  }

  /// Decodes padded base64 without white space, or returns nil.
  /// - Parameters:
  ///   - text: The text, whose length must be a multiple of four.
  ///   - allowsTrailingBits: Whether the bits that padding leaves over may be set; RFC 4648 §3.5
  ///     leaves it to the decoder.
  /// - Returns: The octets, or nil when the text is not base64.
  public static func decode(
    _ text: some StringProtocol, allowsTrailingBits: Bool = false
  ) -> [UInt8]? {
    var octets = Substring(text).utf8
    guard octets.count % 4 == 0 else {
      return nil
    }
    var paddingCount = 0
    while paddingCount < 2, octets.last == UInt8(ascii: "=") {
      octets.removeLast()
      paddingCount += 1
    }
    var output: [UInt8] = []
    output.reserveCapacity(octets.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    var bitCount = 0
    for octet in octets {
      guard let value = value(of: octet) else {
        return nil
      }
      bits = bits << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    let trailing = bits & (1 << UInt32(bitCount) - 1)
    return trailing == 0 || allowsTrailingBits ? output : nil
  }

  private static func value(of octet: UInt8) -> UInt32? {
    switch octet {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(octet - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(octet - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(octet - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
