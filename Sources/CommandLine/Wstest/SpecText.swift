/// A JSON document of which every value knows its place, so that a mistake can be shown.
struct SpecValue: Equatable {
  enum Content: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([SpecValue])
    case object([Member])
  }

  /// A key and its value.
  struct Member: Equatable {
    var key: String
    var value: SpecValue
    /// Where the key is; `nil` where no file says it.
    var place: SpecPlace?
    /// The flag that says it, where no file does.
    var flag: String?

    static func == (left: Member, right: Member) -> Bool {
      left.key == right.key && left.value == right.value
    }
  }

  var content: Content
  /// Where it begins; `nil` where no file says it.
  var place: SpecPlace?

  /// What it is, for messages.
  var kind: String {
    switch content {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// Whether two values say the same, wherever they stand.
  static func == (left: SpecValue, right: SpecValue) -> Bool { left.content == right.content }
}

/// A place in a file: the line and the octet in it, both from 1.
struct SpecPlace: Hashable {
  var line: Int
  var column: Int
}

/// A mistake in a file or behind a flag: `path:line:column: error: what was expected`.
struct SpecError: Error, CustomStringConvertible, Equatable {
  /// The file, or the flag.
  var path: String
  var place: SpecPlace?
  var message: String
  /// Whether it is well written and yet of no use: a file that is missing, a key that does not fit.
  var isUnusable = false

  var description: String {
    guard let place else { return "\(path): \(message)" }
    return "\(path):\(place.line):\(place.column): error: \(message)"
  }
}

/// Reads JSON (RFC 8259) strictly.
struct SpecParser {
  private let path: String
  private let octets: [UInt8]
  private var index = 0
  private var line = 1
  private var lineStart = 0

  /// Deeper documents than any spec are refused.
  private static let depthLimit = 32

  private init(_ octets: [UInt8], path: String) {
    self.octets = octets
    self.path = path
  }

  static func parse(_ octets: [UInt8], path: String) throws(SpecError) -> SpecValue {
    var parser = SpecParser(octets, path: path)
    parser.skipSpace()
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.index == octets.count else { throw parser.mistake("nothing may follow the end") }
    return value
  }

  private var next: UInt8? { index < octets.count ? octets[index] : nil }

  private var place: SpecPlace { SpecPlace(line: line, column: index - lineStart + 1) }

  private func mistake(_ message: String) -> SpecError {
    let found = next.map { $0 == 0x0a ? "the end of the line" : "'\(Character(.init($0)))'" }
    return SpecError(
      path: path, place: place, message: "\(message), found \(found ?? "the end of the file")")
  }

  private mutating func skipSpace() {
    while let octet = next, [0x20, 0x09, 0x0a, 0x0d].contains(octet) {
      index += 1
      guard octet == 0x0a else { continue }
      line += 1
      lineStart = index
    }
  }

  private mutating func take(_ character: Character, _ expected: String) throws(SpecError) {
    guard let octet = next, Character(.init(octet)) == character else { throw mistake(expected) }
    index += 1
  }

  private mutating func value(depth: Int) throws(SpecError) -> SpecValue {
    guard depth < Self.depthLimit else { throw mistake("expected fewer levels of nesting") }
    let start = place
    switch next {
    case UInt8(ascii: "{"): return SpecValue(content: try object(depth: depth), place: start)
    case UInt8(ascii: "["): return SpecValue(content: try array(depth: depth), place: start)
    case UInt8(ascii: "\""): return SpecValue(content: .string(try string()), place: start)
    case UInt8(ascii: "-"), .some(0x30...0x39):
      return SpecValue(content: .number(try number()), place: start)
    default:
      for (word, content) in [
        ("true", SpecValue.Content.bool(true)), ("false", .bool(false)), ("null", .null),
      ] where octets[index...].starts(with: word.utf8) {
        index += word.utf8.count
        return SpecValue(content: content, place: start)
      }
      throw mistake("expected a JSON value")
    }
  }

  private mutating func object(depth: Int) throws(SpecError) -> SpecValue.Content {
    try take("{", "expected {")
    var members: [SpecValue.Member] = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      index += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw mistake("expected a key in quotes") }
      let start = place
      let key = try string()
      guard !members.contains(where: { $0.key == key }) else {
        throw SpecError(path: path, place: start, message: "the key \"\(key)\" is there twice")
      }
      skipSpace()
      try take(":", "expected : after the key \"\(key)\"")
      skipSpace()
      members.append(
        SpecValue.Member(key: key, value: try value(depth: depth + 1), place: start))
      skipSpace()
      if next == UInt8(ascii: ",") {
        index += 1
        continue
      }
      try take("}", "expected , or }")
      return .object(members)
    }
  }

  private mutating func array(depth: Int) throws(SpecError) -> SpecValue.Content {
    try take("[", "expected [")
    var elements: [SpecValue] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      index += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if next == UInt8(ascii: ",") {
        index += 1
        continue
      }
      try take("]", "expected , or ]")
      return .array(elements)
    }
  }

  private mutating func number() throws(SpecError) -> Double {
    let (start, place) = (index, place)
    while let octet = next, "+-.eE0123456789".utf8.contains(octet) { index += 1 }
    let text = String(decoding: octets[start..<index], as: UTF8.self)
    guard text.wholeMatch(of: #/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/#) != nil,
      let number = Double(text), number.isFinite
    else {
      throw SpecError(path: path, place: place, message: "'\(text)' is no number")
    }
    return number
  }

  private mutating func string() throws(SpecError) -> String {
    let place = place
    try take("\"", "expected a string")
    var found: [UInt8] = []
    while true {
      guard let octet = next, octet >= 0x20 else { throw mistake("expected the end of a string") }
      index += 1
      switch octet {
      case UInt8(ascii: "\""):
        guard let text = String(validating: found, as: UTF8.self) else {
          throw SpecError(path: path, place: place, message: "a string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): found += String(try escaped()).utf8
      default: found.append(octet)
      }
    }
  }

  private mutating func escaped() throws(SpecError) -> Unicode.Scalar {
    let letter = next
    index += 1
    let simple: [UInt8: Unicode.Scalar] = [
      0x22: "\"", 0x5c: "\\", 0x2f: "/", 0x62: "\u{8}", 0x66: "\u{c}", 0x6e: "\n", 0x72: "\r",
      0x74: "\t",
    ]
    if let letter, let scalar = simple[letter] { return scalar }
    guard letter == UInt8(ascii: "u") else { throw mistake("expected an escape of JSON") }
    let first = try unit()
    guard 0xd800...0xdbff ~= first else {
      guard let scalar = Unicode.Scalar(first) else { throw mistake("half a surrogate pair") }
      return scalar
    }
    guard octets[index...].starts(with: "\\u".utf8) else { throw mistake("half a surrogate pair") }
    index += 2
    let second = try unit()
    guard 0xdc00...0xdfff ~= second,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw mistake("half a surrogate pair") }
    return scalar
  }

  private mutating func unit() throws(SpecError) -> UInt32 {
    let digits = octets[index...].prefix(4)
    guard digits.count == 4, digits.first != UInt8(ascii: "+"),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw mistake("expected four hexadecimal digits") }
    index += 4
    return value
  }
}
