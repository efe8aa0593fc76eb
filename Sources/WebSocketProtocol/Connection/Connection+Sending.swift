extension Connection {
  /// Appends a whole message to `output`.
  ///
  /// It is masked, compressed and cut into fragments as role, agreement and configuration want. That
  /// text is UTF-8 is up to the caller.
  ///
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - payload: The message; it may be lent by an event of this connection.
  ///   - compresses: Whether to compress; nil leaves it to the configured threshold. Without an
  ///     agreement it has no effect.
  ///   - output: Where the frames go.
  /// - Throws: ``MisuseError``: `.notOpen`, `.interleavedMessage`.
  @inlinable
  public mutating func send(
    _ kind: MessageKind, _ payload: Span<UInt8>, compresses: Bool? = nil, to output: inout [UInt8]
  ) throws(MisuseError) {
    // The short way: what most messages of most servers are.
    if sending == .ready, compresses == nil, payload.count <= plainByteCount {
      payload.appendFrame(firstOctet: 0x80 | kind.rawValue, to: &output)
    } else {
      try sendAny(kind, payload, compresses: compresses, to: &output)
    }
  }

  @usableFromInline
  mutating func sendAny(
    _ kind: MessageKind, _ payload: Span<UInt8>, compresses: Bool?, to output: inout [UInt8]
  ) throws(MisuseError) {
    guard sending == .ready else {
      throw sending == .ended ? .notOpen : .interleavedMessage
    }
    if compression != nil, compresses ?? (payload.count >= configuration.compressionThreshold) {
      sendCompressed(kind, payload, to: &output)
    } else if let limit = configuration.fragmentByteCount, payload.count > limit {
      appendFragments(kind, payload, of: limit, isCompressed: false, to: &output)
    } else {
      payload.appendFrame(
        firstOctet: 0x80 | kind.rawValue, maskingKey: maskingKeys?.next(), to: &output)
    }
  }

  /// Appends a whole text message to `output`.
  ///
  /// - Throws: ``MisuseError``: `.notOpen`, `.interleavedMessage`.
  public mutating func send(
    _ text: String, compresses: Bool? = nil, to output: inout [UInt8]
  ) throws(MisuseError) {
    try send(.text, text.utf8.span, compresses: compresses, to: &output)
  }

  /// Appends the next fragment of a message to `output`, as one frame.
  ///
  /// Control frames may be sent in between, but no other message.
  ///
  /// - Parameters:
  ///   - kind: Text or binary; the same for all fragments of a message.
  ///   - payload: The fragment, which may be empty.
  ///   - isFinal: Whether the message ends with it.
  ///   - compresses: As for a whole message; asked at the first fragment only.
  ///   - output: Where the frame goes.
  /// - Throws: ``MisuseError``: `.notOpen`, `.interleavedMessage`.
  public mutating func sendFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFinal: Bool, compresses: Bool? = nil,
    to output: inout [UInt8]
  ) throws(MisuseError) {
    let isFirst = sending == .ready
    switch sending {
    case .ended: throw .notOpen
    case .ready:
      let isLongEnough = !isFinal || payload.count >= configuration.compressionThreshold
      if compression != nil, compresses ?? isLongEnough {
        sending = kind == .text ? .compressedText : .compressedBinary
      } else {
        sending = kind == .text ? .text : .binary
      }
    case .text, .compressedText: guard kind == .text else { throw .interleavedMessage }
    case .binary, .compressedBinary: guard kind == .binary else { throw .interleavedMessage }
    }
    let isCompressed = sending == .compressedText || sending == .compressedBinary
    var first = isFinal ? 0x80 as UInt8 : 0
    if isFirst { first |= kind.rawValue }
    if isCompressed {
      if isFirst { first |= 0x40 }
      appendCompressed(payload, firstOctet: first, isFinal: isFinal, to: &output)
    } else {
      payload.appendFrame(firstOctet: first, maskingKey: maskingKeys?.next(), to: &output)
    }
    if isFinal { sending = .ready }
  }

  /// Appends only the header of a message whose payload the caller writes after it on its own.
  ///
  /// - Returns: False, with nothing appended, where the payload cannot go out as it is: masked,
  ///   compressed or cut into fragments. Use ``send(_:_:compresses:to:)`` then.
  /// - Throws: ``MisuseError``: `.notOpen`, `.interleavedMessage`.
  public mutating func messageHeader(
    _ kind: MessageKind, payloadLength: Int, to output: inout [UInt8]
  ) throws(MisuseError) -> Bool {
    guard sending == .ready else {
      throw sending == .ended ? .notOpen : .interleavedMessage
    }
    guard payloadLength >= 0, payloadLength <= plainByteCount else { return false }
    FrameHeader(opcode: kind.opcode, payloadLength: UInt64(payloadLength)).encode(to: &output)
    return true
  }

  /// Appends a ping of at most 125 octets, per RFC 6455 §5.5.2.
  ///
  /// - Throws: ``MisuseError``: `.notOpen`, `.controlPayloadTooLong`.
  public mutating func sendPing(
    _ payload: Span<UInt8>, to output: inout [UInt8]
  ) throws(MisuseError) {
    try sendControl(.ping, payload, to: &output)
  }

  /// Appends a pong of at most 125 octets, per RFC 6455 §5.5.3.
  ///
  /// - Throws: ``MisuseError``: `.notOpen`, `.controlPayloadTooLong`.
  public mutating func sendPong(
    _ payload: Span<UInt8>, to output: inout [UInt8]
  ) throws(MisuseError) {
    try sendControl(.pong, payload, to: &output)
  }

  private mutating func sendControl(
    _ opcode: Opcode, _ payload: Span<UInt8>, to output: inout [UInt8]
  ) throws(MisuseError) {
    guard sending != .ended else { throw .notOpen }
    guard payload.count <= 125 else { throw .controlPayloadTooLong }
    appendFrame(opcode, payload, to: &output)
  }

  /// Appends an unfragmented frame that needs no permission.
  mutating func appendFrame(_ opcode: Opcode, _ payload: Span<UInt8>, to output: inout [UInt8]) {
    payload.appendFrame(
      firstOctet: 0x80 | opcode.rawValue, maskingKey: maskingKeys?.next(), to: &output)
  }

  private mutating func sendCompressed(
    _ kind: MessageKind, _ payload: Span<UInt8>, to output: inout [UInt8]
  ) {
    let first = 0xc0 | kind.rawValue
    guard let limit = configuration.fragmentByteCount else {
      appendCompressed(payload, firstOctet: first, isFinal: true, to: &output)
      return
    }
    var compressed: [UInt8] = []
    sharedCodec()?.compressor.compress(payload, isFinal: true, to: &compressed)
    if compressed.count <= limit {
      compressed.span.appendFrame(
        firstOctet: first, maskingKey: maskingKeys?.next(), to: &output)
    } else {
      appendFragments(kind, compressed.span, of: limit, isCompressed: true, to: &output)
    }
  }

  /// Cuts a payload of more than `limit` octets into frames.
  private mutating func appendFragments(
    _ kind: MessageKind, _ payload: Span<UInt8>, of limit: Int, isCompressed: Bool,
    to output: inout [UInt8]
  ) {
    var rest = payload
    var first = kind.rawValue | (isCompressed ? 0x40 : 0)
    while rest.count > limit {
      rest.extracting(first: limit).appendFrame(
        firstOctet: first, maskingKey: maskingKeys?.next(), to: &output)
      rest = rest.extracting(droppingFirst: limit)
      first = 0
    }
    rest.appendFrame(firstOctet: first | 0x80, maskingKey: maskingKeys?.next(), to: &output)
  }

  /// Compresses straight into the output, behind room for the header that the length then decides.
  private mutating func appendCompressed(
    _ payload: Span<UInt8>, firstOctet: UInt8, isFinal: Bool, to output: inout [UInt8]
  ) {
    let key = maskingKeys?.next()
    var header = FrameHeader(
      isFinal: firstOctet & 0x80 != 0, rsv: firstOctet &>> 4 & 7,
      opcode: Opcode(rawValue: firstOctet), maskingKey: key, payloadLength: UInt64(payload.count))
    let headerStart = output.count
    // Compressed payloads are shorter than plain ones, or hardly longer: the guess is seldom wrong.
    header.encode(to: &output)
    let guessed = output.count &- headerStart
    sharedCodec()?.compressor.compress(payload, isFinal: isFinal, to: &output)
    header.payloadLength = UInt64(output.count &- headerStart &- guessed)

    var encoded: [UInt8] = []
    header.encode(to: &encoded)
    if encoded.count == guessed {
      for index in 0..<guessed { output[headerStart &+ index] = encoded[index] }
    } else {
      output.replaceSubrange(headerStart..<(headerStart &+ guessed), with: encoded)
    }
    if let key {
      let payloadRange = (headerStart &+ encoded.count)..<output.count
      var bytes = output.mutableSpan
      key.apply(to: &bytes, in: payloadRange)
    }
  }
}
