/// Reads the chunked transfer coding (RFC 9112 §7.1), octet for octet and strictly.
///
/// Chunk extensions are read over; a bare LF, white space before a size, or a size with more digits
/// than a length can have is an error, since others may read it differently.
public struct ChunkedDecoder: Sendable {
  /// What one call of ``step(_:)`` has made of the octets.
  public struct Step: Hashable, Sendable {
    /// How many octets were taken.
    public let byteCount: Int
    /// Which of them are content.
    public let content: Range<Int>
  }

  private enum State {
    case size, chunkExtension, sizeLineFeed, data, dataReturn, dataLineFeed, trailer, complete
  }

  /// The most octets of one chunk's extension.
  static let extensionLimit = 1024
  /// The most octets of all fields after the last chunk.
  static let trailerLimit = 8 << 10

  private var state = State.size
  private var digitCount = 0
  private var left = 0
  private var extensionCount = 0
  private var line: [UInt8] = []
  private var trailerCount = 0
  /// The fields after the last chunk.
  public private(set) var trailers = HTTPFields()

  /// Begins to read a chunked body.
  public init() {}

  /// Whether the last chunk and the trailers have come.
  public var isComplete: Bool { state == .complete }

  /// Takes octets up to the end of a piece of content, or all.
  public mutating func step(_ bytes: Span<UInt8>) throws(HeadError) -> Step {
    var position = 0
    while position < bytes.count, state != .complete {
      if state == .data {
        let count = min(left, bytes.count - position)
        left -= count
        if left == 0 { state = .dataReturn }
        return Step(byteCount: position + count, content: position..<(position + count))
      }
      try take(bytes[position])
      position += 1
    }
    return Step(byteCount: position, content: 0..<0)
  }

  private mutating func take(_ octet: UInt8) throws(HeadError) {
    switch state {
    case .size: try takeSize(octet)
    case .chunkExtension:
      extensionCount += 1
      guard extensionCount <= Self.extensionLimit else {
        throw .malformed("a chunk extension is longer than \(Self.extensionLimit) octets")
      }
      if octet == 0x0d {
        state = .sizeLineFeed
      } else if !Syntax.isFieldValueOctet(octet) {
        throw .malformed("a chunk extension has a control character")
      }
    case .sizeLineFeed:
      guard octet == 0x0a else { throw .malformed("the line of a chunk's size ends with CR alone") }
      digitCount = 0
      extensionCount = 0
      state = left == 0 ? .trailer : .data
    case .dataReturn:
      guard octet == 0x0d else { throw .malformed("a chunk is longer than its size") }
      state = .dataLineFeed
    case .dataLineFeed:
      guard octet == 0x0a else { throw .malformed("a chunk does not end with CR LF") }
      state = .size
    case .trailer: try takeTrailer(octet)
    case .data, .complete: break
    }
  }

  private mutating func takeSize(_ octet: UInt8) throws(HeadError) {
    if let digit = Self.hexadecimalValue(octet) {
      digitCount += 1
      guard digitCount <= 15 else { throw .malformed("the size of a chunk has too many digits") }
      left = left << 4 | digit
      return
    }
    guard digitCount > 0 else { throw .malformed("a chunk does not begin with its size") }
    switch octet {
    case 0x0d: state = .sizeLineFeed
    case UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "\t"): state = .chunkExtension
    default: throw .malformed("the size of a chunk is not hexadecimal")
    }
  }

  private mutating func takeTrailer(_ octet: UInt8) throws(HeadError) {
    trailerCount += 1
    guard trailerCount <= Self.trailerLimit else {
      throw HeadError(
        .requestHeaderFieldsTooLarge, "the trailers are longer than \(Self.trailerLimit) octets")
    }
    guard octet == 0x0a else { return line.append(octet) }
    guard line.last == 0x0d else { throw .malformed("a trailer line ends with LF alone") }
    line.removeLast()
    if line.isEmpty {
      state = .complete
    } else {
      trailers.append(try HTTPField(line: line.span))
      line.removeAll(keepingCapacity: true)
    }
  }

  private static func hexadecimalValue(_ octet: UInt8) -> Int? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(octet - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(octet - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(octet - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
