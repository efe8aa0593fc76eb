import WebSocketProtocol

extension Scanner {
  /// What one `<` line says.
  enum ExpectationLine {
    case events([ExpectedEvent])
    case firstMessage(ExpectedEvent)
    case ending(Ending)
    case opening(OpeningOutcome)
  }

  /// What comes after `<`; `steps` are what an echo answers.
  mutating func expectation(echo steps: [Step]) throws(CaseSyntaxError) -> ExpectationLine {
    skipBlanks()
    let start = position
    switch token() {
    case "nothing": return .events([])
    case "echo": return .events(Echo.events(of: steps))
    case "first":
      if takeWord("echo") {
        for event in Echo.events(of: steps) {
          if case .message = event.kind { return .firstMessage(event) }
        }
        throw error("there is no message to echo", at: start)
      }
      let word = token()
      guard let event = try event(word), case .message = event.kind else {
        throw error("expected echo, text or binary after `first`", at: start)
      }
      return .firstMessage(event)
    case "close": return .ending(try ending(by: .us))
    case "fail": return .ending(try ending(by: .peer))
    case "accept": return .opening(.accepted(try headTests(of: .response)))
    case "refuse": return .opening(.refused(try statuses(), try headTests(of: .response)))
    case "drop": return .opening(.dropped)
    case "request": return .opening(.requested(try headTests(of: .request)))
    case "follow": return .opening(.followed(try headTests(of: .request)))
    case "stay": return .opening(.stayed)
    case "no-request": return .opening(.unasked)
    case let word:
      guard let event = try event(word) else {
        throw error(
          """
          expected accept, refuse, drop, request, no-request, follow, stay, text, binary, pong, mark, \
          echo, first, nothing, close or fail\
          \(word.isEmpty ? "" : ", not `\(word)`")
          """, at: start)
      }
      return .events([event])
    }
  }

  private mutating func event(_ word: String) throws(CaseSyntaxError) -> ExpectedEvent? {
    let kind: ExpectedEvent.Kind
    switch word {
    case "text": kind = .message(.text, try optionalPayload())
    case "binary": kind = .message(.binary, try optionalPayload())
    case "pong": kind = .pong(try optionalPayload())
    case "mark": kind = .mark(try name("the name of a mark"))
    default: return nil
    }
    return ExpectedEvent(kind, isOptional: takeWord("optional"))
  }

  private mutating func ending(by initiator: Ending.Initiator) throws(CaseSyntaxError) -> Ending {
    var ending = Ending(initiator: initiator, codes: [], isCleanRequired: initiator == .us)
    while true {
      skipBlanks()
      if let octet = next, octet.isDigit {
        ending.codes.append(UInt16(try integer("a close code", in: 0...0xffff)))
        guard ending.codes.count <= 64 else { throw error("expected at most 64 codes") }
      } else if takeWord("clean") {
        ending.isCleanRequired = true
      } else if takeWord("unclean") {
        ending.isCleanRequired = false
      } else if attribute(["fatal"]) != nil {
        for word in token().split(separator: ",") {
          switch word {
          case "code": ending.failsOnWrongCode = true
          case "initiator": ending.failsOnWrongInitiator = true
          default: throw error("expected fatal=code, fatal=initiator or fatal=initiator,code")
          }
        }
      } else {
        if ending.codes.isEmpty { ending.codes = [initiator == .us ? 1000 : 1002] }
        return ending
      }
    }
  }
}

/// What an echo server answers to a script.
enum Echo {
  /// A message for each message and a Pong for each Ping, in order.
  static func events(of steps: [Step]) -> [ExpectedEvent] {
    var events: [ExpectedEvent] = []
    var fragments: (kind: MessageKind, parts: [Payload])?
    for step in steps {
      switch step {
      case .message(let message):
        events.append(ExpectedEvent(.message(message.kind, message.payload)))
      case .frame(let frame):
        if frame.opcode == .ping {
          events.append(ExpectedEvent(.pong(frame.payload)))
        } else if let kind = MessageKind(word: frame.opcode.word) {
          fragments = (kind, [frame.payload])
        } else if frame.opcode == .continuation {
          fragments?.parts.append(frame.payload)
        }
        if let message = fragments, frame.isFinal, !frame.opcode.isControl {
          events.append(ExpectedEvent(.message(message.kind, .joined(message.parts))))
          fragments = nil
        }
      case .header, .piece, .octets, .close, .pause, .exchange, .reading, .endOfStream, .reset,
        .opening,
        .awaitOpen:
        break
      }
    }
    return events
  }
}
