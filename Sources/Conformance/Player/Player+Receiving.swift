import CaseLanguage
import WebSocketProtocol

extension Player {
  /// The peer's octets, as they were read; they are unmasked in place.
  public func receive(_ bytes: inout MutableSpan<UInt8>, at now: ContinuousClock.Instant) {
    let count = bytes.count
    var offset = state == .connecting ? receiveOpening(bytes.span, at: now) : 0
    if offset < count { recorder.read(byteCount: count - offset) }
    while state == .open || state == .closing {
      if reading.isInFrame {
        let length = Int(min(reading.remaining, UInt64(count - offset)))
        let range = offset..<(offset + length)
        if let key = reading.header.maskingKey, length > 0 {
          key.apply(to: &bytes, in: range, phase: Int(truncatingIfNeeded: reading.phase))
        }
        receivePayload(bytes.span.extracting(range), at: now)
        offset += length
        guard reading.remaining == 0 else { return }
        if state != .closed { endFrame(at: now) }
        reading.isInFrame = false
      } else {
        guard let header = reading.takeHeader(from: bytes.span, at: &offset) else { return }
        beginFrame(header, at: now)
      }
    }
  }

  /// A header has arrived: holds it to the rules of RFC 6455 §5, and begins the frame, legal or not.
  private func beginFrame(_ header: FrameHeader, at now: ContinuousClock.Instant) {
    reading.begin(header)
    if playedCase.checks.contains(.freshMasks), let key = header.maskingKey,
      facts.maskingKeys.count < MaskingKeyReview.mostKeys
    {
      facts.maskingKeys.append(key)
    }
    let mayBeCompressed = agreement != nil && header.rsv == 4
    if header.rsv != 0, !mayBeCompressed {
      violation("a frame with RSV bits \(header.rsv)", at: now)
    }
    if !settings.manners.toleratesMasking {
      if role == .server, header.maskingKey == nil { violation("an unmasked frame", at: now) }
      if role == .client, header.maskingKey != nil { violation("a masked frame", at: now) }
    }
    if let limit = settings.manners.frameByteCount, header.payloadLength > UInt64(limit) {
      violation("a frame of more than \(limit) octets", code: 1009, at: now)
    }
    if header.lengthEncoding != .minimal {
      violation("a length that is not in its shortest form", at: now)
    }
    if header.payloadLength > UInt64(Int64.max) {
      violation("a length of more than 63 bits", at: now)
    }
    if header.opcode.isControl {
      checkControlFrame(header, at: now)
    } else {
      checkDataFrame(header, mayBeCompressed: mayBeCompressed, at: now)
    }
  }

  private func checkControlFrame(_ header: FrameHeader, at now: ContinuousClock.Instant) {
    if !header.isFinal { violation("a fragmented control frame", at: now) }
    if header.payloadLength > 125 { violation("a control frame that is too long", at: now) }
    if header.opcode.isReserved {
      violation("a frame of reserved opcode \(header.opcode.rawValue)", at: now)
    }
    if header.opcode == .close, header.payloadLength == 1 {
      violation("a Close with one octet of payload", at: now)
    }
    if agreement != nil, header.rsv == 4 { violation("a compressed control frame", at: now) }
  }

  private func checkDataFrame(
    _ header: FrameHeader, mayBeCompressed: Bool, at now: ContinuousClock.Instant
  ) {
    if header.opcode.isReserved {
      violation("a frame of reserved opcode \(header.opcode.rawValue)", at: now)
    }
    let isInside = assembly != nil
    if !isInside, header.opcode == .continuation {
      violation("a continuation of no message", at: now)
    }
    if isInside, header.opcode != .continuation {
      violation("a new message inside a fragmented one", at: now)
    }
    if isInside, mayBeCompressed { violation("RSV1 on a continuation frame", at: now) }
    guard !isInside else { return }
    let kind: MessageKind = header.opcode == .text ? .text : .binary
    assembly = MessageAssembly(
      kind: kind, isCompressed: mayBeCompressed, expected: expectedOctets(of: kind),
      keptByteCount: settings.keptMessageByteCount)
  }

  private func receivePayload(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) {
    reading.take(bytes)
    guard !reading.header.opcode.isControl, assembly != nil else { return }
    guard assembly?.isCompressed == true else {
      acceptMessageOctets(bytes, at: now)
      return
    }
    inflated.removeAll(keepingCapacity: true)
    let isFinal = reading.remaining == 0 && reading.header.isFinal
    do throws(DecompressionError) {
      try decompressor?.decompress(bytes, isFinal: isFinal, to: &inflated)
    } catch {
      violation("compressed octets that do not inflate", code: 1002, at: now)
      return
    }
    let octets = inflated
    inflated = []
    acceptMessageOctets(octets.span, at: now)
    inflated = octets
  }

  private func acceptMessageOctets(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) {
    if let limit = settings.manners.messageByteCount,
      let count = assembly?.byteCount, count + bytes.count > limit
    {
      violation("a message of more than \(limit) octets", code: 1009, at: now)
    }
    if assembly?.accept(bytes, isKept: !facts.failedByUs) == false, settings.manners.checksUTF8 {
      violation("text that is not UTF-8", code: 1007, at: now)
    }
  }

  private func endFrame(at now: ContinuousClock.Instant) {
    reading.record(in: recorder, at: now)
    let header = reading.header
    guard header.opcode.isControl else {
      if header.isFinal { endMessage(at: now) }
      return
    }
    switch header.opcode {
    case .ping:
      guard state == .open else { return }
      send(Step.Frame(opcode: .pong, payload: .octets(reading.payload)), at: now)
    case .pong where takePong(reading.payload): break
    case .pong:
      facts.events.append(.pong(PlayedOctets(reading.payload, byteCount: reading.payloadByteCount)))
      closeIfComplete(at: now)
    case .close: receivedClose(reading.payload, at: now)
    default: break
    }
  }

  private func endMessage(at now: ContinuousClock.Instant) {
    guard let message = assembly.take() else { return }
    if !message.endsWell, settings.manners.checksUTF8 {
      violation("text that ends inside a code point", code: 1007, at: now)
    }
    guard !facts.failedByUs, state == .open || state == .closing else { return }
    switch playedCase.expectation.judgement {
    case .events:
      facts.events.append(.message(message.kind, message.octets))
      closeIfComplete(at: now)
    case .firstMessage: judgeFirstMessage(message, at: now)
    case .exchange: judgeEcho(message, at: now)
    }
  }

  /// The octets that the next message should have, if there is one: they need not be kept then.
  private func expectedOctets(of kind: MessageKind) -> ExpectedOctets? {
    guard !facts.failedByUs else { return nil }
    if playedCase.expectation.judgement == .exchange { return exchange?.expected(kind) }
    let index = facts.events.count
    for reaction in playedCase.expectation.reactions where reaction.events.count > index {
      let event = reaction.events[index]
      guard case .message(kind, let payload) = event.kind, payload.count > 4096 else { continue }
      return ExpectedOctets(payload.bytes(), kind: kind)
    }
    return nil
  }
}

/// The frame that is being read.
struct FrameReading {
  var isInFrame = false
  var header = FrameHeader(opcode: .text, payloadLength: 0)
  var remaining: UInt64 = 0
  /// The first octets of the payload, as far as anybody looks at them.
  var payload: [UInt8] = []
  private var carry: [UInt8] = []

  /// How many octets of the payload have been read.
  var phase: UInt64 { header.payloadLength - remaining }
  /// The length of the payload.
  var payloadByteCount: Int { Int(clamping: header.payloadLength) }

  /// The next header, which may have begun in an earlier read; nil if it is not all there.
  mutating func takeHeader(from bytes: Span<UInt8>, at offset: inout Int) -> FrameHeader? {
    if carry.isEmpty {
      let rest = bytes.extracting(offset..<bytes.count)
      if let (header, byteCount) = FrameHeader.decode(rest) {
        offset += byteCount
        return header
      }
    }
    while offset < bytes.count {
      carry.append(bytes[offset])
      offset += 1
      if let (header, _) = FrameHeader.decode(carry.span) {
        carry.removeAll(keepingCapacity: true)
        return header
      }
    }
    return nil
  }

  mutating func begin(_ header: FrameHeader) {
    self.header = header
    remaining = header.payloadLength
    isInFrame = true
    payload.removeAll(keepingCapacity: true)
  }

  mutating func take(_ bytes: Span<UInt8>) {
    remaining -= UInt64(bytes.count)
    let room = min(bytes.count, (header.opcode.isControl ? 125 : 64) - payload.count)
    guard room > 0 else { return }
    for index in 0..<room { payload.append(bytes[index]) }
  }

  func record(in recorder: TranscriptRecorder, at now: ContinuousClock.Instant) {
    recorder.frame(header, payload.span, isSent: false, at: now)
  }

  /// What was under way when TCP ended.
  mutating func flush(into recorder: TranscriptRecorder, at now: ContinuousClock.Instant) {
    if isInFrame {
      record(in: recorder, at: now)
      if remaining > 0 { recorder.note("TCP ended inside this frame", at: now) }
    } else if !carry.isEmpty {
      recorder.octets(carry.span, isSent: false, at: now)
    }
    isInFrame = false
  }
}
