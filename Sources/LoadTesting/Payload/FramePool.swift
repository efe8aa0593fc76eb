/// Complete client frames, masked in advance, that lie one behind the other and differ in their masking key.
///
/// To send `n` messages only their sequence numbers are written; the octets then go to the socket as they lie, in
/// one piece and without a copy.
///
/// A masking key thus serves many frames until ``rekey(_:)`` replaces it. RFC 6455 §5.3 wants keys that are
/// unpredictable *to the provider of the payload*, because a hostile script that knows the next key can choose
/// octets that look like another protocol to an intermediary (§10.3). A load generator provides its payload itself, so
/// that nobody is attacked; keys are still strong, several, and replaced every second. A plan may ask
/// for a fresh key in every frame where a middlebox under test might care.
struct FramePool: Sendable {
  /// The octets of one frame.
  let frameLength: Int
  /// How many frames there are.
  let frameCount: Int

  private let template: PayloadTemplate
  private let header: [UInt8]
  private let payloadOffset: Int
  private let sequenceOffset: Int
  private(set) var octets: [UInt8]
  private var sequenceMasks: [UInt64]
  private var next = 0

  /// - Parameters:
  ///   - template: what the frames carry.
  ///   - opcode: 1 for text, 2 for binary.
  ///   - batch: how many frames are likely to be sent at once.
  ///   - keys: gives masking keys, four octets in memory order.
  init(template: PayloadTemplate, opcode: UInt8, batch: Int = 1, keys: () -> UInt32) {
    self.template = template
    header = Self.header(opcode: opcode, payloadLength: template.octets.count)
    payloadOffset = header.count + 4
    sequenceOffset = payloadOffset + template.sequence.offset
    frameLength = payloadOffset + template.octets.count
    // Few where they are large, so that they stay in the processor's nearest cache; but enough for a batch.
    let few = max(2, min(64, 8192 / frameLength))
    let many = max(2, min(64, 65_536 / frameLength))
    frameCount = max(few, min(batch, many))
    octets = [UInt8](repeating: 0, count: frameLength * frameCount)
    sequenceMasks = [UInt64](repeating: 0, count: frameCount)
    rekey(keys)
  }

  /// Masks all frames anew.
  mutating func rekey(_ keys: () -> UInt32) {
    for index in 0..<frameCount {
      write(frame: index, key: keys())
    }
  }

  /// Masks the frames anew that the next ``prepare(count:firstSequence:)`` with `count` will give.
  mutating func rekeyNext(_ count: Int, _ keys: () -> UInt32) {
    let first = next + count <= frameCount ? next : 0
    for index in first..<(first + min(count, frameCount)) {
      write(frame: index, key: keys())
    }
  }

  /// Writes `count` sequence numbers, at most ``frameCount``, and says where the frames that carry them lie.
  mutating func prepare(count: Int, firstSequence: UInt64) -> Range<Int> {
    precondition(count <= frameCount)
    let first = next + count <= frameCount ? next : 0
    next = first + count
    let start = first * frameLength
    if template.sequence.digitCount > 0 {
      Self.number(
        &octets, from: start + sequenceOffset, stride: frameLength, field: template.sequence,
        masks: sequenceMasks, range: first..<(first + count), firstSequence: firstSequence)
    }
    return start..<(start + count * frameLength)
  }

  /// Writes consecutive numbers under `masks` into frames that lie `stride` octets apart.
  private static func number(
    _ octets: inout [UInt8], from start: Int, stride: Int, field: SequenceField,
    masks: [UInt64], range: Range<Int>, firstSequence: UInt64
  ) {
    var offset = start
    var sequence = firstSequence
    var span = octets.mutableSpan
    for index in range {
      let word = field.word(for: sequence) ^ masks[index]
      sequence &+= 1
      span.setWord(word, count: field.digitCount, at: offset)
      offset &+= stride
    }
  }

  private mutating func write(frame index: Int, key: UInt32) {
    let start = index * frameLength
    for (offset, octet) in header.enumerated() {
      octets[start + offset] = octet
    }
    for offset in 0..<4 {
      octets[start + header.count + offset] = UInt8(truncatingIfNeeded: key >> UInt32(8 * offset))
    }
    for (offset, octet) in template.octets.enumerated() {
      let shift = UInt32(8 * (offset & 3))
      octets[start + payloadOffset + offset] = octet ^ UInt8(truncatingIfNeeded: key >> shift)
    }
    let phase = UInt64(8 * (template.sequence.offset & 3))
    let word = UInt64(key) << 32 | UInt64(key)
    let rotated = phase == 0 ? word : word >> phase | word << (64 - phase)
    sequenceMasks[index] = rotated & template.sequence.mask
  }

  /// The first octets of a final frame, per RFC 6455 §5.2, with the mask bit if `isMasked`.
  static func header(opcode: UInt8, payloadLength: Int, isMasked: Bool = true) -> [UInt8] {
    let mask: UInt8 = isMasked ? 0x80 : 0
    var header = [0x80 | opcode]
    switch payloadLength {
    case ...125:
      header.append(mask | UInt8(payloadLength))
    case ...0xffff:
      header += [mask | 126, UInt8(payloadLength >> 8), UInt8(truncatingIfNeeded: payloadLength)]
    default:
      header.append(mask | 127)
      for shift in stride(from: 56, through: 0, by: -8) {
        header.append(UInt8(truncatingIfNeeded: payloadLength >> shift))
      }
    }
    return header
  }
}
