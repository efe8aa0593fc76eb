import WebSocketProtocol

extension CaseBuilder {
  /// Reads `> step` or `> N x step`, where `{i}` counts from 0.
  mutating func readSteps(
    _ line: SourceText, _ bindings: CaseBindings, in budget: inout ExpansionBudget
  ) throws(CaseSyntaxError) {
    var bindings = bindings
    bindings.bind("i", to: 0)
    var scanner = Scanner(try line.filled(in: &budget, bindings.value))
    let count = try scanner.repetitions(after: ">")
    for index in 0..<count {
      if index > 0 {
        bindings.bind("i", to: index)
        scanner = Scanner(try line.filled(in: &budget, bindings.value))
        _ = try scanner.repetitions(after: ">")
      }
      let start = scanner
      let step = try scanner.step()
      try scanner.expectEnd()
      guard steps.count < ExpansionBudget.mostSteps else {
        throw start.error("the case has more than \(ExpansionBudget.mostSteps) steps")
      }
      for payload in step.payloads { try hold(payload, of: start) }
      if case .opening(let script) = step {
        try isFor(script.kind == .request ? .server : .client, start)
      }
      steps.append(step)
    }
  }
}

extension CaseBuilder {
  /// Counts what a payload holds in memory, so that a case stays printable and small.
  mutating func hold(_ payload: Payload, of scanner: Scanner) throws(CaseSyntaxError) {
    let count = payload.literalCount
    guard count <= 8192, payload.partCount <= 256 else {
      throw scanner.error(
        "the payload has more than 8192 octets, or 256 parts, that are written out: use N*… or repeat"
      )
    }
    guard payload.boundedCount <= Scanner.largestPayload else {
      throw scanner.error("the payload is larger than 64 MiB")
    }
    literalCount += count
    guard literalCount <= 1 << 20 else {
      throw scanner.error("the case has more than 1 MiB of payload that is written out")
    }
  }
}

extension Step {
  /// The payloads that the step describes.
  fileprivate var payloads: [Payload] {
    switch self {
    case .frame(let frame): [frame.payload]
    case .message(let message): [message.payload]
    case .piece(let payload), .octets(let payload, _): [payload]
    case .close(let close): [close.reason]
    case .exchange(let exchange):
      if case .constant(let payload) = exchange.content { [payload] } else { [] }
    case .opening(let script): script.payloads
    case .header, .pause, .reading, .endOfStream, .reset, .awaitOpen: []
    }
  }
}

extension Payload {
  /// The octets that are held in memory for the description.
  fileprivate var literalCount: Int {
    switch self {
    case .octets(let octets): octets.count
    case .repeated(let unit, _): unit.count
    case .concatenated(let parts): parts.reduce(0) { $0 + $1.literalCount }
    case .slice: 0
    }
  }

  fileprivate var partCount: Int {
    if case .concatenated(let parts) = self { parts.count } else { 1 }
  }
}

extension Scanner {
  /// Reads `mark`, and the number of `N x` if it is there; otherwise 1.
  mutating func repetitions(after mark: StaticString) throws(CaseSyntaxError) -> Int {
    skipBlanks()
    _ = take(mark)
    skipBlanks()
    var copy = self
    guard let octet = copy.next, octet.isDigit,
      let count = try? copy.integer("a number", in: 1...UInt64(ExpansionBudget.mostSteps)),
      copy.takeWord("x")
    else { return 1 }
    self = copy
    return Int(count)
  }

  /// A step, after its `>`.
  mutating func step() throws(CaseSyntaxError) -> Step {
    skipBlanks()
    let start = position
    let word = token()
    switch word {
    case "close": return .close(try close())
    case "frame":
      let opcode = try choice("an opcode: a name, or a number from 0 to 15", Opcode.init(word:))
      return try frame(opcode)
    case "head": return .header(try header())
    case "piece": return .piece(try payload())
    case "octets":
      let payload = try payload()
      return .octets(payload, try delivery())
    case "wait": return takeWord("open") ? .awaitOpen : .pause(try pause())
    case "request": return .opening(try headScript(.request))
    case "response": return .opening(try headScript(.response))
    case "exchange": return .exchange(try exchange())
    case "stop-reading": return .reading(false)
    case "read-on": return .reading(true)
    case "end-of-stream": return .endOfStream
    case "reset": return .reset
    default:
      guard let opcode = Opcode(word: word), Int(word) == nil else {
        throw error(
          """
          expected text, binary, continuation, ping, pong, close, frame, head, piece, octets, \
          wait, exchange, request, response, stop-reading, read-on, end-of-stream or reset\
          \(word.isEmpty ? "" : ", not `\(word)`")
          """, at: start)
      }
      return try frame(opcode)
    }
  }

  /// The payload and the attributes of a frame, or of a message (`cut=`).
  private mutating func frame(_ opcode: Opcode) throws(CaseSyntaxError) -> Step {
    let start = position
    var frame = Step.Frame(opcode: opcode, payload: try optionalPayload())
    var cut: Int??
    var compression: Step.Compression?
    while true {
      if takeWord("sync") {
        frame.delivery = .alone
        continue
      }
      if takeWord("deflate") {
        compression = .smallest
        continue
      }
      switch attribute(["fin", "rsv", "chop", "mask", "length", "cut", "deflate"]) {
      case "fin": frame.isFinal = try integer("0 or 1", in: 0...1) == 1
      case "rsv": frame.rsv = UInt8(try integer("the reserved bits", in: 0...7))
      case "chop": frame.delivery = .pieces(try size())
      case "mask": frame.masking = try masking()
      case "length": frame.length = try length()
      case "cut": cut = .some(takeWord("none") ? nil : try size())
      case "deflate":
        compression = try choice("stored or fixed after deflate=") {
          $0 == "smallest" ? nil : Step.Compression(rawValue: $0)
        }
      default:
        guard cut != nil || compression != nil else { return .frame(frame) }
        guard let kind = MessageKind(word: opcode.word), frame.isFinal, frame.rsv == 0,
          frame.masking == .byRole, frame.length == .minimal
        else {
          throw error(
            """
            cut= and deflate are for whole text and binary messages, and go with sync and chop= \
            only
            """, at: start)
        }
        return .message(
          Step.Message(
            kind: kind, payload: frame.payload, fragmentSize: cut ?? nil,
            delivery: frame.delivery, compression: compression))
      }
    }
  }

  private mutating func size() throws(CaseSyntaxError) -> Int {
    Int(try integer("a number of octets", in: 1...UInt64(Scanner.largestPayload)))
  }

  private mutating func delivery() throws(CaseSyntaxError) -> Delivery {
    if takeWord("sync") { return .alone }
    if attribute(["chop"]) != nil { return .pieces(try size()) }
    return .together
  }

  /// `none`, `random`, or a key of eight hexadecimal digits.
  private mutating func masking() throws(CaseSyntaxError) -> Step.Masking {
    try choice("none, random or a key of 8 hexadecimal digits") { word in
      if word == "none" { return Step.Masking.none }
      if word == "random" { return Step.Masking.random }
      guard word.utf8.count == 8, word.utf8.allSatisfy({ $0.hexadecimalValue != nil }),
        let key = UInt32(word, radix: 16)
      else { return nil }
      return Step.Masking.key(MaskingKey(rawValue: UInt32(bigEndian: key)))
    }
  }

  /// `7bit`, `16bit` or `64bit`, with `:N` if the field lies.
  private mutating func length() throws(CaseSyntaxError) -> Step.Length {
    let expected = "expected 7bit, 16bit or 64bit, and perhaps :N"
    let field: UInt64 = take("7bit") ? 125 : take("16bit") ? 0xffff : take("64bit") ? .max : 0
    guard field > 0 else { throw error(expected) }
    let value = take(":") ? try integer("a length", in: 0...field) : nil
    if let next, !next.isBlank { throw error(expected) }
    return switch field {
    case 125: .sevenBit(value)
    case 0xffff: .sixteenBit(value)
    default: .sixtyFourBit(value)
    }
  }

  private mutating func header() throws(CaseSyntaxError) -> Step.Header {
    let opcode = try choice("an opcode: a name, or a number from 0 to 15", Opcode.init(word:))
    var header = Step.Header(opcode: opcode, payloadLength: 0)
    var hasLength = false
    while true {
      switch attribute(["fin", "rsv", "mask", "length"]) {
      case "fin": header.isFinal = try integer("0 or 1", in: 0...1) == 1
      case "rsv": header.rsv = UInt8(try integer("the reserved bits", in: 0...7))
      case "mask": header.masking = try masking()
      case "length":
        header.payloadLength = try integer("a number of octets", in: 0...UInt64.max)
        hasLength = true
      default:
        guard hasLength else { throw error("expected length= with the octets that will follow") }
        return header
      }
    }
  }

  private mutating func close() throws(CaseSyntaxError) -> Step.Close {
    skipBlanks()
    var close = Step.Close()
    var copy = self
    if let octet = next, octet.isDigit,
      let code = try? copy.integer("a close code", in: 0...0xffff), !copy.isAtStar
    {
      close.code = UInt16(code)
      self = copy
    }
    close.reason = try optionalPayload()
    close.delivery = try delivery()
    return close
  }

  private var isAtStar: Bool {
    var copy = self
    copy.skipBlanks()
    return copy.take("*")
  }

  private mutating func pause() throws(CaseSyntaxError) -> Step.Pause {
    var pause = Step.Pause(try duration())
    while true {
      switch attribute(["mark", "while"]) {
      case "mark": pause.mark = try name("a name for the mark")
      case "while":
        pause.condition = try choice("open or not-closed") {
          $0 == "open" ? .open : $0 == "not-closed" ? .notClosed : nil
        }
      default: return pause
      }
    }
  }

  private mutating func exchange() throws(CaseSyntaxError) -> Step.Exchange {
    let count = Int(try integer("a number of messages", in: 1...1_000_000))
    let kind = try choice("text or binary", MessageKind.init(word:))
    let content: Step.Exchange.Content
    if let slices = try slices() {
      content = slices
    } else {
      content = .constant(try optionalPayload())
    }
    var exchange = Step.Exchange(count: count, kind: kind, content: content)
    while true {
      switch attribute(["cut", "alias-compares"]) {
      case "cut": exchange.fragmentSize = takeWord("none") ? nil : try size()
      case "alias-compares":
        exchange.aliasComparison = try choice("length or content") {
          $0 == "length" ? .length : $0 == "content" ? .content : nil
        }
      default: return exchange
      }
    }
  }

  /// The content `slices(NAME, LENGTH)`, if it is there.
  private mutating func slices() throws(CaseSyntaxError) -> Step.Exchange.Content? {
    skipBlanks()
    guard take("slices(") else { return nil }
    let corpus = try corpusName()
    skipBlanks()
    guard take(",") else { throw error("expected a comma and the units of a message") }
    let length = Int(try integer("the units of a message", in: 1...UInt64(16 << 20)))
    skipBlanks()
    guard take(")") else { throw error("expected )") }
    return .slices(corpus: corpus, length: length)
  }
}
