import CaseLanguage
import Reports
import WebSocketProtocol

extension ResultBuilder {
  /// What was on the wire.
  static func transcript(_ record: PlayRecord) -> [TranscriptEntry] {
    var entries: [TranscriptEntry] = []
    let start = record.startedAt ?? record.transcript.first?.instant
    for (index, entry) in record.transcript.enumerated() {
      let offset = start.map { entry.instant - $0 } ?? .zero
      if index == record.leadingEntryCount, record.omittedEntryCount > 0 {
        entries.append(
          TranscriptEntry(
            offset: offset, direction: .noted, kind: .note,
            notation: "\(record.omittedEntryCount) entries are left out here"))
      }
      entries.append(Self.entry(entry, offset: offset))
    }
    return entries
  }

  private static func entry(
    _ entry: TranscriptRecorder.Entry, offset: Duration
  ) -> TranscriptEntry {
    switch entry.content {
    case .frame(let header, let excerpt, let isSent):
      let notation = FrameNotation(isSent ? .sent : .received, header, excerpt: excerpt)
      return TranscriptEntry(
        offset: offset, direction: isSent ? .sent : .received, kind: .frame,
        notation: notation.description, frame: FrameFields(header),
        payload: PayloadExcerpt(bytes: excerpt, byteCount: Int(clamping: header.payloadLength)))
    case .head(let octets, let isSent):
      // A client sends the request, so whoever sends it is told by its first line.
      let isResponse = octets.starts(with: "HTTP/".utf8)
      return TranscriptEntry(
        offset: offset, direction: isSent ? .sent : .received, kind: .handshake,
        notation: isResponse ? "the response" : "the request",
        payload: PayloadExcerpt(of: SecretFields.hidden(inHead: octets).span, limit: 16_384))
    case .octets(let excerpt, let byteCount, let isSent):
      return TranscriptEntry(
        offset: offset, direction: isSent ? .sent : .received, kind: .octets,
        notation: "\(byteCount) octets",
        payload: PayloadExcerpt(bytes: excerpt, byteCount: byteCount))
    case .note(let text):
      return TranscriptEntry(offset: offset, direction: .noted, kind: .note, notation: text)
    }
  }
}

extension FrameFields {
  /// The fields of a header.
  init(_ header: FrameHeader) {
    let bits =
      switch header.effectiveLengthEncoding {
      case .minimal, .sevenBit: 7
      case .sixteenBit: 16
      case .sixtyFourBit: 64
      }
    let key = header.maskingKey.map { key in
      let octets = key.octets
      return [octets.0, octets.1, octets.2, octets.3]
    }
    self.init(
      isFinal: header.isFinal, rsv: header.rsv, opcode: header.opcode.rawValue, maskingKey: key,
      payloadLength: header.payloadLength, lengthBits: bits)
  }
}

extension PlayedEvent {
  /// The event as the case language writes it, cut where it is long.
  var notation: String {
    switch self {
    case .message(let kind, let octets): Self.notation(kind.opcode, octets)
    case .pong(let octets): Self.notation(.pong, octets)
    case .mark(let name): "mark \(name)"
    }
  }

  private static func notation(_ opcode: Opcode, _ octets: PlayedOctets) -> String {
    let notation = FrameNotation(
      .received, opcode, payload: octets.octets.prefix(64), payloadLength: UInt64(octets.byteCount))
    return String(notation.description.dropFirst(2))
  }
}

extension AliasEvent {
  /// An event as the established suite writes it: long payloads cut.
  init(_ event: PlayedEvent) {
    switch event {
    case .message(let kind, let octets):
      self = .message(
        PeerBytes(Array(octets.octets.prefix(64))), byteCount: octets.byteCount,
        isBinary: kind == .binary)
    case .pong(let octets): self = .pong(PeerBytes(octets.octets))
    case .mark(let name): self = .timeout(mark: name)
    }
  }

  /// An expected event as the established suite writes it: long payloads cut.
  init(_ event: ExpectedEvent.Kind) {
    switch event {
    case .message(let kind, let payload):
      let octets = payload.withBytes { bytes in
        (0..<min(64, bytes.count)).map { bytes[$0] }
      }
      self = .message(
        PeerBytes(octets), byteCount: payload.count, isBinary: kind == .binary)
    case .pong(let payload): self = .pong(PeerBytes(payload.bytes()))
    case .mark(let name): self = .timeout(mark: name)
    }
  }
}

extension ExpectedClose {
  /// How the case wants the connection to be closed.
  init(_ ending: Ending) {
    self.init(
      closedByMe: ending.initiator == .us, closeCode: ending.codes.map(Int.init),
      requireClean: ending.isCleanRequired,
      closedByWrongEndpointIsFatal: ending.failsOnWrongInitiator ? true : nil)
  }
}

extension TranscriptRecorder.Counts {
  /// Frames by opcode, those that occurred.
  var framesByOpcode: [Int: Int] {
    var counts: [Int: Int] = [:]
    for (opcode, count) in frames.enumerated() where count > 0 { counts[opcode] = count }
    return counts
  }
}

extension TrafficStats.Direction {
  /// The counters of one direction.
  init(
    _ counts: TranscriptRecorder.Counts, head: Int, messageOctets: Int, messageCount: Int
  ) {
    self.init(
      preopenOctets: head, wireOctets: counts.wireByteCount,
      webSocketOctets: counts.payloadByteCount, messageOctets: messageOctets,
      frameCount: counts.dataFrameCount, messageCount: messageCount)
  }
}
