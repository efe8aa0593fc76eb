/// Octets that came from or went to a peer, kept as they were; hexadecimal in JSON.
public struct PeerBytes: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The octets.
  public var octets: [UInt8]

  /// Creates it from octets.
  public init(_ octets: [UInt8] = []) {
    self.octets = octets
  }

  /// Creates it from a literal of octets.
  public init(arrayLiteral elements: UInt8...) {
    octets = elements
  }

  /// The octets as text for people; see ``Swift/String/init(peerOctets:)``.
  public var text: String { String(peerOctets: octets) }

  /// The octets in lower-case hexadecimal.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    output.reserveCapacity(octets.count * 2)
    for octet in octets {
      output.append(digits[Int(octet >> 4)])
      output.append(digits[Int(octet & 15)])
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Reads hexadecimal of either case; nil when it is not.
  public init?(hexadecimal: String) {
    let digits = Array(hexadecimal.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    octets = []
    octets.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1])
      else { return nil }
      octets.append(high << 4 | low)
    }
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}

extension PeerBytes: Codable {
  /// Reads hexadecimal.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let bytes = PeerBytes(hexadecimal: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
    }
    self = bytes
  }

  /// Writes hexadecimal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hexadecimal)
  }
}

extension String {
  /// Text of octets that a peer sent: well-formed UTF-8 stays as it is, control characters
  /// included, and every other octet becomes `\xNN`.
  ///
  /// All text fields of a ``Run`` that tell what a peer said are made this way. It is for people
  /// and not reversible; where octets matter, the model has ``PeerBytes``.
  public init(peerOctets octets: some Collection<UInt8>) {
    let bytes = Array(octets)
    guard !bytes.allSatisfy({ $0 < 0x80 }) else {
      self = String(decoding: bytes, as: UTF8.self)
      return
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let length = Self.scalarLength(bytes, at: index)
      if length > 0 {
        output.append(contentsOf: bytes[index..<index + length])
        index += length
      } else {
        output.append(contentsOf: "\\x\(PeerBytes([bytes[index]]).hexadecimal)".utf8)
        index += 1
      }
    }
    self = String(decoding: output, as: UTF8.self)
  }

  /// The length of the well-formed scalar that begins at an index (RFC 3629 §4), or 0.
  private static func scalarLength(_ bytes: [UInt8], at index: Int) -> Int {
    let rest = bytes[index...]
    func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      rest.count > offset && range.contains(rest[index + offset])
    }
    switch bytes[index] {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: return continues(1) ? 2 : 0
    case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
    case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
    case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
    case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
  }
}
