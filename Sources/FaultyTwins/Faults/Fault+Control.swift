import WebSocketProtocol

/// Pings and Pongs (RFC 6455 §5.5, §5.5.2 and §5.5.3).
extension Fault {
  static let controlFaults: [Fault] = [
    Fault(.both, .control, "pings-unanswered", "RFC 6455 §5.5.2", "It does not answer Pings.") {
      $0.says = { frame, _ in frame.header.opcode == .pong ? [] : [frame] }
    },
    Fault(
      .both, .control, "empty-pings-unanswered", "RFC 6455 §5.5.2",
      "It does not answer Pings without payload."
    ) {
      $0.says = { frame, _ in
        frame.header.opcode == .pong && frame.payload.isEmpty ? [] : [frame]
      }
    },
    Fault(
      .both, .control, "pongs-without-payload", "RFC 6455 §5.5.2",
      "Its Pongs do not repeat the payload of the Ping."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .pong else { return [frame] }
        return [Frame(.pong, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .control, "pongs-cut-at-124", "RFC 6455 §5.5.2",
      "Its Pongs repeat no more than 124 octets of the Ping's payload."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .pong else { return [frame] }
        return [
          Frame(.pong, Array(frame.payload.prefix(124)), maskingKey: frame.header.maskingKey)
        ]
      }
    },
    Fault(
      .both, .control, "pongs-as-text", "RFC 6455 §5.5.2",
      "It repeats the payload of a Ping as if it were text, so other octets become U+FFFD."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .pong else { return [frame] }
        let text = String(decoding: frame.payload, as: UTF8.self)
        return [
          Frame(.pong, Array(text.utf8.prefix(125)), maskingKey: frame.header.maskingKey)
        ]
      }
    },
    Fault(
      .both, .control, "only-the-first-ping-answered", "RFC 6455 §5.5.2",
      "It answers the first Ping of a connection and no other."
    ) {
      $0.says = { frame, session in
        guard frame.header.opcode == .pong else { return [frame] }
        session.count += 1
        return session.count == 1 ? [frame] : []
      }
    },
    Fault(
      .both, .control, "old-pings-answered-last", "RFC 6455 §5.5.3",
      "It answers several Pings with the payload of the first."
    ) {
      $0.says = { frame, session in
        guard frame.header.opcode == .pong else { return [frame] }
        if session.count == 0 { session.memory = frame.payload }
        session.count += 1
        return [Frame(.pong, session.memory, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .control, "pings-answered-with-pings", "RFC 6455 §5.5.2",
      "It answers a Ping with a Ping."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .pong else { return [frame] }
        return [Frame(.ping, frame.payload, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .control, "pings-answered-twice", "RFC 6455 §5.5.2", "It answers each Ping twice."
    ) { $0.says = { frame, _ in frame.header.opcode == .pong ? [frame, frame] : [frame] } },
    Fault(
      .both, .control, "pongs-answered", "RFC 6455 §5.5.3",
      "It answers a Pong that nobody asked for with a Pong."
    ) {
      $0.hearsHeader = { header, _ in
        if header.opcode == .pong { header.opcode = .ping }
      }
    },
    Fault(
      .both, .control, "unsolicited-pongs-refused", "RFC 6455 §5.5.3",
      "It takes a Pong that nobody asked for as a mistake."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode == .pong, frame.payload.count <= 125 else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .control, "pings-echoed-as-text", "RFC 6455 §5.5.2",
      "It delivers the payload of a Ping to the application, as a text."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode == .ping, frame.payload.isUTF8, session.openMessage == nil,
          frame.payload.count <= 125
        else { return true }
        session.send(Frame(.text, frame.payload))
        return true
      }
    },
    Fault(
      .both, .control, "long-pings-answered", "RFC 6455 §5.5",
      "It answers Pings of more than 125 octets."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode == .ping, frame.payload.count > 125 else { return true }
        session.send(Frame(.pong, frame.payload))
        return false
      }
    },
    Fault(
      .both, .control, "long-pongs-accepted", "RFC 6455 §5.5",
      "It takes Pongs of more than 125 octets."
    ) {
      $0.hears = { frame, _ in frame.header.opcode != .pong || frame.payload.count <= 125 }
    },
    Fault(
      .both, .control, "long-closes-accepted", "RFC 6455 §5.5",
      "It takes Closes of more than 125 octets."
    ) {
      $0.hears = { frame, _ in
        if frame.header.opcode == .close, frame.payload.count > 125 {
          frame.payload = Array(frame.payload.prefix(125))
          frame.header.lengthEncoding = .minimal
        }
        return true
      }
    },
    Fault(
      .both, .control, "control-frames-end-at-124", "RFC 6455 §5.5",
      "It takes no control frame of 125 octets."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode.isControl, frame.payload.count == 125 else { return true }
        session.fail(.protocolError)
        return false
      }
    },
  ]
}
