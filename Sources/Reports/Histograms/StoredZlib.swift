/// Octets in the format of RFC 1950, not compressed: in stored blocks of RFC 1951 §3.2.4.
///
/// For readers that insist on the format; what is kept in a run is small, and needs no zlib this way.
enum StoredZlib {
  static func wrapped(_ octets: [UInt8]) -> [UInt8] {
    // Deflate with a window of 32 KiB, the fastest level, no dictionary.
    var output: [UInt8] = [0x78, 0x01]
    output.reserveCapacity(octets.count + 5 * (octets.count / 65_535 + 1) + 6)
    var start = 0
    repeat {
      let count = min(65_535, octets.count - start)
      let isLast = start + count == octets.count
      output.append(isLast ? 1 : 0)
      for value in [UInt16(count), ~UInt16(count)] {
        output.append(UInt8(truncatingIfNeeded: value))
        output.append(UInt8(truncatingIfNeeded: value >> 8))
      }
      output += octets[start..<start + count]
      start += count
    } while start < octets.count
    let checksum = adler32(octets)
    for shift in stride(from: 24, through: 0, by: -8) {
      output.append(UInt8(truncatingIfNeeded: checksum >> UInt32(shift)))
    }
    return output
  }

  /// The checksum of RFC 1950 §9.
  static func adler32(_ octets: [UInt8]) -> UInt32 {
    var (a, b) = (UInt32(1), UInt32(0))
    for octet in octets {
      a = (a + UInt32(octet)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }
}
