/// Payload expressions: `126*"x" + hex:de ad`.
extension Scanner {
  static let largestPayload = 64 << 20
  private static let largestUnit = 65_536

  /// Whether a payload expression begins here.
  var isAtPayload: Bool {
    var copy = self
    copy.skipBlanks()
    guard let octet = copy.next else { return false }
    if octet == .quote || octet == 0x28 || octet.isDigit { return true }
    return copy.take("hex:") || copy.take("repeat(") || copy.take("corpus(") || copy.take("count(")
  }

  /// A payload, or nothing at all, which is the empty payload.
  mutating func optionalPayload() throws(CaseSyntaxError) -> Payload {
    isAtPayload ? try payload() : .empty
  }

  /// Terms joined by `+`.
  mutating func payload(depth: Int = 0) throws(CaseSyntaxError) -> Payload {
    guard depth < 16 else { throw error("parentheses are nested deeper than 16") }
    skipBlanks()
    let start = position
    var terms = [try payloadTerm(depth: depth)]
    var size = terms[0].boundedCount
    while true {
      let beforeBlanks = position
      skipBlanks()
      guard take("+") else {
        position = beforeBlanks
        break
      }
      let term = try payloadTerm(depth: depth)
      terms.append(term)
      size += term.boundedCount
      guard size <= Scanner.largestPayload else {
        throw error("the payload is larger than 64 MiB", at: start)
      }
    }
    return Payload.joined(terms)
  }

  /// One term of a sum.
  mutating func payloadTerm(depth: Int = 0) throws(CaseSyntaxError) -> Payload {
    skipBlanks()
    let start = position
    guard let octet = next, octet.isDigit else { return try factor(depth: depth) }
    let count = try integer("a number of repetitions", in: 0...UInt64(Scanner.largestPayload))
    skipBlanks()
    guard take("*") else { throw error("expected * after the number of repetitions") }
    let unit = try unit(of: try factor(depth: depth), at: start)
    let (size, overflow) = unit.count.multipliedReportingOverflow(by: Int(count))
    guard !overflow, size <= Scanner.largestPayload else {
      throw error("the payload is larger than 64 MiB", at: start)
    }
    return .repeating(unit, count: size)
  }

  private mutating func factor(depth: Int) throws(CaseSyntaxError) -> Payload {
    skipBlanks()
    let start = position
    if take("\"") { return .octets(try string()) }
    if take("hex:") { return .octets(try hexadecimal()) }
    if take("(") {
      let inner = try payload(depth: depth + 1)
      try close(")")
      return inner
    }
    if take("repeat(") {
      let unit = try unit(of: try payload(depth: depth + 1), at: start)
      try close(",")
      let count = try integer("a number of octets", in: 0...UInt64(Scanner.largestPayload))
      try close(")")
      guard !unit.isEmpty || count == 0 else { throw error("nothing to repeat", at: start) }
      return .repeating(unit, count: Int(count))
    }
    if take("count(") {
      let range = try octetRange()
      try close(")")
      return .octets(Array(range))
    }
    if take("corpus(") {
      let name = try corpusName()
      try close(")")
      return .slice(name, try unitRange())
    }
    throw error("expected a payload: \"text\", hex:…, N*…, repeat(…, N) or corpus(…)[…]")
  }

  private mutating func close(_ mark: StaticString) throws(CaseSyntaxError) {
    skipBlanks()
    guard take(mark) else { throw error("expected \(mark)") }
  }

  /// The name of a corpus.
  mutating func corpusName() throws(CaseSyntaxError) -> CorpusName {
    skipBlanks()
    let start = position
    let name = text.octets[position...].prefix { $0.isNamePart }
    position += name.count
    guard let corpus = CorpusName(rawValue: String(decoding: name, as: UTF8.self)) else {
      let names = CorpusName.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("expected a corpus: \(names)", at: start)
    }
    return corpus
  }

  private mutating func unitRange() throws(CaseSyntaxError) -> Range<Int> {
    try close("[")
    let most = UInt64(Scanner.largestPayload)
    let lower = Int(try integer("the first unit", in: 0...most))
    try close("..<")
    let upper = Int(try integer("the unit after the last", in: UInt64(lower)...most))
    try close("]")
    return lower..<upper
  }

  private mutating func octetRange() throws(CaseSyntaxError) -> ClosedRange<UInt8> {
    let lower = UInt8(try integer("an octet", in: 0...255))
    try close("...")
    return lower...UInt8(try integer("an octet", in: UInt64(lower)...255))
  }

  /// The octets of a payload that is to be repeated.
  private func unit(of payload: Payload, at start: Int) throws(CaseSyntaxError) -> [UInt8] {
    guard payload.boundedCount <= Scanner.largestUnit else {
      throw error("what is repeated is larger than 64 KiB", at: start)
    }
    return payload.bytes()
  }

  /// The rest of a string, after its opening quote.
  private mutating func string() throws(CaseSyntaxError) -> [UInt8] {
    var octets: [UInt8] = []
    while let octet = next {
      advance()
      switch octet {
      case .quote: return octets
      case .backslash: octets += try escape()
      default: octets.append(octet)
      }
    }
    throw error("expected \" at the end of the text")
  }

  private mutating func escape() throws(CaseSyntaxError) -> [UInt8] {
    let start = position - 1
    let letter = next ?? 0
    advance()
    switch letter {
    case 0x6e: return [0x0a]
    case 0x72: return [0x0d]
    case 0x74: return [0x09]
    case .quote, .backslash: return [letter]
    case 0x78:
      guard let high = next?.hexadecimalValue else { break }
      advance()
      guard let low = next?.hexadecimalValue else { break }
      advance()
      return [high << 4 | low]
    case .u:
      guard take("{") else { break }
      var value: UInt32 = 0
      var digits = 0
      while let digit = next?.hexadecimalValue, digits < 6 {
        value = value << 4 | UInt32(digit)
        digits += 1
        advance()
      }
      guard digits > 0, take("}"), let scalar = Unicode.Scalar(value) else { break }
      return Array(String(Character(scalar)).utf8)
    default: break
    }
    throw error("expected \\n, \\r, \\t, \\\", \\\\, \\xNN or \\u{…}", at: start)
  }

  /// Pairs of hexadecimal digits, with blanks between groups.
  private mutating func hexadecimal() throws(CaseSyntaxError) -> [UInt8] {
    var octets: [UInt8] = []
    let first = position
    while true {
      let start = position
      skipBlanks()
      if position > start, start == first { throw error("expected hexadecimal digits") }
      let group = text.octets[position...].prefix { $0.isLetter || $0.isDigit || $0 == 0x3d }
      let digits = group.compactMap(\.hexadecimalValue)
      guard !digits.isEmpty, digits.count == group.count else {
        if start == first, !group.isEmpty { throw error("expected hexadecimal digits") }
        position = start
        break
      }
      guard digits.count.isMultiple(of: 2) else {
        throw error("expected two hexadecimal digits for each octet")
      }
      for pair in stride(from: 0, to: digits.count, by: 2) {
        octets.append(digits[pair] << 4 | digits[pair + 1])
      }
      advance(group.count)
    }
    return octets
  }
}

extension Payload {
  /// The canonical payload of `unit` over and over.
  static func repeating(_ unit: [UInt8], count: Int) -> Payload {
    count <= unit.count ? .octets(Array(unit.prefix(count))) : .repeated(unit, count: count)
  }

  /// The canonical concatenation of `payloads`.
  static func joined(_ payloads: [Payload]) -> Payload {
    var parts: [Payload] = []
    var literal: [UInt8] = []
    func flushed(_ literal: inout [UInt8]) -> [Payload] {
      defer { literal = [] }
      return literal.isEmpty ? [] : [.octets(literal)]
    }
    func add(_ payload: Payload) {
      switch payload {
      case .octets(let octets): literal += octets
      case .concatenated(let inner): for part in inner { add(part) }
      case .repeated, .slice:
        parts += flushed(&literal) + [payload]
      }
    }
    for payload in payloads { add(payload) }
    parts += flushed(&literal)
    return parts.count > 1 ? .concatenated(parts) : parts.first ?? .empty
  }

  /// The number of octets, or for a slice its bound: no corpus is looked at.
  var boundedCount: Int {
    switch self {
    case .octets(let octets): octets.count
    case .repeated(_, let count): count
    case .concatenated(let parts): parts.reduce(0) { $0 + $1.boundedCount }
    case .slice(_, let range): range.count
    }
  }
}
