/// What a published message says of itself, so that who gets it knows all of it: who sent it, which it was, and when it
/// was due.
///
/// In the payload it is 44 octets, printable and without quotes: a mark, then publisher, number and time in
/// hexadecimal digits, then a check of them all.
struct DeliveryStamp: Equatable, Sendable {
  /// Which publisher of the run.
  var publisher: UInt32
  /// Which of its messages.
  var sequence: UInt64
  /// When it was to be sent, in nanoseconds since the start of sending, the agreed one where there are several parts.
  var planned: Int64

  /// What a stamp begins with.
  static let mark = Array("~gd:".utf8)
  /// How many digits each part has; the number's are its low ones.
  private static let digitCounts = [8, 12, 16, 4]
  /// How many octets a stamp has.
  static let byteCount = mark.count + digitCounts.reduce(0, +)

  /// The stamp as it stands in a payload.
  var octets: [UInt8] {
    let bits = UInt64(bitPattern: planned)
    let parts = [UInt64(publisher), sequence & 0xffff_ffff_ffff, bits]
    return zip(parts + [Self.check(parts)], Self.digitCounts).reduce(into: Self.mark) {
      octets, part in
      for digit in (0..<part.1).reversed() {
        octets.append(Array("0123456789abcdef".utf8)[Int(part.0 >> UInt64(4 * digit) & 15)])
      }
    }
  }

  /// What a search for a stamp comes to.
  enum Finding: Equatable {
    /// There is none.
    case none
    /// There is something that was one.
    case damaged
    /// There is one, whose octets begin here.
    case found(DeliveryStamp, start: Int)
  }

  /// Finds the first stamp in a payload.
  static func find(in payload: Span<UInt8>) -> Finding {
    guard var position = payload.firstEnd(of: mark) else { return .none }
    let start = position - mark.count
    guard start + byteCount <= payload.count else { return .damaged }
    var values: [UInt64] = []
    for digitCount in digitCounts {
      var value: UInt64 = 0
      for _ in 0..<digitCount {
        guard let digit = digit(payload[position]) else { return .damaged }
        value = value << 4 | digit
        position += 1
      }
      values.append(value)
    }
    guard values[3] == check(Array(values[..<3])) else { return .damaged }
    return .found(
      DeliveryStamp(
        publisher: UInt32(truncatingIfNeeded: values[0]), sequence: values[1],
        planned: Int64(bitPattern: values[2])), start: start)
  }

  private static func digit(_ octet: UInt8) -> UInt64? {
    switch octet {
    case 0x30...0x39: UInt64(octet - 0x30)
    case 0x61...0x66: UInt64(octet - 0x61 + 10)
    default: nil
    }
  }

  private static func check(_ parts: [UInt64]) -> UInt64 {
    parts.reduce(0x9e37_79b9_7f4a_7c15) { ($0 ^ $1) &* 0xff51_afd7_ed55_8ccd } >> 48
  }
}
