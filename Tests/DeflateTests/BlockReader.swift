/// A plain, slow reader of RFC 1951, which measures how far back a stream refers.
///
/// zlib's own inflate does not notice a distance beyond the agreed window as long as the octets are
/// still in the output of the same call, so it cannot be the judge of that.
struct BlockReader {
  private let octets: [UInt8]
  private var bitPosition = 0
  private(set) var output: [UInt8] = []
  private(set) var greatestDistance = 0

  /// Reads blocks to the last octet; nil if they break RFC 1951.
  init?(_ octets: [UInt8]) {
    self.octets = octets
    guard readAll() else { return nil }
  }

  private mutating func readAll() -> Bool {
    while bitPosition + 3 <= octets.count * 8 {
      _ = bits(1)
      switch bits(2) {
      case 0: guard readStored() else { return false }
      case 1: guard readCompressed(Self.fixedLiterals, Self.fixedDistances) else { return false }
      case 2:
        guard let (literals, distances) = readCodes(), readCompressed(literals, distances) else {
          return false
        }
      default: return false
      }
    }
    return true
  }

  private mutating func bits(_ count: Int) -> Int {
    var value = 0
    for index in 0..<count where bitPosition < octets.count * 8 {
      value |= Int(octets[bitPosition >> 3] >> UInt8(bitPosition & 7) & 1) << index
      bitPosition += 1
    }
    return value
  }

  private mutating func readStored() -> Bool {
    bitPosition = (bitPosition + 7) & ~7
    let length = bits(16)
    guard bits(16) == ~length & 0xffff, bitPosition / 8 + length <= octets.count else {
      return false
    }
    output += octets[(bitPosition / 8)..<(bitPosition / 8 + length)]
    bitPosition += length * 8
    return true
  }

  private mutating func readCompressed(_ literals: Huffman, _ distances: Huffman) -> Bool {
    while true {
      guard let symbol = symbol(literals), symbol < 286 else { return false }
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        return true
      } else {
        let length = Self.lengthBases[symbol - 257] + bits(Self.lengthBits[symbol - 257])
        guard let code = self.symbol(distances), code < 30 else { return false }
        let distance = Self.distanceBases[code] + bits(code < 2 ? 0 : code / 2 - 1)
        greatestDistance = max(greatestDistance, distance)
        guard distance <= output.count else { return false }
        for _ in 0..<length {
          output.append(output[output.count - distance])
        }
      }
    }
  }

  private mutating func readCodes() -> (Huffman, Huffman)? {
    let literalCount = bits(5) + 257
    let distanceCount = bits(5) + 1
    let codeCount = bits(4) + 4
    var codeLengths = [Int](repeating: 0, count: 19)
    for index in Self.codeOrder.prefix(codeCount) {
      codeLengths[index] = bits(3)
    }
    let codes = Huffman(lengths: codeLengths)
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
      guard let symbol = symbol(codes) else { return nil }
      switch symbol {
      case 16:
        guard let last = lengths.last else { return nil }
        lengths += [Int](repeating: last, count: 3 + bits(2))
      case 17: lengths += [Int](repeating: 0, count: 3 + bits(3))
      case 18: lengths += [Int](repeating: 0, count: 11 + bits(7))
      default: lengths.append(symbol)
      }
    }
    return (
      Huffman(lengths: Array(lengths[..<literalCount])),
      Huffman(lengths: Array(lengths[literalCount...]))
    )
  }

  /// RFC 1951 §3.2.2, decoded bit by bit.
  private mutating func symbol(_ huffman: Huffman) -> Int? {
    var code = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      code |= bits(1)
      let count = huffman.counts[length]
      if code - count < first {
        return huffman.symbols[index + (code - first)]
      }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return nil
  }

  private struct Huffman {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(lengths: [Int]) {
      for length in lengths where length > 0 {
        counts[length] += 1
      }
      for length in 1...15 {
        symbols += lengths.indices.filter { lengths[$0] == length }
      }
    }
  }

  private static let fixedLiterals = Huffman(
    lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = Huffman(lengths: [Int](repeating: 5, count: 30))
  private static let codeOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]
}
