public import Histogram

/// Why octets are not an HdrHistogram.
public enum HistogramEncodingError: Error, Equatable, Sendable {
  /// Not Base64.
  case notBase64
  /// Octets are missing.
  case truncated
  /// The cookie is that of another format, for instance the compressed one.
  case unknownCookie(UInt32)
  /// A field has a value that no histogram can have.
  case invalidField(String)
}

/// The V2 encoding of HdrHistogram, which the field's tools exchange: a header of 40 octets, then
/// the counts as ZigZag LEB128 numbers in which a negative number stands for so many zeros.
///
/// It is the uncompressed form. The compressed form is the same behind zlib, and this room knows
/// no zlib; a histogram of a second has some hundred octets either way.
public enum HistogramEncoding {
  /// `0x1c849303` with the bits that say "counts are ZigZag LEB128".
  static let cookie: UInt32 = 0x1c84_9313
  static let headerByteCount = 40

  /// The encoding in Base64.
  public static func base64(_ histogram: Histogram<UInt64>) -> String {
    Base64.encode(encode(histogram))
  }

  /// The compressed form of what ``base64(_:)`` gave, in Base64 as well; nil if it is no Base64.
  static func compressedBase64(of base64: String) -> String? {
    guard let octets = Base64.decode(base64), !octets.isEmpty else { return nil }
    let content = StoredZlib.wrapped(octets)
    var output: [UInt8] = []
    appendBigEndian(UInt32(0x1c84_9314), to: &output)
    appendBigEndian(UInt32(content.count), to: &output)
    return Base64.encode(output + content)
  }

  /// Decodes what ``base64(_:)`` gave, or another tool.
  public static func histogram(
    base64: String
  ) throws(HistogramEncodingError) -> Histogram<UInt64> {
    guard let octets = Base64.decode(base64) else { throw .notBase64 }
    return try decode(octets)
  }

  /// The octets of the encoding.
  public static func encode(_ histogram: Histogram<UInt64>) -> [UInt8] {
    encode(histogram, of: RecordedCount.all(of: histogram))
  }

  /// The octets of the encoding of a histogram that holds just these values.
  static func encode(_ histogram: Histogram<UInt64>, of recorded: [RecordedCount]) -> [UInt8] {
    let layout = CountsLayout(histogram)
    var counts: [UInt8] = []
    var next = 0
    for entry in recorded where entry.count > 0 {
      let index = layout.index(of: entry.value)
      if index > next { appendSigned(Int64(next - index), to: &counts) }
      appendSigned(Int64(clamping: entry.count), to: &counts)
      next = index + 1
    }
    var output: [UInt8] = []
    output.reserveCapacity(headerByteCount + counts.count)
    appendBigEndian(cookie, to: &output)
    appendBigEndian(UInt32(counts.count), to: &output)
    appendBigEndian(UInt32(0), to: &output)  // normalising index offset
    appendBigEndian(
      UInt32(histogram.numberOfSignificantValueDigits.rawValue), to: &output)
    appendBigEndian(histogram.lowestDiscernibleValue, to: &output)
    appendBigEndian(histogram.highestTrackableValue, to: &output)
    appendBigEndian((1.0).bitPattern, to: &output)  // integer to double conversion ratio
    return output + counts
  }

  /// Reads the octets of the encoding.
  public static func decode(_ octets: [UInt8]) throws(HistogramEncodingError) -> Histogram<UInt64> {
    guard octets.count >= headerByteCount else { throw .truncated }
    let found = UInt32(truncatingIfNeeded: bigEndian(octets, at: 0, byteCount: 4))
    guard found == cookie else { throw .unknownCookie(found) }
    let byteCount = Int(bigEndian(octets, at: 4, byteCount: 4))
    guard octets.count - headerByteCount >= byteCount else { throw .truncated }
    guard bigEndian(octets, at: 8, byteCount: 4) == 0 else { throw .invalidField("offset") }
    var histogram = try emptyHistogram(
      digits: bigEndian(octets, at: 12, byteCount: 4),
      lowest: bigEndian(octets, at: 16, byteCount: 8),
      highest: bigEndian(octets, at: 24, byteCount: 8))
    let layout = CountsLayout(histogram)
    let end = headerByteCount + byteCount
    var position = headerByteCount
    var index = 0
    var last: UInt64?
    while position < end {
      let number = try signed(octets, at: &position, end: end)
      if number > 0 {
        let value = index < layout.count ? layout.value(at: index) : 0
        guard index < layout.count, histogram.record(value, count: UInt64(number)) else {
          throw .invalidField("counts")
        }
        last = value
      }
      let (sum, overflow) = index.addingReportingOverflow(number < 0 ? Int(0 &- number) : 1)
      guard !overflow, sum >= index, sum <= layout.count else { throw .invalidField("counts") }
      index = sum
    }
    // As all implementations do: the greatest value may have been any that counts alike.
    if let last { histogram.record(histogram.highestEquivalentForValue(last), count: 0) }
    return histogram
  }

  private static func emptyHistogram(
    digits: UInt64, lowest: UInt64, highest: UInt64
  ) throws(HistogramEncodingError) -> Histogram<UInt64> {
    guard digits <= 5, let precision = SignificantDigits(rawValue: Int8(digits)) else {
      throw .invalidField("significant digits")
    }
    guard (1...(1 << 40)).contains(lowest) else { throw .invalidField("lowest value") }
    guard highest >= lowest * 2, highest <= UInt64(Int64.max) else {
      throw .invalidField("highest value")
    }
    return Histogram(
      lowestDiscernibleValue: lowest, highestTrackableValue: highest,
      numberOfSignificantValueDigits: precision)
  }

  // MARK: Numbers

  /// ZigZag LEB128 in at most nine octets: the ninth has all its eight bits.
  private static func appendSigned(_ number: Int64, to output: inout [UInt8]) {
    var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
    for _ in 0..<8 {
      guard rest >= 0x80 else { break }
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func signed(
    _ octets: [UInt8], at position: inout Int, end: Int
  ) throws(HistogramEncodingError) -> Int64 {
    var bits: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end else { throw .truncated }
      let octet = octets[position]
      position += 1
      if shift == 56 {
        bits |= UInt64(octet) << 56
        break
      }
      bits |= UInt64(octet & 0x7F) << shift
      if octet < 0x80 { break }
      shift += 7
    }
    return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
  }

  private static func appendBigEndian(_ number: some FixedWidthInteger, to output: inout [UInt8]) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      output.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  private static func bigEndian(_ octets: [UInt8], at start: Int, byteCount: Int) -> UInt64 {
    octets[start..<start + byteCount].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Where a value's count stands in an HdrHistogram's array of counts: sub-buckets of doubling
/// width, of which only the first bucket has a lower half.
struct CountsLayout {
  let unitMagnitude: Int
  let subBucketHalfCountMagnitude: Int
  let count: Int

  init(_ histogram: Histogram<UInt64>) {
    unitMagnitude = 63 - histogram.lowestDiscernibleValue.leadingZeroBitCount
    var singleUnit: UInt64 = 2
    for _ in 0..<histogram.numberOfSignificantValueDigits.rawValue { singleUnit *= 10 }
    // The power of two at or above it.
    let magnitude = 64 - (singleUnit - 1).leadingZeroBitCount
    subBucketHalfCountMagnitude = max(magnitude, 1) - 1
    var buckets = 1
    var untrackable = UInt64(2) << (subBucketHalfCountMagnitude + unitMagnitude)
    while untrackable <= histogram.highestTrackableValue {
      buckets += 1
      if untrackable > UInt64.max / 2 { break }
      untrackable <<= 1
    }
    count = (buckets + 1) << subBucketHalfCountMagnitude
  }

  func index(of value: UInt64) -> Int {
    let mask = ((UInt64(2) << subBucketHalfCountMagnitude) - 1) << unitMagnitude
    let bucket =
      63 - unitMagnitude - subBucketHalfCountMagnitude - (value | mask).leadingZeroBitCount
    let subBucket = Int(value >> (bucket + unitMagnitude))
    return ((bucket + 1) << subBucketHalfCountMagnitude) + subBucket
      - (1 << subBucketHalfCountMagnitude)
  }

  func value(at index: Int) -> UInt64 {
    let half = 1 << subBucketHalfCountMagnitude
    let bucket = (index >> subBucketHalfCountMagnitude) - 1
    guard bucket >= 0 else { return UInt64(index) << unitMagnitude }
    return UInt64((index & (half - 1)) + half) << (bucket + unitMagnitude)
  }
}
