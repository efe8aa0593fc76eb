/// The name of a corpus of payloads.
public enum CorpusName: String, Hashable, Sendable, CaseIterable {
  /// A large JSON document: text, about 190 KB of ASCII, very compressible.
  case json
  /// A picture-like bitmap: binary, about 263 KB, hardly compressible.
  case bitmap
  /// Natural language in several scripts, as octets: binary, about 222 KB.
  case prose
  /// An HTML page with source code: text, about 263 KB, not all ASCII, very compressible.
  case html
  /// A document with compressed streams inside: binary, about 1 MB.
  case document
}

/// A corpus of payloads: octets, and the ring of units that messages are cut from.
public struct Corpus: Sendable {
  /// Its name.
  public let name: CorpusName
  /// Whether it is text: then its units are code points, and messages are text messages.
  public let isText: Bool
  /// The number of its octets.
  public let octetCount: Int
  /// The number of its units: octets of a binary corpus, code points of a text.
  public let unitCount: Int
  /// The octets twice, so that every message of at most ``unitCount`` units is in one piece.
  public let ring: [UInt8]
  /// The octets before every 64th unit of the corpus; empty where a unit is an octet.
  private let checkpoints: [Int]
  private static let checkpointInterval = 64

  /// The corpus named `name`: generated at first use and kept, the same octets each time.
  public static func named(_ name: CorpusName) -> Corpus {
    switch name {
    case .json: json
    case .bitmap: bitmap
    case .prose: prose
    case .html: html
    case .document: document
    }
  }

  private static let json = Corpus(.json, CorpusGenerator.json(octetCount: 194_056), isText: true)
  private static let bitmap = Corpus(.bitmap, CorpusGenerator.bitmap(side: 512), isText: false)
  private static let prose = Corpus(
    .prose, CorpusGenerator.prose(octetCount: 222_218), isText: false)
  private static let html = Corpus(.html, CorpusGenerator.html(octetCount: 263_647), isText: true)
  private static let document = Corpus(
    .document, CorpusGenerator.document(octetCount: 1_042_328), isText: false)

  init(_ name: CorpusName, _ octets: [UInt8], isText: Bool) {
    precondition(!octets.isEmpty)
    self.name = name
    self.isText = isText
    octetCount = octets.count
    ring = octets + octets
    var checkpoints: [Int] = []
    var units = 0
    if isText, octets.contains(where: { $0 >= 0x80 }) {
      for index in octets.indices where octets[index] & 0xc0 != 0x80 {
        if units.isMultiple(of: Corpus.checkpointInterval) { checkpoints.append(index) }
        units += 1
      }
    } else {
      units = octets.count
    }
    self.checkpoints = checkpoints
    unitCount = units
  }

  /// The octets of the corpus, once.
  public var octets: [UInt8] { Array(ring[..<octetCount]) }

  /// Where in ``ring`` message number `index` of an exchange stands, its messages being `length`
  /// units long.
  ///
  /// - Precondition: `length` is at most ``unitCount``.
  public func message(_ index: Int, length: Int) -> Range<Int> {
    let first = index * length % unitCount
    return octetRange(of: first..<(first + length))
  }

  /// Where in ``ring`` the units `range` stand.
  ///
  /// - Precondition: `range` begins within the corpus, and is at most ``unitCount`` long.
  /// - Complexity: O(1).
  public func octetRange(of range: Range<Int>) -> Range<Int> {
    precondition(range.lowerBound < unitCount && range.count <= unitCount)
    return offset(ofUnit: range.lowerBound)..<offset(ofUnit: range.upperBound)
  }

  private func offset(ofUnit unit: Int) -> Int {
    guard !checkpoints.isEmpty else { return unit }
    let round = unit / unitCount
    let place = unit % unitCount
    var offset = checkpoints[place / Corpus.checkpointInterval]
    for _ in 0..<(place % Corpus.checkpointInterval) {
      offset += 1
      while ring[offset] & 0xc0 == 0x80 { offset += 1 }
    }
    return offset + round * octetCount
  }

  /// The octets of the units `range`, the corpus read as a ring, however long the range is.
  public func slice(_ range: Range<Int>) -> [UInt8] {
    var octets: [UInt8] = []
    var first = range.lowerBound
    while first < range.upperBound {
      let start = first % unitCount
      let count = min(range.upperBound - first, unitCount)
      octets += ring[octetRange(of: start..<(start + count))]
      first += count
    }
    return octets
  }
}
