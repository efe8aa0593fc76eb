import CaseLanguage
import Synchronization
import WebSocketProtocol

/// The messages of an exchange, in order, and their compressed forms.
final class MessageSource {
  private let content: Content
  private let stream: CompressedStream?

  private enum Content {
    case constant(ExpectedOctets)
    case slices(CorpusRing, length: Int)
  }

  init(
    _ step: Step.Exchange, agreement: PerMessageDeflate.Agreement?, role: Role,
    streams: CompressedStreamCache?
  ) {
    switch step.content {
    case .constant(let payload):
      let octets = payload.bytes()
      content = .constant(ExpectedOctets(valid: octets, range: 0..<octets.count))
    case .slices(let corpus, let length):
      content = .slices(CorpusRing.named(corpus), length: length)
    }
    guard let agreement else {
      stream = nil
      return
    }
    let key = CompressedStream.Key(
      content: step.content, role: role, windowBits: agreement.maxWindowBits(of: role),
      forgets: agreement.noContextTakeover(of: role))
    stream = streams?.stream(key) ?? CompressedStream(key)
  }

  deinit {
    stream?.release()
  }

  /// The octets of message `index`.
  func octets(of index: Int) -> ExpectedOctets {
    switch content {
    case .constant(let octets): octets
    case .slices(let ring, let length): ring.message(index, length: length)
    }
  }

  /// The compressed form of message `index`, to be asked for in order; nil without compression.
  func compressed(_ index: Int) -> [UInt8]? {
    stream?.message(index) { self.octets(of: index) }
  }
}

/// A corpus, twice in a row, so that nearly every slice of the ring is one piece.
struct CorpusRing: Sendable {
  private let octets: [UInt8]
  private let unitCount: Int
  /// Where each unit begins; empty if every unit is one octet.
  private let offsets: [Int32]
  private let once: Int

  private static let rings = Mutex<[CorpusName: CorpusRing]>([:])

  static func named(_ name: CorpusName) -> CorpusRing {
    rings.withLock { rings in
      if let ring = rings[name] { return ring }
      let ring = CorpusRing(Corpus.named(name))
      rings[name] = ring
      return ring
    }
  }

  init(_ corpus: Corpus) {
    self.init(octets: corpus.octets, unitCount: corpus.unitCount)
  }

  init(octets: [UInt8], unitCount: Int) {
    once = octets.count
    self.octets = octets + octets
    self.unitCount = unitCount
    var offsets: [Int32] = []
    if unitCount < octets.count {
      offsets.reserveCapacity(unitCount)
      for (index, octet) in octets.enumerated() where octet & 0xc0 != 0x80 {
        offsets.append(Int32(index))
      }
    }
    self.offsets = offsets
  }

  /// Message `index`: `length` units from unit (index × length) mod size.
  func message(_ index: Int, length: Int) -> ExpectedOctets {
    let start = (index * length) % max(unitCount, 1)
    guard start + length > 2 * unitCount else {
      return ExpectedOctets(valid: octets, range: offset(start)..<offset(start + length))
    }
    var whole: [UInt8] = []
    var unit = start
    while unit < start + length {
      let end = min(start + length, (unit / unitCount + 1) * unitCount)
      let first = offset(unit % unitCount)
      whole += octets[first..<(first + offset(unit % unitCount + end - unit) - first)]
      unit = end
    }
    return ExpectedOctets(valid: whole, range: 0..<whole.count)
  }

  private func offset(_ unit: Int) -> Int {
    if offsets.isEmpty { return unit }
    if unit >= 2 * unitCount { return 2 * once }
    return unit < unitCount ? Int(offsets[unit]) : once + Int(offsets[unit - unitCount])
  }
}
