/// Checks UTF-8 as it streams by, and fails at the first octet that no valid text can have there.
///
/// RFC 3629 §4 gives each lead octet the range of the octet after it; all further ones lie in 80 to
/// BF. So all that is kept between two pieces is how many octets the sequence still needs and the
/// range of the next one. RFC 6455 §8.1 is the rule that makes a connection fail by it.
public struct UTF8Validator: Hashable, Sendable {
  /// How many octets the sequence under way still needs.
  private var neededCount: UInt8 = 0
  /// The least octet that may come next within the sequence.
  private var lower: UInt8 = 0x80
  /// The greatest octet that may come next within the sequence.
  private var upper: UInt8 = 0xbf

  /// A validator at the start of a text.
  public init() {}

  /// Whether the text may end here: no sequence is under way.
  public var isAtBoundary: Bool { neededCount == 0 }

  /// Forgets the text so far.
  public mutating func reset() {
    self = UTF8Validator()
  }

  /// Checks the next piece of the text.
  ///
  /// - Returns: Whether valid text may still start like this. After `false`, `reset()` first.
  public mutating func validate(_ bytes: Span<UInt8>) -> Bool {
    firstInvalidOffset(in: bytes) == nil
  }

  /// Checks the next piece of the text.
  ///
  /// - Returns: The offset in `bytes` of the first octet that cannot stand there, or nil.
  public mutating func firstInvalidOffset(in bytes: Span<UInt8>) -> Int? {
    var offset = 0
    let count = bytes.count
    while neededCount > 0 {
      guard offset < count else { return nil }
      guard bytes[offset] >= lower, bytes[offset] <= upper else { return offset }
      take()
      offset &+= 1
    }
    offset = skipSequences(in: bytes, from: offset)
    while offset < count {
      let octet = bytes[offset]
      if neededCount > 0 {
        guard octet >= lower, octet <= upper else { return offset }
        take()
      } else if octet >= 0x80 {
        guard begin(octet) else { return offset }
      }
      offset &+= 1
    }
    return nil
  }

  /// Takes an octet that was found to be in range.
  private mutating func take() {
    neededCount &-= 1
    lower = 0x80
    upper = 0xbf
  }

  /// Begins the sequence of a lead octet, per the table of RFC 3629 §4; false if it leads nothing.
  private mutating func begin(_ lead: UInt8) -> Bool {
    switch lead {
    case 0xc2...0xdf: neededCount = 1
    case 0xe0: (neededCount, lower) = (2, 0xa0)
    case 0xed: (neededCount, upper) = (2, 0x9f)
    case 0xe1...0xef: neededCount = 2
    case 0xf0: (neededCount, lower) = (3, 0x90)
    case 0xf4: (neededCount, upper) = (3, 0x8f)
    case 0xf1...0xf3: neededCount = 3
    default: return false
    }
    return true
  }

  /// The offset after all whole valid sequences that have room in `bytes` from `start` on.
  ///
  /// Stops before anything doubtful: the caller then looks at each octet.
  private func skipSequences(in bytes: Span<UInt8>, from start: Int) -> Int {
    let count = bytes.count
    var offset = start
    while offset < count {
      let lead = bytes[offset]
      if lead < 0x80 {
        offset = bytes.endOfASCII(from: offset)
        continue
      }
      guard offset &+ 4 <= count else { return offset }
      let second = bytes[offset &+ 1]
      guard second & 0xc0 == 0x80 else { return offset }
      if lead < 0xe0 {
        guard lead >= 0xc2 else { return offset }
        offset &+= 2
        continue
      }
      guard bytes[offset &+ 2] & 0xc0 == 0x80 else { return offset }
      if lead < 0xf0 {
        if lead == 0xe0, second < 0xa0 { return offset }
        if lead == 0xed, second > 0x9f { return offset }
        offset &+= 3
        continue
      }
      guard bytes[offset &+ 3] & 0xc0 == 0x80, lead <= 0xf4 else { return offset }
      if lead == 0xf0, second < 0x90 { return offset }
      if lead == 0xf4, second > 0x8f { return offset }
      offset &+= 4
    }
    return offset
  }
}
