import WebSocketProtocol

/// Where and how a message's sequence number stands in its payload.
///
/// The number is written with digits of five bits, least significant first, each an octet from `]` to `|`: printable
/// ASCII without quotes or backslash, so that text stays UTF-8 and JSON stays JSON. Eight digits hold the low 32
/// bits of the number and an eight-bit check, so that a damaged number is told from another message's. Fewer
/// digits, where the payload has no room, hold the low bits alone.
struct SequenceField: Equatable, Sendable {
  /// The most digits a number has.
  static let fullDigitCount = 8
  /// Digit zero.
  private static let base: UInt64 = 0x5d5d_5d5d_5d5d_5d5d

  /// How many octets of the payload come before the number.
  var offset: Int
  /// How many digits there are, 0 to 8; with 0 the message has no number.
  let digitCount: Int

  /// The octets of the field within a little-endian word.
  let mask: UInt64

  init(offset: Int, digitCount: Int) {
    precondition((0...Self.fullDigitCount).contains(digitCount) && offset >= 0)
    self.offset = offset
    self.digitCount = digitCount
    mask = digitCount == 8 ? .max : (1 << UInt64(8 * digitCount)) - 1
  }

  /// How many low bits of the sequence number the field carries.
  var bitCount: Int { digitCount == Self.fullDigitCount ? 32 : 5 * digitCount }

  /// The digits of `sequence` as a little-endian word, the first octet lowest; the octets beyond `digitCount` are zero.
  func word(for sequence: UInt64) -> UInt64 {
    guard digitCount == Self.fullDigitCount else {
      return (Self.spread(sequence & 0x7_ffff_ffff) &+ Self.base) & mask
    }
    let number = sequence & 0xffff_ffff
    return Self.spread(number | Self.check(number) << 32) &+ Self.base
  }

  /// The bits of the sequence number that `word` carries; nil if it is no such number.
  func sequenceBits(of word: UInt64) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<digitCount {
      let digit = (word >> UInt64(8 * index)) & 0xff
      guard (0x5d...0x7c).contains(digit) else { return nil }
      value |= (digit - 0x5d) << UInt64(5 * index)
    }
    guard digitCount == Self.fullDigitCount else { return value }
    let number = value & 0xffff_ffff
    return value >> 32 == Self.check(number) ? number : nil
  }

  /// The whole sequence number that carries `bits` and lies nearest to `expected`; nil if it would be negative.
  func sequence(bits: UInt64, near expected: UInt64) -> UInt64? {
    let unused = UInt64(64 - bitCount)
    let difference = Int64(bitPattern: (bits &- expected) << unused) >> Int64(unused)
    let sequence = Int64(bitPattern: expected) &+ difference
    return sequence < 0 ? nil : UInt64(bitPattern: sequence)
  }

  private static func check(_ number: UInt64) -> UInt64 {
    ((number &* 0x9e37_79b1) >> 24) & 0xff
  }

  /// Puts each five of the low forty bits into an octet of their own.
  private static func spread(_ value: UInt64) -> UInt64 {
    var value = (value & 0xf_ffff) | (value & 0xff_fff0_0000) << 12
    value = (value & 0x3ff_0000_03ff) | (value & 0xffc00_000f_fc00) << 6
    return (value & 0x1f_001f_001f_001f) | (value & 0x3e0_03e0_03e0_03e0) << 3
  }
}

extension Span<UInt8> {
  /// The `count` octets at `offset`, at most eight, as a little-endian word filled up with zeros.
  func partialWord(at offset: Int, count: Int) -> UInt64 {
    guard count < 8 else { return word(at: offset) }
    guard count > 0 else { return 0 }
    precondition(offset >= 0 && offset &+ count <= self.count)
    // One load where eight octets can be read, of which the others are dropped.
    let unused = UInt64(8 &* (8 &- count))
    if offset &+ 8 <= self.count { return (word(at: offset) << unused) >> unused }
    if offset &+ count >= 8 { return word(at: offset &+ count &- 8) >> unused }
    var word: UInt64 = 0
    for index in 0..<count {
      word |= UInt64(self[offset &+ index]) << UInt64(8 &* index)
    }
    return word
  }
}

extension MutableSpan<UInt8> {
  /// Writes the low `count` octets of a little-endian word, at most eight, at `offset`.
  mutating func setWord(_ word: UInt64, count: Int, at offset: Int) {
    guard count == 8 else {
      for index in 0..<count {
        self[offset + index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * index))
      }
      return
    }
    precondition(offset >= 0 && offset <= self.count - 8)
    self[offset] = UInt8(truncatingIfNeeded: word)
    self[offset &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
    self[offset &+ 2] = UInt8(truncatingIfNeeded: word >> 16)
    self[offset &+ 3] = UInt8(truncatingIfNeeded: word >> 24)
    self[offset &+ 4] = UInt8(truncatingIfNeeded: word >> 32)
    self[offset &+ 5] = UInt8(truncatingIfNeeded: word >> 40)
    self[offset &+ 6] = UInt8(truncatingIfNeeded: word >> 48)
    self[offset &+ 7] = UInt8(truncatingIfNeeded: word >> 56)
  }
}
