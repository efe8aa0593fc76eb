import WebSocketProtocol

/// The closing handshake (RFC 6455 §5.5.1 and §7.1).
extension Fault {
  static let closeFaults: [Fault] = [
    Fault(
      .both, .close, "close-answered-with-fin", "RFC 6455 §5.5.1",
      "It ends TCP when a Close comes, and does not answer it."
    ) {
      $0.says = { frame, session in
        frame.header.opcode == .close && session.hasReceivedClose ? [] : [frame]
      }
    },
    Fault(
      .both, .close, "close-unanswered", "RFC 6455 §5.5.1",
      "It does not answer a Close, and keeps TCP open."
    ) { $0.hears = { frame, _ in frame.header.opcode != .close } },
    Fault(
      .both, .close, "empty-close-unanswered", "RFC 6455 §5.5.1",
      "It does not answer a Close without a code."
    ) {
      $0.hears = { frame, _ in frame.header.opcode != .close || !frame.payload.isEmpty }
    },
    Fault(
      .both, .close, "closes-in-fragments", "RFC 6455 §5.5",
      "It sends Closes in two fragments."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close else { return [frame] }
        var (first, second) = frame.halves()
        first.header.isFinal = false
        second.header.opcode = .continuation
        return [first, second]
      }
    },
    Fault(
      .both, .close, "half-a-code-sent", "RFC 6455 §5.5.1",
      "Its Closes have a payload of one octet."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close else { return [frame] }
        return [Frame(.close, [3], maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .close, "half-a-code-accepted", "RFC 6455 §5.5.1",
      "It takes a Close with a payload of one octet."
    ) {
      $0.hears = { frame, _ in
        if frame.header.opcode == .close, frame.payload.count == 1 { frame.payload = [] }
        return true
      }
    },
    Fault(
      .both, .close, "reasons-not-validated", "RFC 6455 §5.5.1",
      "It does not check that the reason of a Close is UTF-8."
    ) {
      $0.hears = { frame, _ in
        if frame.header.opcode == .close, frame.payload.count <= 125 {
          frame.payload = Array(frame.payload.prefix(2))
        }
        return true
      }
    },
    Fault(
      .both, .close, "reasons-refused", "RFC 6455 §5.5.1",
      "It takes a Close with a reason for a mistake."
    ) {
      $0.hears = { frame, session in
        guard frame.header.opcode == .close, frame.payload.count > 2, !session.hasReceivedClose
        else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .close, "broken-reason-sent", "RFC 6455 §5.5.1",
      "Its Closes have a reason that is not UTF-8."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close else { return [frame] }
        let key = frame.header.maskingKey
        return [.close(frame.closeCode ?? 1000, reason: [0xc0, 0xaf], maskingKey: key)]
      }
    },
    Fault(
      .both, .close, "reasons-from-memory", "RFC 6455 §5.5.1",
      "The reason of its Closes is memory that nobody wrote."
    ) {
      $0.says = { frame, _ in
        guard let code = frame.closeCode, frame.header.opcode == .close else { return [frame] }
        let memory: [UInt8] = [0x6b, 0x65, 0x79, 0, 0, 0, 0x20, 0x7f]
        return [.close(code, reason: memory, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .close, "long-reason-sent", "RFC 6455 §5.5",
      "Its Closes have a reason that makes them longer than 125 octets."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close else { return [frame] }
        let reason = [UInt8](repeating: UInt8(ascii: "x"), count: 124)
        let key = frame.header.maskingKey
        return [.close(frame.closeCode ?? 1000, reason: reason, maskingKey: key)]
      }
    },
    Fault(
      .both, .close, "texts-after-close-answered", "RFC 6455 §5.5.1",
      "It sends back messages that come after a Close."
    ) {
      $0.hears = { frame, session in
        if session.hasReceivedClose, frame.header.opcode == .text {
          session.send(Frame(.text, frame.payload))
        }
        return true
      }
    },
    Fault(
      .both, .close, "pings-after-close-answered", "RFC 6455 §5.5.2",
      "It answers Pings that come after a Close."
    ) {
      $0.hears = { frame, session in
        if session.hasReceivedClose, frame.header.opcode == .ping {
          session.send(Frame(.pong, frame.payload))
        }
        return true
      }
    },
    Fault(
      .server, .close, "text-behind-its-close", "RFC 6455 §5.5.1",
      "It sends a message behind its Close."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close else { return [frame] }
        return [frame, Frame(.text, Array("bye".utf8), maskingKey: frame.header.maskingKey)]
      }
    },
  ]

  /// Close codes (RFC 6455 §7.4 and the IANA registry).
  static let closeCodeFaults: [Fault] = [
    Fault(
      .both, .close, "reserved-codes-accepted", "RFC 6455 §7.4.1",
      "It takes the codes 1005, 1006 and 1015 in a Close."
    ) { $0.takesCodes { [1005, 1006, 1015].contains($0) } },
    Fault(
      .both, .close, "1004-accepted", "RFC 6455 §7.4.1", "It takes the reserved code 1004."
    ) { $0.takesCodes { $0 == 1004 } },
    Fault(
      .both, .close, "low-codes-accepted", "RFC 6455 §7.4.2", "It takes codes below 1000."
    ) { $0.takesCodes { $0 < 1000 } },
    Fault(
      .both, .close, "unassigned-codes-accepted", "RFC 6455 §7.4.2",
      "It takes the codes from 1016 to 2999, which nobody has assigned."
    ) { $0.takesCodes { 1016...2999 ~= $0 } },
    Fault(
      .both, .close, "registered-codes-refused", "RFC 6455 §7.4",
      "It knows the codes of the RFC only, and not 1012 to 1014, which were registered later."
    ) { $0.refusesCodes { 1012...1014 ~= $0 } },
    Fault(
      .both, .close, "library-codes-refused", "RFC 6455 §7.4.2",
      "It takes the codes from 3000 to 3999 for a mistake."
    ) { $0.refusesCodes { 3000...3999 ~= $0 } },
    Fault(
      .both, .close, "private-codes-refused", "RFC 6455 §7.4.2",
      "It takes the codes from 4000 to 4999 for a mistake."
    ) { $0.refusesCodes { 4000...4999 ~= $0 } },
    Fault(
      .both, .close, "no-code-sent-as-1005", "RFC 6455 §7.4.1",
      "It answers a Close without a code with 1005."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close, frame.payload.isEmpty else { return [frame] }
        return [.close(.noStatusReceived, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .close, "1006-sent", "RFC 6455 §7.4.1", "It answers each Close with 1006."
    ) {
      $0.says = { frame, session in
        guard frame.header.opcode == .close, !session.hasFailed else { return [frame] }
        return [.close(.abnormalClosure, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .close, "1011-for-every-close", "RFC 6455 §5.5.1",
      "It answers each Close with 1011, as if it had failed."
    ) {
      $0.says = { frame, session in
        guard frame.header.opcode == .close, !session.hasFailed else { return [frame] }
        return [.close(.internalError, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .close, "code-in-wrong-order", "RFC 6455 §5.5.1",
      "It writes the octets of a close code in the wrong order."
    ) {
      $0.says = { frame, _ in
        guard frame.header.opcode == .close, frame.payload.count >= 2 else { return [frame] }
        var frame = frame
        frame.payload.swapAt(0, 1)
        return [frame]
      }
    },
    Fault(
      .both, .close, "failures-are-1000", "RFC 6455 §7.4.1",
      "It says 1000, normal closure, of every mistake of the peer."
    ) {
      $0.says = { frame, session in
        guard frame.header.opcode == .close, session.hasFailed else { return [frame] }
        return [.close(.normalClosure, maskingKey: frame.header.maskingKey)]
      }
    },
  ]
}

extension Deviation {
  /// Takes Closes with codes that are not permitted.
  mutating func takesCodes(where isTaken: @escaping @Sendable (UInt16) -> Bool) {
    hears = { frame, _ in
      if let code = frame.closeCode?.rawValue, isTaken(code) {
        frame.payload.replaceSubrange(0..<2, with: [0x03, 0xe8])
      }
      return true
    }
  }

  /// Fails the connection for Closes with codes that are permitted.
  mutating func refusesCodes(where isRefused: @escaping @Sendable (UInt16) -> Bool) {
    hears = { frame, session in
      guard let code = frame.closeCode?.rawValue, isRefused(code), !session.hasReceivedClose
      else { return true }
      session.fail(.protocolError)
      return false
    }
  }
}
