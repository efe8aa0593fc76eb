import WebSocketProtocol

/// The message that is being received.
///
/// As long as it is what was expected it is only compared; from the first difference on it is kept.
struct MessageAssembly {
  let kind: MessageKind
  let isCompressed: Bool
  private var expected: ExpectedOctets?
  private let keptByteCount: Int
  private(set) var byteCount = 0
  private var kept: [UInt8] = []
  private var validator = UTF8Validator()
  private var isInvalid = false

  init(kind: MessageKind, isCompressed: Bool, expected: ExpectedOctets?, keptByteCount: Int) {
    self.kind = kind
    self.isCompressed = isCompressed
    self.expected = expected
    self.keptByteCount = keptByteCount
  }

  /// Takes the next octets; false if they cannot be text.
  mutating func accept(_ bytes: Span<UInt8>, isKept: Bool) -> Bool {
    guard !bytes.isEmpty else { return true }
    if let expected {
      if expected.has(bytes, at: byteCount) {
        byteCount += bytes.count
        return true
      }
      diverge(from: expected)
    }
    byteCount += bytes.count
    if isKept {
      let room = min(bytes.count, keptByteCount - kept.count)
      if room > 0 { bytes.extracting(0..<room).append(to: &kept) }
    }
    guard kind == .text else { return true }
    if !isInvalid { isInvalid = !validator.validate(bytes) }
    return !isInvalid
  }

  /// From here on the octets are looked at one by one: also those that were only compared so far.
  private mutating func diverge(from expected: ExpectedOctets) {
    self.expected = nil
    let prefix = expected.storage.span.extracting(
      expected.range.lowerBound..<(expected.range.lowerBound + byteCount))
    prefix.append(to: &kept)
    if kind == .text { isInvalid = !validator.validate(prefix) }
  }

  /// The message is complete.
  mutating func take() -> ReceivedMessage {
    if let expected, byteCount == expected.range.count {
      return ReceivedMessage(
        kind: kind, fits: true, endsWell: true,
        octets: PlayedOctets(
          expected.isWhole ? expected.storage : Array(expected.storage[expected.range])))
    }
    if let expected { diverge(from: expected) }
    return ReceivedMessage(
      kind: kind, fits: false, endsWell: kind == .binary || (!isInvalid && validator.isAtBoundary),
      octets: PlayedOctets(kept, byteCount: byteCount))
  }
}

extension MessageAssembly? {
  /// Ends the message, and leaves none.
  mutating func take() -> ReceivedMessage? {
    guard var message = self else { return nil }
    self = nil
    return message.take()
  }
}

/// A message that has arrived.
struct ReceivedMessage {
  var kind: MessageKind
  /// It is what was expected of it while it arrived.
  var fits: Bool
  /// It does not end inside a code point.
  var endsWell: Bool
  var octets: PlayedOctets
}

/// The octets that a message should have: a part of a longer array that others share.
struct ExpectedOctets {
  let storage: [UInt8]
  let range: Range<Int>

  var isWhole: Bool { range == 0..<storage.count }

  /// Nil if they are no valid message of that kind, which would have to be found out octet by octet.
  init?(_ storage: [UInt8], kind: MessageKind) {
    if kind == .text {
      var validator = UTF8Validator()
      guard validator.validate(storage.span), validator.isAtBoundary else { return nil }
    }
    self.init(valid: storage, range: 0..<storage.count)
  }

  /// Octets that are known to be a valid message.
  init(valid storage: [UInt8], range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  func has(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    guard bytes.count <= range.count - offset else { return false }
    let start = range.lowerBound + offset
    return storage.span.extracting(start..<(start + bytes.count)).elementsEqual(bytes)
  }
}

/// A decompressor that can be an optional property of a class.
final class BoxedDecompressor {
  private var decompressor: MessageDecompressor

  init?(_ agreement: PerMessageDeflate.Agreement?, role: Role) {
    guard let agreement else { return nil }
    decompressor = MessageDecompressor(agreement: agreement, role: role)
  }

  /// No part of a message may inflate to more than this.
  private static let limit = 64 << 20

  func decompress(
    _ bytes: Span<UInt8>, isFinal: Bool, to output: inout [UInt8]
  ) throws(DecompressionError) {
    try decompressor.decompress(bytes, isFinal: isFinal, to: &output, limit: Self.limit)
  }
}
