import WebSocketProtocol

extension Scanner {
  /// Where the first word of the line begins: what errors about the line as a whole point at.
  var wordStart: Int { text.octets.firstIndex { !$0.isBlank } ?? 0 }

  /// The rest of the line, which must not be empty.
  mutating func sentence(_ what: StaticString) throws(CaseSyntaxError) -> String {
    let sentence = rest()
    guard !sentence.isEmpty else { throw error("expected \(what)") }
    return sentence
  }

  /// The next token as `convert` understands it.
  mutating func choice<Value>(
    _ what: StaticString, _ convert: (String) -> Value?
  ) throws(CaseSyntaxError) -> Value {
    skipBlanks()
    let start = position
    let word = token()
    guard let value = convert(word) else {
      throw error("expected \(what)" + (word.isEmpty ? "" : ", not `\(word)`"), at: start)
    }
    return value
  }

  /// The rest of the line, cut at its commas.
  mutating func list(_ what: StaticString) throws(CaseSyntaxError) -> [String] {
    let start = self
    let items = rest().split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingBlanks() }
    guard items.allSatisfy({ !$0.isEmpty }) else { throw start.error("expected \(what)") }
    return items
  }

  /// The next `key=value`, if there is one and its key is one of `keys`; the value is left.
  mutating func attribute(_ keys: [String]) -> String? {
    var copy = self
    copy.skipBlanks()
    let name = copy.text.octets[copy.position...].prefix { $0.isNamePart }
    copy.advance(name.count)
    let key = String(decoding: name, as: UTF8.self)
    guard copy.take("="), keys.contains(key) else { return nil }
    self = copy
    return key
  }

  /// Whether the next token is `word`; moves past it if so.
  mutating func takeWord(_ word: String) -> Bool {
    guard peekToken() == word else { return false }
    _ = token()
    return true
  }
}

extension Peers {
  init?(word: String) {
    switch word {
    case "server": self = .server
    case "client": self = .client
    case "both": self = .both
    default: return nil
    }
  }

  /// The word for this set in a case file.
  var word: String { self == .server ? "server" : self == .client ? "client" : "both" }
}

extension ReportFlags {
  init?(word: String) {
    switch word {
    case "time": self = .time
    case "compression-ratio": self = .compressionRatio
    default: return nil
    }
  }
}

extension Opcode {
  /// The names that case files and transcripts have for opcodes.
  static let named: [(name: String, opcode: Opcode)] = [
    ("continuation", .continuation), ("text", .text), ("binary", .binary), ("close", .close),
    ("ping", .ping), ("pong", .pong),
  ]

  /// The name of this opcode, or its number.
  var word: String {
    Opcode.named.first { $0.opcode == self }?.name ?? "\(rawValue)"
  }

  init?(word: String) {
    if let named = Opcode.named.first(where: { $0.name == word }) {
      self = named.opcode
    } else if let number = UInt8(word), number < 16 {
      self.init(rawValue: number)
    } else {
      return nil
    }
  }
}

extension MessageKind {
  init?(word: String) {
    switch word {
    case "text": self = .text
    case "binary": self = .binary
    default: return nil
    }
  }

  /// The word for this kind.
  var word: String { self == .text ? "text" : "binary" }
}
