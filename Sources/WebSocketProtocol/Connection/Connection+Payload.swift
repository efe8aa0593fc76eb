extension Connection {
  /// What came of some octets of a data frame.
  enum Piece {
    /// The input is used up.
    case needsMore
    /// Nothing to tell yet.
    case kept
    /// A message, or a piece of one, lies in the input.
    case inPlace(Range<Int>, isFirst: Bool, isFinal: Bool)
    /// A message, or a piece of one, lies in the input's scratch buffer.
    case inScratch(isFirst: Bool, isFinal: Bool)
  }

  /// Takes what there is of a data frame's payload: unmasks, inflates and validates it.
  mutating func takeData(from input: inout Input) throws(ProtocolFailure) -> Piece {
    let byteCount = min(frame.remainingByteCount, input.remainingByteCount)
    let endsFrame = byteCount == frame.remainingByteCount
    if byteCount == 0, !endsFrame { return .needsMore }
    let endsMessage = endsFrame && frame.isFinal
    let range = input.offset..<(input.offset &+ byteCount)

    var isASCII = false
    if role == .server {
      isASCII = frame.maskingKey.apply(to: &input.bytes, in: range)
      frame.maskingKey = frame.maskingKey.advanced(by: byteCount)
    }
    input.offset = range.upperBound
    frame.remainingByteCount &-= byteCount
    if endsFrame { stage = .betweenFrames }

    if message.isCompressed {
      return try takeCompressed(range, of: &input, endsMessage: endsMessage)
    }
    if configuration.validatesUTF8 {
      try message.validate(
        input.bytes.span.extracting(range), isASCII: isASCII, endsMessage: endsMessage)
    }
    switch deliversPieces {
    case true:
      if range.isEmpty, !endsMessage { return .kept }
      let isFirst = markDelivery(endsMessage: endsMessage)
      return .inPlace(range, isFirst: isFirst, isFinal: endsMessage)
    case false:
      if endsMessage, assembly.isEmpty {
        endMessage()
        return .inPlace(range, isFirst: true, isFinal: true)
      }
      keep(input.bytes.span.extracting(range))
      guard endsMessage else { return .kept }
      return lendAssembly(to: &input, endsMessage: true)
    }
  }

  /// Whether the message under way is delivered piece by piece.
  private var deliversPieces: Bool {
    switch configuration.delivery {
    case .messages: false
    case .fragments: true
    case .asSent: message.fragmentCount > 1 || !frame.isFinal
    }
  }

  /// Inflates some octets of a compressed message, within the limit.
  private mutating func takeCompressed(
    _ range: Range<Int>, of input: inout Input, endsMessage: Bool
  ) throws(ProtocolFailure) -> Piece {
    if endsMessage, assembly.isEmpty {
      // What is inflated at once is lent at once: the input's own buffer serves.
      swap(&assembly, &input.scratch)
      assembly.removeAll(keepingCapacity: true)
    }
    let start = assembly.count
    let failure = inflate(input.bytes.span.extracting(range), isFinal: endsMessage)
    message.inflatedByteCount &+= assembly.count &- start
    if configuration.validatesUTF8 {
      var checked = message
      // What was inflated before a failure comes first, as it would if the octets came one by one.
      try checked.validate(
        assembly.span.extracting(start..<assembly.count), isASCII: false,
        endsMessage: endsMessage && failure == nil)
      message = checked
    }
    if let failure { throw failure }
    switch deliversPieces {
    case true:
      if assembly.isEmpty, !endsMessage { return .kept }
      return lendAssembly(to: &input, endsMessage: endsMessage)
    case false:
      guard endsMessage else { return .kept }
      return lendAssembly(to: &input, endsMessage: true)
    }
  }

  /// Inflates to the end of `assembly`, and says what kept it from going on.
  private mutating func inflate(_ octets: Span<UInt8>, isFinal: Bool) -> ProtocolFailure? {
    let limit = configuration.limits.inflatedMessageByteCount &- message.inflatedByteCount
    guard let codec = sharedCodec() else { return .compressionCorrupt }
    do throws(DecompressionError) {
      try codec.decompressor.decompress(octets, isFinal: isFinal, to: &assembly, limit: limit)
      return nil
    } catch {
      return switch error {
      case .corrupt: .compressionCorrupt
      case .limitExceeded: .inflatedMessageTooBig
      case .outOfMemory: .outOfMemory
      }
    }
  }

  /// The compression contexts, if compression was agreed.
  mutating func sharedCodec() -> MessageCodec? {
    if codec == nil, let compression {
      codec = MessageCodec(agreement: compression, role: role, configuration: configuration)
    }
    return codec
  }

  /// Keeps octets that cannot be lent yet.
  ///
  /// Capacity doubles, so that the cost stays linear, but never beyond the message's end where that
  /// is known: a whole message leaves no slack behind. Only octets that have come make it grow.
  private mutating func keep(_ octets: Span<UInt8>) {
    let needed = assembly.count &+ octets.count
    if assembly.capacity < needed {
      let (whole, overflow) = needed.addingReportingOverflow(frame.remainingByteCount)
      let end = frame.isFinal && !overflow ? whole : .max
      assembly.reserveCapacity(min(end, max(needed &* 2, 4096)))
    }
    octets.append(to: &assembly)
  }

  /// Moves what was assembled into the input, which lends it.
  private mutating func lendAssembly(to input: inout Input, endsMessage: Bool) -> Piece {
    input.scratch = assembly
    assembly = []
    let isFirst = markDelivery(endsMessage: endsMessage)
    return .inScratch(isFirst: isFirst, isFinal: endsMessage)
  }

  /// Notes that a piece is delivered, and says whether it is the first.
  private mutating func markDelivery(endsMessage: Bool) -> Bool {
    let isFirst = !message.hasBeenDelivered
    message.hasBeenDelivered = true
    if endsMessage { endMessage() }
    return isFirst
  }

  private mutating func endMessage() {
    message.fragmentCount = 0
    stage = .idle
  }
}

extension IncomingMessage {
  /// Checks the next octets of the message, if it is text.
  fileprivate mutating func validate(
    _ octets: Span<UInt8>, isASCII: Bool, endsMessage: Bool
  ) throws(ProtocolFailure) {
    guard kind == .text else { return }
    if !(isASCII && validator.isAtBoundary) {
      guard validator.validate(octets) else { throw .textNotUTF8 }
    }
    if endsMessage, !validator.isAtBoundary { throw .textNotUTF8 }
  }
}
