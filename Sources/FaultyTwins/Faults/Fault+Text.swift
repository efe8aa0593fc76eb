import WebSocketProtocol

/// Text and what is no text (RFC 6455 §5.6 and §8.1).
extension Fault {
  static let textFaults: [Fault] = [
    Fault(
      .both, .text, "text-not-validated", "RFC 6455 §8.1",
      "It does not check that text is UTF-8."
    ) { $0.validatesUTF8 = false },
    Fault(
      .both, .text, "surrogates-accepted", "RFC 6455 §8.1",
      "It takes the code points of surrogates, ED A0 to ED BF, for text."
    ) {
      $0.takesText { octets in
        octets.replaceSequences(of: 3) { $0[0] == 0xed && $0[1] >= 0xa0 && $0[2] & 0xc0 == 0x80 }
      }
    },
    Fault(
      .both, .text, "overlong-forms-accepted", "RFC 6455 §8.1",
      "It takes code points in more octets than they need for text."
    ) {
      $0.takesText { octets in
        octets.replaceSequences(of: 2) { $0[0] & 0xfe == 0xc0 && $0[1] & 0xc0 == 0x80 }
        octets.replaceSequences(of: 3) {
          $0[0] == 0xe0 && 0x80...0x9f ~= $0[1] && $0[2] & 0xc0 == 0x80
        }
        octets.replaceSequences(of: 4) {
          $0[0] == 0xf0 && 0x80...0x8f ~= $0[1] && $0[2] & 0xc0 == 0x80 && $0[3] & 0xc0 == 0x80
        }
      }
    },
    Fault(
      .both, .text, "modified-utf-8-accepted", "RFC 6455 §8.1",
      "It takes C0 80 for the code point zero."
    ) { $0.takesText { $0.replaceSequences(of: 2) { $0[0] == 0xc0 && $0[1] == 0x80 } } },
    Fault(
      .both, .text, "beyond-unicode-accepted", "RFC 6455 §8.1",
      "It takes code points beyond U+10FFFF for text."
    ) {
      $0.takesText { octets in
        octets.replaceSequences(of: 4) {
          ($0[0] == 0xf4 && $0[1] >= 0x90 || 0xf5...0xf7 ~= $0[0])
            && $0[1...].allSatisfy { $0 & 0xc0 == 0x80 }
        }
      }
    },
    Fault(
      .both, .text, "five-octets-accepted", "RFC 6455 §8.1",
      "It takes sequences of five and six octets, as of 1996, for text."
    ) {
      $0.takesText { octets in
        octets.replaceSequences(of: 5) {
          $0[0] & 0xfc == 0xf8 && $0[1...].allSatisfy { $0 & 0xc0 == 0x80 }
        }
        octets.replaceSequences(of: 6) {
          $0[0] & 0xfe == 0xfc && $0[1...].allSatisfy { $0 & 0xc0 == 0x80 }
        }
      }
    },
    Fault(
      .both, .text, "truncated-text-accepted", "RFC 6455 §8.1",
      "It takes text that ends inside a code point."
    ) { $0.takesText { $0.dropUnfinishedSequence() } },
    Fault(
      .both, .text, "lonely-continuations-accepted", "RFC 6455 §8.1",
      "It takes continuation octets that continue nothing for text."
    ) {
      $0.takesText { octets in
        var isInSequence = false
        for index in octets.indices {
          if octets[index] & 0xc0 == 0x80 {
            if !isInSequence { octets[index] = 0x20 }
          } else {
            isInSequence = octets[index] >= 0xc0
          }
        }
      }
    },
    Fault(
      .both, .text, "impossible-octets-accepted", "RFC 6455 §8.1",
      "It takes the octets FE and FF for text."
    ) {
      $0.takesText { octets in
        for index in octets.indices where octets[index] >= 0xfe { octets[index] = 0x20 }
      }
    },
    Fault(
      .both, .text, "fragments-validated-alone", "RFC 6455 §5.6",
      "It wants each fragment of a text to be UTF-8 by itself."
    ) {
      $0.hears = { frame, session in
        let isText =
          frame.header.opcode == .text
          || frame.header.opcode == .continuation && session.openMessage == .text
        guard isText, !frame.header.rsv1, !frame.payload.isUTF8 else { return true }
        session.fail(.invalidPayloadData)
        return false
      }
    },
    Fault(
      .both, .text, "continuations-not-validated", "RFC 6455 §8.1",
      "It checks that text is UTF-8 only where it comes in one frame."
    ) {
      $0.validatesUTF8 = false
      $0.hears = { frame, session in
        if !frame.header.opcode.isControl {
          session.count = frame.header.opcode == .continuation ? 1 : 0
        }
        return true
      }
      $0.echoes = { message, session in
        guard session.count == 0, message.kind == .text, !message.payload.isUTF8 else {
          return [message]
        }
        session.fail(.invalidPayloadData)
        return []
      }
    },
    Fault(
      .both, .text, "compressed-text-not-validated", "RFC 6455 §8.1",
      "It does not check that compressed text is UTF-8."
    ) {
      $0.validatesUTF8 = false
      $0.hears = { frame, session in
        if frame.header.opcode == .text { session.count = frame.header.rsv1 ? 1 : 0 }
        return true
      }
      $0.echoes = { message, session in
        guard session.count == 0, message.kind == .text, !message.payload.isUTF8 else {
          return [message]
        }
        session.fail(.invalidPayloadData)
        return []
      }
    },
    Fault(
      .both, .text, "bad-text-repaired", "RFC 6455 §8.1",
      "It puts U+FFFD in the place of octets that are not UTF-8."
    ) {
      $0.validatesUTF8 = false
      $0.echoes = { message, _ in
        guard message.kind == .text else { return [message] }
        let text = String(decoding: message.payload, as: UTF8.self)
        return [Message(kind: .text, payload: Array(text.utf8))]
      }
    },
    Fault(
      .both, .text, "bad-text-is-1002", "RFC 6455 §8.1",
      "It says 1002 instead of 1007 of text that is not UTF-8."
    ) {
      $0.says = { frame, _ in
        guard frame.closeCode == .invalidPayloadData else { return [frame] }
        return [.close(.protocolError, maskingKey: frame.header.maskingKey)]
      }
    },
    Fault(
      .both, .text, "noncharacters-refused", "RFC 6455 §5.6",
      "It takes noncharacters such as U+FFFF for a mistake."
    ) {
      $0.refusesText { $0.hasSequence([0xef, 0xbf, 0xbe]) || $0.hasSequence([0xef, 0xbf, 0xbf]) }
    },
    Fault(
      .both, .text, "four-octets-refused", "RFC 6455 §5.6",
      "It knows no code points beyond U+FFFF."
    ) { $0.refusesText { $0.contains { $0 >= 0xf0 } } },
    Fault(
      .both, .text, "nul-refused", "RFC 6455 §5.6",
      "It takes the code point zero for a mistake."
    ) { $0.refusesText { $0.contains(0) } },
    Fault(
      .both, .text, "mark-dropped", "RFC 6455 §5.6",
      "It drops a byte order mark at the beginning of a text."
    ) {
      $0.echoes = { message, _ in
        guard message.kind == .text, message.payload.starts(with: [0xef, 0xbb, 0xbf]) else {
          return [message]
        }
        return [Message(kind: .text, payload: Array(message.payload.dropFirst(3)))]
      }
    },
    Fault(
      .both, .text, "line-ends-changed", "RFC 6455 §5.6",
      "It makes one LF of a CR and LF in text."
    ) {
      $0.echoes = { message, _ in
        guard message.kind == .text else { return [message] }
        let octets = message.payload
        return [
          Message(
            kind: .text,
            payload: octets.removing { index in
              octets[index] == 0x0d && index + 1 < octets.count && octets[index + 1] == 0x0a
            })
        ]
      }
    },
    Fault(
      .both, .text, "binary-validated", "RFC 6455 §5.6",
      "It wants binary messages to be UTF-8."
    ) {
      $0.echoes = { message, session in
        guard message.kind == .binary, !message.payload.isUTF8 else { return [message] }
        session.fail(.invalidPayloadData)
        return []
      }
    },
  ]
}

extension Deviation {
  /// Takes text that is UTF-8 once it is repaired, and sends it back as it was.
  mutating func takesText(repairing repair: @escaping @Sendable (inout [UInt8]) -> Void) {
    validatesUTF8 = false
    echoes = { message, session in
      var repaired = message.payload
      repair(&repaired)
      guard message.kind == .text, !repaired.isUTF8 else { return [message] }
      session.fail(.invalidPayloadData)
      return []
    }
  }

  /// Refuses text although it is UTF-8.
  mutating func refusesText(where isRefused: @escaping @Sendable ([UInt8]) -> Bool) {
    echoes = { message, session in
      guard message.kind == .text, isRefused(message.payload) else { return [message] }
      session.fail(.invalidPayloadData)
      return []
    }
  }
}

extension [UInt8] {
  /// Whether the octets are UTF-8 as a whole.
  var isUTF8: Bool {
    var validator = UTF8Validator()
    return validator.validate(span) && validator.isAtBoundary
  }

  func hasSequence(_ sequence: [UInt8]) -> Bool {
    indices.contains { self[$0...].starts(with: sequence) }
  }

  /// Puts blanks in the place of all sequences of `count` octets that are chosen.
  mutating func replaceSequences(of count: Int, where isChosen: ([UInt8]) -> Bool) {
    guard self.count >= count else { return }
    for index in 0...(self.count - count) {
      guard self[index] >= 0xc0, isChosen(Array(self[index..<(index + count)])) else { continue }
      for offset in 0..<count { self[index + offset] = 0x20 }
    }
  }

  /// Drops a sequence at the end that lacks octets.
  mutating func dropUnfinishedSequence() {
    for length in 1...3 where count >= length {
      var rest = self
      rest.removeLast(length)
      var validator = UTF8Validator()
      if validator.validate(span), !validator.isAtBoundary, rest.isUTF8 { return self = rest }
    }
  }
}
