import CaseLanguage
import WebSocketProtocol

extension Player {
  /// Sends one frame of the script, whatever it is.
  func send(_ frame: Step.Frame, at now: ContinuousClock.Instant) {
    frame.payload.withBytes { payload in
      let count = UInt64(payload.count)
      let (length, encoding) = Self.length(frame.length, of: count)
      let header = FrameHeader(
        isFinal: frame.isFinal, rsv: frame.rsv, opcode: frame.opcode,
        maskingKey: key(frame.masking), payloadLength: length, lengthEncoding: encoding)
      send(header, payload, frame.delivery, at: now)
    }
  }

  /// Sends a message of the script, cut in frames.
  func send(_ message: Step.Message, at now: ContinuousClock.Instant) {
    message.payload.withBytes { payload in
      if let compressed = compressed(payload, message.compression) {
        sendMessage(
          message.kind.opcode, compressed.span, rsv: 4, fragmentSize: message.fragmentSize,
          message.delivery, at: now)
      } else {
        sendMessage(
          message.kind.opcode, payload, rsv: 0, fragmentSize: message.fragmentSize,
          message.delivery, at: now)
      }
    }
  }

  /// The compressed form of a message; nil if it is to go as it is, or nothing was agreed on.
  private func compressed(
    _ payload: Span<UInt8>, _ compression: Step.Compression?
  ) -> [UInt8]? {
    guard let compression, let agreement else { return nil }
    let compressor = compressor ?? BoxedCompressor(agreement, role: role)
    self.compressor = compressor
    return compressor.compress(payload, compression)
  }

  /// Sends one message: whole, or in frames of `fragmentSize`; the last is empty when that divides the
  /// length.
  func sendMessage(
    _ opcode: Opcode, _ payload: Span<UInt8>, rsv: UInt8, fragmentSize: Int?,
    _ delivery: Delivery, at now: ContinuousClock.Instant
  ) {
    guard let fragmentSize, fragmentSize > 0, payload.count > fragmentSize else {
      send(header(opcode, payload.count, rsv: rsv), payload, delivery, at: now)
      return
    }
    var start = 0
    while start <= payload.count {
      let end = min(start + fragmentSize, payload.count)
      let isFinal = payload.count - start < fragmentSize
      let header = header(
        start == 0 ? opcode : .continuation, end - start, isFinal: isFinal,
        rsv: start == 0 ? rsv : UInt8(0))
      send(header, payload.extracting(start..<end), delivery, at: now)
      start += fragmentSize
    }
  }

  /// Sends a header whose payload follows in pieces.
  func send(_ header: Step.Header, at now: ContinuousClock.Instant) {
    let key = key(header.masking)
    let encoded = FrameHeader(
      isFinal: header.isFinal, rsv: header.rsv, opcode: header.opcode, maskingKey: key,
      payloadLength: header.payloadLength)
    pieceKey = key
    piecePhase = 0
    let nothing: [UInt8] = []
    recorder.frame(encoded, nothing.span, isSent: true, at: now)
    enqueue(.together) { output in encoded.encode(to: &output) }
  }

  /// Sends the next octets of the payload that the last header announced.
  func send(piece payload: Payload, at now: ContinuousClock.Instant) {
    payload.withBytes { bytes in
      recorder.octets(bytes, isSent: true, at: now)
      enqueue(.together) { output in
        if let pieceKey {
          pieceKey.appendMasked(bytes, phase: piecePhase, to: &output)
        } else {
          bytes.append(to: &output)
        }
      }
      piecePhase += bytes.count
    }
  }

  /// Sends one frame.
  func send(
    _ header: FrameHeader, _ payload: Span<UInt8>, _ delivery: Delivery,
    at now: ContinuousClock.Instant
  ) {
    recorder.frame(header, payload, isSent: true, at: now)
    enqueue(delivery) { output in
      header.encode(to: &output)
      if let key = header.maskingKey {
        key.appendMasked(payload, to: &output)
      } else {
        payload.append(to: &output)
      }
    }
  }

  /// Lets `write` append octets to what goes out next, or to a new entry of the queue.
  ///
  /// While the queue is not empty, everything lines up behind it.
  func enqueue(_ delivery: Delivery, _ write: (inout [UInt8]) -> Void) {
    if case .together = delivery, pieces.isEmpty {
      write(&output)
      return
    }
    var octets: [UInt8] = []
    write(&octets)
    switch delivery {
    case .together, .alone: pieces.append(octets, pieceByteCount: octets.count)
    case .pieces(let count): pieces.append(octets, pieceByteCount: count)
    }
  }

  private func header(
    _ opcode: Opcode, _ count: Int, isFinal: Bool = true, rsv: UInt8
  ) -> FrameHeader {
    FrameHeader(
      isFinal: isFinal, rsv: rsv, opcode: opcode, maskingKey: key(.byRole),
      payloadLength: UInt64(count))
  }

  private func key(_ masking: Step.Masking) -> MaskingKey? {
    switch masking {
    case .byRole: return settings.manners.masks ?? (role == .client) ? keys.next() : nil
    case .none: return nil
    case .random: return keys.next()
    case .key(let key): return key
    }
  }

  private static func length(
    _ length: Step.Length, of count: UInt64
  ) -> (UInt64, FrameHeader.LengthEncoding) {
    switch length {
    case .minimal: (count, .minimal)
    case .sevenBit(let stated): (stated ?? count, .sevenBit)
    case .sixteenBit(let stated): (stated ?? count, .sixteenBit)
    case .sixtyFourBit(let stated): (stated ?? count, .sixtyFourBit)
    }
  }
}

/// Octets that go out in pieces, each in a turn of its own.
struct PieceQueue {
  private var batches: [(octets: [UInt8], pieceByteCount: Int)] = []
  private var first = 0
  private var offset = 0

  var isEmpty: Bool { first == batches.count }

  mutating func append(_ octets: [UInt8], pieceByteCount: Int) {
    guard !octets.isEmpty else { return }
    batches.append((octets, max(1, pieceByteCount)))
  }

  mutating func releaseFirst(into output: inout [UInt8]) {
    guard !isEmpty else { return }
    let end = min(offset + batches[first].pieceByteCount, batches[first].octets.count)
    let octets = batches[first].octets
    octets.span.extracting(offset..<end).append(to: &output)
    offset = end
    guard offset == batches[first].octets.count else { return }
    batches[first].octets = []
    first += 1
    offset = 0
    if isEmpty { (batches, first) = ([], 0) }
  }
}
