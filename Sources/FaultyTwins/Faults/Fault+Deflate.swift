import HTTP
import WebSocketProtocol

/// permessage-deflate (RFC 7692).
extension Fault {
  /// What offers a server takes and how it answers them, what answers a client takes.
  static let negotiationFaults: [Fault] = [
    Fault(
      .server, .deflate, "unknown-parameters-accepted", "RFC 7692 §7.1",
      "It accepts an offer of permessage-deflate with a parameter that it does not know."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices { offers[index].keepParameters { $0.isKnown } }
      }
    },
    Fault(
      .server, .deflate, "doubled-parameters-accepted", "RFC 7692 §7.1",
      "It takes the first of two parameters of the same name."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices {
          var names: Set<String> = []
          offers[index].keepParameters { names.insert($0.name).inserted }
        }
      }
    },
    Fault(
      .server, .deflate, "any-window-accepted", "RFC 7692 §7.1.2",
      "It accepts offers of windows beyond 8 to 15 bits."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices {
          offers[index].changeBits { value in
            Int(value).flatMap { 8...15 ~= $0 ? nil : String(min(max($0, 9), 15)) }
          }
        }
      }
    },
    Fault(
      .server, .deflate, "window-with-zeros-accepted", "RFC 7692 §7.1.2",
      "It reads window bits with leading zeros and signs."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices {
          offers[index].changeBits { Int($0).flatMap { 8...15 ~= $0 ? String($0) : nil } }
        }
      }
    },
    Fault(
      .server, .deflate, "takeover-with-value-accepted", "RFC 7692 §7.1.1",
      "It accepts a value for no_context_takeover, which has none."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices {
          for at in offers[index].parameters.indices
          where offers[index].parameters[at].name.hasSuffix("no_context_takeover") {
            offers[index].parameters[at].value = nil
          }
        }
      }
    },
    Fault(
      .server, .deflate, "extension-by-prefix", "RFC 7692 §5.1",
      "It takes every extension whose name begins with permessage-deflate for this one."
    ) {
      $0.readsOffers = { offers in
        for index in offers.indices where offers[index].name.hasPrefix(PerMessageDeflate.name) {
          offers[index].name = PerMessageDeflate.name
        }
      }
    },
    Fault(
      .server, .deflate, "answers-without-an-offer", "RFC 6455 §4.2.2",
      "It names permessage-deflate in its answer although it was not offered."
    ) {
      $0.writesResponse = { response, request in
        guard !request.fields.contains(.secWebSocketExtensions) else { return }
        response.fields[.secWebSocketExtensions] = PerMessageDeflate.name
      }
    },
    Fault(
      .server, .deflate, "server-takeover-ignored", "RFC 7692 §7.1.1",
      "It accepts server_no_context_takeover without saying so or doing it."
    ) {
      $0.changesAnswer { $0.keepParameters { $0.name != "server_no_context_takeover" } }
      $0.agrees = { $0?.serverNoContextTakeover = false }
    },
    Fault(
      .server, .deflate, "server-takeover-not-kept", "RFC 7692 §7.1.1",
      "It agrees to forget its window after each message, and keeps it."
    ) { $0.agrees = { $0?.serverNoContextTakeover = false } },
    Fault(
      .server, .deflate, "server-bits-ignored", "RFC 7692 §7.1.2",
      "It accepts server_max_window_bits without saying so or keeping to it."
    ) {
      $0.changesAnswer { $0.keepParameters { $0.name != "server_max_window_bits" } }
      $0.agrees = { $0 = $0?.withServerBits(15) }
    },
    Fault(
      .server, .deflate, "server-bits-not-kept", "RFC 7692 §7.1.2",
      "It agrees to a small window, and compresses with the largest."
    ) { $0.agrees = { $0 = $0?.withServerBits(15) } },
    Fault(
      .server, .deflate, "server-bits-enlarged", "RFC 7692 §7.1.2",
      "It answers server_max_window_bits with a greater value than the offered one."
    ) {
      $0.changesAnswer { answer in
        for index in answer.parameters.indices
        where answer.parameters[index].name == "server_max_window_bits" {
          answer.parameters[index].value = "15"
        }
      }
    },
    Fault(
      .server, .deflate, "client-bits-unasked", "RFC 7692 §7.1.2",
      "It answers client_max_window_bits although the client did not offer it."
    ) {
      $0.changesAnswer { answer in
        guard !answer.parameters.contains(where: { $0.name == "client_max_window_bits" }) else {
          return
        }
        answer.parameters.append(.init("client_max_window_bits", "15"))
      }
    },
    Fault(
      .server, .deflate, "returns-the-offer", "RFC 7692 §7.1.2",
      "It returns the offer as its answer, with a client_max_window_bits that has no value."
    ) {
      $0.writesResponse = { response, request in
        guard response.fields.contains(.secWebSocketExtensions) else { return }
        response.fields[.secWebSocketExtensions] = request.fields[.secWebSocketExtensions]
      }
    },
    Fault(
      .client, .deflate, "unknown-answers-accepted", "RFC 7692 §7.1",
      "It takes an answer with a parameter that it does not know."
    ) { $0.readsAnswer { $0.keepParameters { $0.isKnown } } },
    Fault(
      .client, .deflate, "doubled-answers-accepted", "RFC 7692 §7.1",
      "It takes an answer with two parameters of the same name."
    ) {
      $0.readsAnswer { answer in
        var names: Set<String> = []
        answer.keepParameters { names.insert($0.name).inserted }
      }
    },
    Fault(
      .client, .deflate, "any-window-in-answers", "RFC 7692 §7.1.2",
      "It takes answers with windows beyond 8 to 15 bits."
    ) {
      $0.readsAnswer { answer in
        answer.changeBits { value in
          Int(value).flatMap { 8...15 ~= $0 ? nil : String(min(max($0, 9), 15)) }
        }
      }
    },
    Fault(
      .client, .deflate, "zeros-in-answers-accepted", "RFC 7692 §7.1.2",
      "It reads window bits in answers with leading zeros and signs."
    ) {
      $0.readsAnswer { answer in
        answer.changeBits { Int($0).flatMap { 8...15 ~= $0 ? String($0) : nil } }
      }
    },
    Fault(
      .client, .deflate, "takeover-with-value-in-answers", "RFC 7692 §7.1",
      "It takes an answer in which a no_context_takeover has a value."
    ) {
      $0.readsAnswer { answer in
        for at in answer.parameters.indices
        where answer.parameters[at].name.hasSuffix("no_context_takeover") {
          answer.parameters[at].value = nil
        }
      }
    },
    Fault(
      .client, .deflate, "server-bits-in-answers-refused", "RFC 7692 §7.1",
      "It takes server_max_window_bits for a mistake where it did not ask for it."
    ) {
      $0.readsAnswer { answer in
        guard answer.parameters.contains(where: { $0.name == "server_max_window_bits" }) else {
          return
        }
        answer.parameters.append(.init("unknown", nil))
      }
    },
  ]

  /// Compressed messages.
  static let compressionFaults: [Fault] = [
    Fault(
      .both, .deflate, "rsv1-of-continuations-ignored", "RFC 7692 §6",
      "It does not look at RSV1 of the later fragments of a message."
    ) {
      $0.hearsHeader = { header, session in
        if header.opcode == .continuation, session.compression != nil { header.rsv1 = false }
      }
    },
    Fault(
      .both, .deflate, "rsv1-of-control-frames-ignored", "RFC 7692 §6",
      "It does not look at RSV1 of control frames where compression is agreed."
    ) {
      $0.hearsHeader = { header, session in
        if header.opcode.isControl, session.compression != nil { header.rsv1 = false }
      }
    },
    Fault(
      .both, .deflate, "uncompressed-messages-refused", "RFC 7692 §6",
      "Where compression is agreed it takes no messages without it."
    ) {
      $0.hears = { frame, session in
        guard session.compression != nil, !frame.header.rsv1,
          frame.header.opcode == .text || frame.header.opcode == .binary
        else { return true }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .deflate, "compresses-without-rsv1", "RFC 7692 §6",
      "It does not set RSV1 in its compressed messages."
    ) {
      $0.says = { frame, _ in
        var frame = frame
        frame.header.rsv1 = false
        return [frame]
      }
    },
    Fault(
      .both, .deflate, "rsv1-without-compressing", "RFC 7692 §6",
      "It sets RSV1 in its Pongs where compression is agreed."
    ) {
      $0.says = { frame, session in
        var frame = frame
        if session.compression != nil, frame.header.opcode == .pong { frame.header.rsv1 = true }
        return [frame]
      }
    },
    Fault(
      .both, .deflate, "context-lost-after-plain-message", "RFC 7692 §6",
      "It cannot read compressed messages any more once one came uncompressed."
    ) {
      $0.hears = { frame, session in
        guard session.compression != nil, [.text, .binary].contains(frame.header.opcode) else {
          return true
        }
        if !frame.header.rsv1 { session.count = 1 }
        guard session.count == 1, frame.header.rsv1 else { return true }
        session.fail(.invalidPayloadData)
        return false
      }
    },
    Fault(
      .server, .deflate, "client-context-forgotten", "RFC 7692 §7.1.1",
      "It forgets the client's window after each message although that was not agreed."
    ) { $0.agrees = { $0?.clientNoContextTakeover = true } },
    Fault(
      .client, .deflate, "server-context-forgotten", "RFC 7692 §7.1.1",
      "It forgets the server's window after each message although that was not agreed."
    ) { $0.agrees = { $0?.serverNoContextTakeover = true } },
    Fault(
      .both, .deflate, "small-window-to-inflate", "RFC 7692 §7.1.2",
      "It inflates with a window of 512 octets although a larger one was agreed."
    ) { $0.agrees = { $0 = $0?.withWindows(9) } },
    Fault(
      .both, .deflate, "stored-blocks-refused", "RFC 7692 §7.2.2",
      "It takes no messages that begin with a stored block."
    ) { $0.refusesCompressed { $0.count > 1 && $0[0] & 6 == 0 } },
    Fault(
      .both, .deflate, "final-blocks-refused", "RFC 7692 §7.2.3",
      "It takes no messages whose first block has BFINAL set."
    ) { $0.refusesCompressed { ($0.first ?? 0) & 1 == 1 } },
    Fault(
      .both, .deflate, "empty-compressed-messages-refused", "RFC 7692 §7.2.3",
      "It takes a compressed message of the single octet 00 for a mistake."
    ) { $0.refusesCompressed { $0 == [0] } },
    Fault(
      .both, .deflate, "fragmented-compressed-messages-refused", "RFC 7692 §7.2.3",
      "It takes no compressed messages in several fragments."
    ) {
      $0.hears = { frame, session in
        guard frame.header.rsv1, !frame.header.isFinal, session.compression != nil else {
          return true
        }
        session.fail(.protocolError)
        return false
      }
    },
    Fault(
      .both, .deflate, "corrupt-data-skipped", "RFC 7692 §7.2.2",
      "It skips a message that cannot be inflated, and goes on."
    ) {
      $0.hears = { frame, session in
        guard let agreement = session.compression, frame.header.rsv1, frame.header.isFinal,
          !frame.header.opcode.isControl
        else { return true }
        var decompressor = MessageDecompressor(agreement: agreement, role: session.role)
        var inflated: [UInt8] = []
        do {
          try decompressor.decompress(
            frame.payload.span, isFinal: true, to: &inflated, limit: 16 << 20)
          return true
        } catch {
          // A match may reach into the window of earlier messages, which this look does not have.
          return session.count > 0
        }
      }
      $0.echoes = { message, session in
        session.count += 1
        return [message]
      }
    },
  ]
}

extension Deviation {
  /// Changes the element that answers an offer of permessage-deflate.
  mutating func changesAnswer(_ change: @escaping @Sendable (inout ExtensionElement) -> Void) {
    writesResponse = { response, _ in
      guard let value = response.fields[.secWebSocketExtensions],
        var element = ExtensionElement.parse(value)?.first
      else { return }
      change(&element)
      response.fields[.secWebSocketExtensions] = element.description
    }
  }

  /// Changes the answer to our offer before it is judged.
  mutating func readsAnswer(_ change: @escaping @Sendable (inout ExtensionElement) -> Void) {
    readsResponse = { response, _ in
      guard let value = response.fields[.secWebSocketExtensions],
        var element = ExtensionElement.parse(value)?.first
      else { return }
      change(&element)
      response.fields[.secWebSocketExtensions] = element.description
    }
  }

  /// Fails the connection for compressed messages by how their first frame begins.
  mutating func refusesCompressed(where isRefused: @escaping @Sendable ([UInt8]) -> Bool) {
    hears = { frame, session in
      guard session.compression != nil, frame.header.rsv1, !frame.header.opcode.isControl,
        isRefused(frame.payload)
      else { return true }
      session.fail(.invalidPayloadData)
      return false
    }
  }
}

extension ExtensionElement {
  mutating func keepParameters(where isKept: (Parameter) -> Bool) {
    parameters = parameters.filter(isKept)
  }

  /// Changes the values of window bits for which `change` has a better one.
  mutating func changeBits(_ change: (String) -> String?) {
    for index in parameters.indices where parameters[index].name.hasSuffix("max_window_bits") {
      guard let value = parameters[index].value, let better = change(value) else { continue }
      parameters[index].value = better
    }
  }
}

extension ExtensionElement.Parameter {
  /// Whether RFC 7692 §7.1 has a parameter of this name.
  var isKnown: Bool {
    [
      "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
      "client_max_window_bits",
    ].contains(name)
  }
}

extension PerMessageDeflate.Agreement {
  func withServerBits(_ bits: Int) -> Self {
    Self(
      serverNoContextTakeover: serverNoContextTakeover,
      clientNoContextTakeover: clientNoContextTakeover, serverMaxWindowBits: bits,
      clientMaxWindowBits: clientMaxWindowBits)
  }

  func withWindows(_ bits: Int) -> Self {
    Self(
      serverNoContextTakeover: serverNoContextTakeover,
      clientNoContextTakeover: clientNoContextTakeover,
      serverMaxWindowBits: min(bits, serverMaxWindowBits),
      clientMaxWindowBits: min(bits, clientMaxWindowBits))
  }
}
