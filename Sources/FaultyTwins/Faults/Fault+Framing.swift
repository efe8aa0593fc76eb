import WebSocketProtocol

/// What headers an endpoint takes (RFC 6455 §5.1 to §5.3).
extension Fault {
  static let framingFaults: [Fault] = [
    Fault(
      .server, .framing, "unmasked-frames-accepted", "RFC 6455 §5.1",
      "It takes frames that are not masked."
    ) {
      $0.hearsHeader = { header, _ in
        if header.maskingKey == nil { header.maskingKey = .zero }
      }
    },
    Fault(
      .server, .framing, "unmasked-control-frames-accepted", "RFC 6455 §5.1",
      "It takes control frames that are not masked."
    ) {
      $0.hearsHeader = { header, _ in
        if header.maskingKey == nil, header.opcode.isControl { header.maskingKey = .zero }
      }
    },
    Fault(
      .client, .framing, "masked-frames-accepted", "RFC 6455 §5.1",
      "It takes frames that are masked."
    ) {
      $0.hears = { frame, _ in
        frame.header.maskingKey = nil
        return true
      }
    },
    Fault(
      .both, .framing, "rsv-ignored", "RFC 6455 §5.2",
      "It does not look at the reserved bits."
    ) {
      $0.hearsHeader = { header, session in
        header.rsv = session.compression == nil ? 0 : header.rsv & 4
      }
    },
    Fault(
      .both, .framing, "rsv3-ignored", "RFC 6455 §5.2",
      "It looks at the first two reserved bits only."
    ) { $0.hearsHeader = { header, _ in header.rsv3 = false } },
    Fault(
      .both, .framing, "rsv-of-control-frames-ignored", "RFC 6455 §5.2",
      "It does not look at the reserved bits of control frames."
    ) {
      $0.hearsHeader = { header, _ in
        if header.opcode.isControl { header.rsv = 0 }
      }
    },
    Fault(
      .both, .framing, "reserved-data-opcodes-are-binary", "RFC 6455 §5.2",
      "It takes frames of the opcodes 3 to 7 for binary messages."
    ) {
      $0.hearsHeader = { header, _ in
        if 3...7 ~= header.opcode.rawValue { header.opcode = .binary }
      }
    },
    Fault(
      .both, .framing, "reserved-data-opcodes-skipped", "RFC 6455 §5.2",
      "It skips frames of the opcodes 3 to 7."
    ) { $0.hears = { frame, _ in !(3...7 ~= frame.header.opcode.rawValue) } },
    Fault(
      .both, .framing, "reserved-control-opcodes-skipped", "RFC 6455 §5.2",
      "It skips frames of the opcodes 11 to 15."
    ) { $0.hears = { frame, _ in !(11...15 ~= frame.header.opcode.rawValue) } },
    Fault(
      .both, .framing, "reserved-opcodes-are-pings", "RFC 6455 §5.2",
      "It takes frames of the opcodes 11 to 15 for Pings."
    ) {
      $0.hearsHeader = { header, _ in
        if 11...15 ~= header.opcode.rawValue { header.opcode = .ping }
      }
    },
    Fault(
      .both, .framing, "top-bit-ignored", "RFC 6455 §5.2",
      "It ignores the most significant bit of a length of 64 bits."
    ) {
      $0.hearsHeader = { header, _ in
        guard header.payloadLength > UInt64(Int64.max) else { return }
        header.payloadLength &= 0xffff
        header.lengthEncoding = .minimal
      }
    },
    Fault(
      .both, .framing, "16-bit-lengths-signed", "RFC 6455 §5.2",
      "It takes a length of 16 bits for a signed number."
    ) {
      $0.hears = { frame, session in
        guard 0x8000...0xffff ~= frame.payload.count else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .framing, "64-bit-lengths-refused", "RFC 6455 §5.2",
      "It knows no lengths of 64 bits."
    ) { $0.limits.frameByteCount = 65_535 },
    Fault(
      .both, .framing, "126-octets-misread", "RFC 6455 §5.2",
      "It takes the length 126 for a mistake, since 126 announces a longer length."
    ) {
      $0.hears = { frame, session in
        guard frame.payload.count == 126 else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .server, .framing, "zero-key-is-no-mask", "RFC 6455 §5.3",
      "It takes a masking key of zeros for the lack of one."
    ) {
      $0.hearsHeader = { header, _ in
        if header.maskingKey == .zero { header.maskingKey = nil }
      }
    },
    Fault(
      .server, .framing, "key-of-the-first-frame", "RFC 6455 §5.3",
      "It unmasks all fragments of a message with the key of the first."
    ) {
      $0.hears = { frame, session in
        guard let key = frame.header.maskingKey else { return true }
        let octets = [key.octets.0, key.octets.1, key.octets.2, key.octets.3]
        if frame.header.opcode == .text || frame.header.opcode == .binary {
          session.memory = octets
        } else if frame.header.opcode == .continuation, session.memory.count == 4 {
          for index in frame.payload.indices {
            frame.payload[index] ^= octets[index & 3] ^ session.memory[index & 3]
          }
        }
        return true
      }
    },
    Fault(
      .server, .framing, "unmasks-whole-words-only", "RFC 6455 §5.3",
      "It unmasks four octets at a time and forgets the rest."
    ) {
      $0.hears = { frame, _ in
        guard let key = frame.header.maskingKey, !frame.header.opcode.isControl else {
          return true
        }
        for index in (frame.payload.count & ~3)..<frame.payload.count {
          frame.payload[index] ^= key[index]
        }
        return true
      }
    },
  ]

  /// What frames an endpoint sends (RFC 6455 §5.1, §5.2 and §5.6).
  static let sendingFaults: [Fault] = [
    Fault(.server, .framing, "masks", "RFC 6455 §5.1", "It masks the frames it sends.") {
      $0.says = { frame, _ in
        var frame = frame
        frame.header.maskingKey = MaskingKey(1, 2, 3, 4)
        return [frame]
      }
    },
    Fault(
      .client, .framing, "does-not-mask", "RFC 6455 §5.1", "It does not mask the frames it sends."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        frame.header.maskingKey = nil
        return [frame]
      }
    },
    Fault(
      .client, .framing, "does-not-mask-control-frames", "RFC 6455 §5.1",
      "It does not mask the control frames it sends."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        if frame.header.opcode.isControl { frame.header.maskingKey = nil }
        return [frame]
      }
    },
    Fault(
      .client, .framing, "one-mask", "RFC 6455 §5.3", "It masks all its frames with the same key."
    ) { $0.masks { _ in MaskingKey(0x37, 0xfa, 0x21, 0x3d) } },
    Fault(
      .client, .framing, "zero-masks", "RFC 6455 §5.3", "Its masking keys are zero."
    ) { $0.masks { _ in .zero } },
    Fault(
      .client, .framing, "counted-masks", "RFC 6455 §5.3",
      "Its masking keys count its frames."
    ) {
      $0.masks { number in
        MaskingKey(
          0x5a, 0, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number))
      }
    },
    Fault(
      .client, .framing, "masks-of-15-bits", "RFC 6455 §5.3",
      "Its masking keys come from a source of 15 bits."
    ) {
      $0.masks { _ in MaskingKey(0, 0, .random(in: 0...0x7f), .random(in: 0...0xff)) }
    },
    Fault(
      .both, .framing, "sends-rsv2", "RFC 6455 §5.2", "It sets RSV2 in the messages it sends."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        if !frame.header.opcode.isControl { frame.header.rsv2 = true }
        return [frame]
      }
    },
    Fault(
      .both, .framing, "sends-rsv1-unagreed", "RFC 6455 §5.2",
      "It sets RSV1 in its messages although no extension was agreed."
    ) {
      $0.says = { frame, session in
        var frame = frame
        if session.compression == nil, frame.header.opcode != .continuation,
          !frame.header.opcode.isControl
        {
          frame.header.rsv1 = true
        }
        return [frame]
      }
    },
    Fault(
      .both, .framing, "sends-long-lengths", "RFC 6455 §5.2",
      "It writes every length with 64 bits."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        frame.header.lengthEncoding = .sixtyFourBit
        return [frame]
      }
    },
    Fault(
      .both, .framing, "sends-a-reserved-opcode", "RFC 6455 §5.2",
      "It sends a frame of a reserved opcode before each message."
    ) {
      $0.says = { frame, _ in
        guard !frame.header.opcode.isControl else { return [frame] }
        let key = frame.header.maskingKey
        return [Frame(Opcode(rawValue: 3), maskingKey: key), frame]
      }
    },
    Fault(
      .both, .framing, "text-becomes-binary", "RFC 6455 §5.6",
      "It sends texts back as binary messages."
    ) { $0.echoes = { message, _ in [Message(kind: .binary, payload: message.payload)] } },
    Fault(
      .both, .framing, "empty-messages-lost", "RFC 6455 §5.6",
      "It does not notice messages without payload."
    ) { $0.echoes = { message, _ in message.payload.isEmpty ? [] : [message] } },
    Fault(
      .both, .framing, "messages-of-one-octet-lost", "RFC 6455 §5.6",
      "It does not notice messages of one octet."
    ) { $0.echoes = { message, _ in message.payload.count == 1 ? [] : [message] } },
    Fault(
      .both, .framing, "messages-twice", "RFC 6455 §5.6", "It delivers each message twice."
    ) { $0.echoes = { message, _ in [message, message] } },
    Fault(
      .both, .framing, "cut-at-65535", "RFC 6455 §5.2",
      "It cuts messages off after 65,535 octets."
    ) {
      $0.echoes = { message, _ in
        [Message(kind: message.kind, payload: Array(message.payload.prefix(65_535)))]
      }
    },
    Fault(
      .both, .framing, "cut-at-nul", "RFC 6455 §5.6",
      "It takes a NUL octet for the end of the message."
    ) {
      $0.echoes = { message, _ in
        [Message(kind: message.kind, payload: Array(message.payload.prefix { $0 != 0 }))]
      }
    },
  ]
}

extension Deviation {
  /// Chooses the masking keys, by the number of the frame.
  mutating func masks(with key: @escaping @Sendable (_ number: Int) -> MaskingKey) {
    says = { frame, session in
      var frame = frame
      session.count += 1
      frame.header.maskingKey = key(session.count)
      return [frame]
    }
  }
}
