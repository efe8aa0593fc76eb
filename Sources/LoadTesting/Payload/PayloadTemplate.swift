import Reports

/// The payload that every message of a run carries: constant octets, and a field for the sequence number.
struct PayloadTemplate: Equatable, Sendable {
  /// The octets; those of the sequence field hold the digits of number 0.
  let octets: [UInt8]
  /// Where the sequence number stands.
  let sequence: SequenceField

  init(octets: [UInt8], sequence: SequenceField) {
    precondition(sequence.offset + sequence.digitCount <= octets.count)
    var octets = octets
    var span = octets.mutableSpan
    span.setWord(sequence.word(for: 0), count: sequence.digitCount, at: sequence.offset)
    self.octets = octets
    self.sequence = sequence
  }

  /// What a payload file writes where the sequence number shall stand.
  static let placeholder = Array("{{sequence}}".utf8)

  /// The payload of a file: the first placeholder, if there is one, becomes the sequence number.
  ///
  /// Without a placeholder the messages carry no number, and only their content and count can be verified.
  init(file octets: [UInt8]) {
    guard let start = octets.firstRange(of: Self.placeholder)?.lowerBound else {
      self.init(octets: octets, sequence: SequenceField(offset: 0, digitCount: 0))
      return
    }
    var octets = octets
    octets.replaceSubrange(
      start..<(start + Self.placeholder.count),
      with: [UInt8](repeating: 0, count: SequenceField.fullDigitCount))
    self.init(
      octets: octets,
      sequence: SequenceField(offset: start, digitCount: SequenceField.fullDigitCount))
  }

  /// A generated payload of exactly `byteCount` octets; text in every sense if `isText`.
  init(_ content: PayloadContent, byteCount: Int, isText: Bool, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let digitCount = min(SequenceField.fullDigitCount, byteCount)
    var octets = [UInt8](repeating: 0, count: digitCount)
    var offset = 0
    switch content {
    case .zero:
      octets.append(contentsOf: repeatElement(0, count: byteCount - digitCount))
    case .random:
      let mask: UInt8 = isText ? 0x1f : 0xff
      let base: UInt8 = isText ? 0x60 : 0
      for _ in digitCount..<byteCount {
        octets.append(base + (UInt8(truncatingIfNeeded: generator.next() >> 56) & mask))
      }
    case .text:
      octets.append(
        contentsOf: PayloadText.prose(byteCount: byteCount - digitCount, using: &generator))
    case .json:
      if let document = PayloadText.document(byteCount: byteCount, using: &generator) {
        (octets, offset) = document
      } else {
        octets.append(contentsOf: repeatElement(0x20, count: byteCount - digitCount))
      }
    }
    self.init(octets: octets, sequence: SequenceField(offset: offset, digitCount: digitCount))
  }
}

// MARK: - Messages and their echoes

extension PayloadTemplate {
  /// Whether messages say which they are.
  var isNumbered: Bool { sequence.digitCount > 0 }

  /// The payload of message `number`.
  func octets(ofMessage number: UInt64) -> [UInt8] {
    var octets = octets
    var span = octets.mutableSpan
    span.setWord(sequence.word(for: number), count: sequence.digitCount, at: sequence.offset)
    return octets
  }

  /// Which message `payload` is an echo of, the nearest to `expected` that it can be; nil if that cannot be read, or if
  /// no message is so long.
  func number(in payload: Span<UInt8>, near expected: UInt64) -> UInt64? {
    guard payload.count == octets.count,
      let bits = sequence.sequenceBits(
        of: payload.partialWord(at: sequence.offset, count: sequence.digitCount))
    else { return nil }
    return sequence.sequence(bits: bits, near: expected)
  }

  /// Whether `payload` is what messages carry, whatever their number.
  func matches(_ payload: Span<UInt8>) -> Bool {
    let end = sequence.offset + sequence.digitCount
    return payload.count == octets.count
      && payload.equals(octets.span, at: 0, from: 0, count: sequence.offset)
      && payload.equals(octets.span, at: end, from: end, count: payload.count - end)
  }
}

extension [UInt8] {
  /// Where `pattern` first occurs.
  fileprivate func firstRange(of pattern: [UInt8]) -> Range<Int>? {
    guard let first = pattern.first, count >= pattern.count else { return nil }
    for start in 0...(count - pattern.count) where self[start] == first {
      if self[start..<(start + pattern.count)].elementsEqual(pattern) {
        return start..<(start + pattern.count)
      }
    }
    return nil
  }
}
