import WebSocketProtocol

/// The frame that an echo consists of when the server sends it whole and uncompressed: compared as it arrives,
/// without a parser and without a copy.
struct ExpectedFrame: Sendable {
  /// The header and payload; the octets of the sequence number are zero.
  private let octets: [UInt8]
  private let sequence: SequenceField
  /// The octets of the header.
  let headerLength: Int

  /// The octets of the frame.
  var length: Int { octets.count }

  init(template: PayloadTemplate, opcode: UInt8) {
    let header = FramePool.header(
      opcode: opcode, payloadLength: template.octets.count, isMasked: false)
    var field = template.sequence
    field.offset += header.count
    octets = header + template.octets
    sequence = field
    headerLength = header.count
  }

  /// The digits of `number`, to compare frames with.
  func word(for number: UInt64) -> UInt64 {
    sequence.word(for: number)
  }

  /// Whether the octets of `bytes` from `offset` on are the whole frame with the number that `word` stands for.
  func matchesWhole(_ bytes: Span<UInt8>, at offset: Int, word: UInt64) -> Bool {
    let expected = octets.span
    let start = sequence.offset
    let end = start &+ sequence.digitCount
    return bytes.partialWord(at: offset &+ start, count: sequence.digitCount) == word
      && bytes.equals(expected, at: offset, from: 0, count: start)
      && bytes.equals(expected, at: offset &+ end, from: end, count: expected.count &- end)
  }

  /// Whether the octets of `bytes` from `offset` on begin with the header of the frame.
  func matchesHeader(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    bytes.equals(octets.span, at: offset, from: 0, count: headerLength)
  }

  /// Whether `count` octets of `bytes` from `offset` on are those of the frame from `position` on;
  /// with `headerOnly`, as far as they belong to its header.
  func matchesPart(
    _ bytes: Span<UInt8>, at offset: Int, position: Int, count: Int, word: UInt64,
    headerOnly: Bool = false
  ) -> Bool {
    let expected = octets.span
    guard !headerOnly else {
      let count = min(count, max(0, headerLength - position))
      return bytes.equals(expected, at: offset, from: position, count: count)
    }
    let end = position + count
    let field = sequence.offset..<(sequence.offset + sequence.digitCount)
    let before = position..<max(position, min(end, field.lowerBound))
    let after = min(end, max(position, field.upperBound))..<end
    let shift = offset - position
    for index in field.clamped(to: position..<end) {
      let digit = UInt8(truncatingIfNeeded: word >> UInt64(8 * (index - field.lowerBound)))
      guard bytes[index + shift] == digit else { return false }
    }
    return bytes.equals(
      expected, at: before.lowerBound + shift, from: before.lowerBound, count: before.count)
      && bytes.equals(
        expected, at: after.lowerBound + shift, from: after.lowerBound, count: after.count)
  }

  /// The first `count` octets of the frame with the number that `word` stands for.
  func prefix(_ count: Int, word: UInt64) -> [UInt8] {
    var frame = octets
    var span = frame.mutableSpan
    span.setWord(word, count: sequence.digitCount, at: sequence.offset)
    return Array(frame[..<count])
  }
}

extension Span<UInt8> {
  /// Whether `count` octets from `offset` on are those of `other` from `start` on.
  func equals(_ other: Span<UInt8>, at offset: Int, from start: Int, count: Int) -> Bool {
    if count < 8 {
      return partialWord(at: offset, count: count) == other.partialWord(at: start, count: count)
    }
    if count <= 64 {
      var index = 0
      while index &+ 8 <= count {
        guard word(at: offset &+ index) == other.word(at: start &+ index) else { return false }
        index &+= 8
      }
      // The last word overlaps the one before it.
      return word(at: offset &+ count &- 8) == other.word(at: start &+ count &- 8)
    }
    return extracting(offset..<(offset + count))
      .elementsEqual(other.extracting(start..<(start + count)))
  }
}
