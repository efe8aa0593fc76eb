import WebSocketProtocol

/// Messages in several frames (RFC 6455 §5.4).
extension Fault {
  static let fragmentationFaults: [Fault] = [
    Fault(
      .both, .fragmentation, "stray-continuations-skipped", "RFC 6455 §5.4",
      "It skips continuations of nothing."
    ) {
      $0.hears = { frame, session in
        frame.header.opcode != .continuation || session.openMessage != nil
      }
    },
    Fault(
      .both, .fragmentation, "stray-continuations-are-messages", "RFC 6455 §5.4",
      "It takes a continuation of nothing for a message."
    ) {
      $0.hears = { frame, session in
        if frame.header.opcode == .continuation, session.openMessage == nil {
          frame.header.opcode = .binary
        }
        return true
      }
    },
    Fault(
      .both, .fragmentation, "interleaved-messages-joined", "RFC 6455 §5.4",
      "It takes a new message inside another for its continuation."
    ) {
      $0.hears = { frame, session in
        if session.openMessage != nil, [.text, .binary].contains(frame.header.opcode) {
          frame.header.opcode = .continuation
        }
        return true
      }
    },
    Fault(
      .both, .fragmentation, "interleaved-messages-dropped", "RFC 6455 §5.4",
      "It drops a new message that begins inside another."
    ) {
      $0.hears = { frame, session in
        session.openMessage == nil || frame.header.opcode == .continuation
          || frame.header.opcode.isControl
      }
    },
    Fault(
      .both, .fragmentation, "fragments-are-messages", "RFC 6455 §5.4",
      "It takes each fragment for a message."
    ) {
      $0.hears = { frame, session in
        guard !frame.header.opcode.isControl else { return true }
        if frame.header.opcode == .continuation, session.count > 0 {
          frame.header.opcode = session.count == 1 ? .text : .binary
        } else if !frame.header.opcode.isReserved {
          session.count = frame.header.isFinal ? 0 : Int(frame.header.opcode.rawValue)
        }
        frame.header.isFinal = true
        return true
      }
    },
    Fault(
      .both, .fragmentation, "fragmented-text-becomes-binary", "RFC 6455 §5.4",
      "It forgets the kind of a fragmented message, which becomes binary."
    ) {
      $0.hears = { frame, session in
        if !frame.header.opcode.isControl {
          session.count = frame.header.opcode == .continuation ? 1 : 0
        }
        return true
      }
      $0.echoes = { message, session in
        guard session.count == 1 else { return [message] }
        return [Message(kind: .binary, payload: message.payload)]
      }
    },
    Fault(
      .both, .fragmentation, "control-frames-inside-refused", "RFC 6455 §5.4",
      "It takes no control frames between the fragments of a message."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode.isControl, session.openMessage != nil else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .fragmentation, "pings-join-the-message", "RFC 6455 §5.4",
      "It adds the payload of a Ping between fragments to the message."
    ) {
      $0.hears = { frame, session in
        if frame.header.opcode == .ping, session.openMessage != nil {
          session.memory += frame.payload
        } else if frame.header.opcode == .continuation {
          frame.payload = session.memory + frame.payload
          session.memory = []
        }
        return true
      }
    },
    Fault(
      .both, .fragmentation, "pings-end-the-message", "RFC 6455 §5.4",
      "A Ping between fragments makes it forget the message so far."
    ) {
      $0.hears = { frame, session in
        switch frame.header.opcode {
        case .ping where session.openMessage != nil: session.count = 1
        case .continuation where frame.header.isFinal: break
        case .text, .binary: session.count = 0
        default: break
        }
        return true
      }
      $0.echoes = { message, session in session.count == 1 ? [] : [message] }
    },
    Fault(
      .both, .fragmentation, "empty-fragments-refused", "RFC 6455 §5.4",
      "It takes a fragment without payload for a mistake."
    ) {
      $0.hears = { frame, session in
        guard frame.payload.isEmpty, session.openMessage != nil,
          frame.header.opcode == .continuation
        else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .fragmentation, "empty-final-fragments-lost", "RFC 6455 §5.4",
      "It does not notice the end of a message in a frame without payload."
    ) {
      $0.hears = { frame, session in
        frame.header.opcode != .continuation || !frame.header.isFinal || !frame.payload.isEmpty
          || session.openMessage == nil
      }
    },
    Fault(
      .both, .fragmentation, "ten-fragments", "RFC 6455 §5.4",
      "It takes no message of more than ten fragments."
    ) { $0.limits.fragmentCount = 10 },
    Fault(
      .both, .fragmentation, "fragmented-control-frames-accepted", "RFC 6455 §5.5",
      "It takes control frames without FIN."
    ) {
      $0.hearsHeader = { header, _ in
        if header.opcode.isControl { header.isFinal = true }
      }
    },
    Fault(
      .both, .fragmentation, "fragments-repeat-the-opcode", "RFC 6455 §5.4",
      "It sends messages in two fragments that both carry the opcode of the message."
    ) {
      $0.says = { frame, _ in
        guard !frame.header.opcode.isControl, frame.payload.count > 1 else { return [frame] }
        var (first, second) = frame.halves()
        first.header.isFinal = false
        second.header.opcode = frame.header.opcode
        return [first, second]
      }
    },
    Fault(
      .both, .fragmentation, "message-never-ends", "RFC 6455 §5.4",
      "It sends messages whose last fragment has no FIN."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        if !frame.header.opcode.isControl { frame.header.isFinal = false }
        return [frame]
      }
    },
    Fault(
      .both, .fragmentation, "pongs-in-fragments", "RFC 6455 §5.5",
      "It sends Pongs in two fragments."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .pong else { return [frame] }
        var (first, second) = frame.halves()
        first.header.isFinal = false
        second.header.opcode = .continuation
        return [first, second]
      }
    },
  ]
}

extension Frame {
  /// The frame in two, each with half of the payload.
  func halves() -> (Frame, Frame) {
    var (first, second) = (self, self)
    first.payload = Array(payload.prefix(payload.count / 2))
    second.payload = Array(payload.dropFirst(payload.count / 2))
    first.header.payloadLength = UInt64(first.payload.count)
    second.header.payloadLength = UInt64(second.payload.count)
    return (first, second)
  }
}
