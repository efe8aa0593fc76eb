import FoundationEssentials

/// Where a value is in a JSON text (RFC 6901): `/params/id`, `/0/seq`.
struct JSONPointer: Equatable, Sendable {
  /// Names of members and indices of elements, from the outside in.
  let tokens: [[UInt8]]

  /// Reads a pointer; nil if it does not begin with `/`, or has a `~` without 0 or 1 behind it.
  init?(_ text: String) {
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [[UInt8]] = []
    for part in text.utf8.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false) {
      guard let token = Self.unescape(part) else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  private static func unescape(_ part: Substring.UTF8View) -> [UInt8]? {
    var token: [UInt8] = []
    var rest = part[...]
    while let octet = rest.popFirst() {
      guard octet == UInt8(ascii: "~") else {
        token.append(octet)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "0"): token.append(octet)
      case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
      default: return nil
      }
    }
    return token
  }

  /// The number at this place, bare or in quotation marks; nil if there is none, or it is no natural number.
  func number(in text: Span<UInt8>) -> UInt64? {
    var reader = JSONReader()
    for token in tokens {
      guard reader.enter(token, of: text) else { return nil }
    }
    return reader.number(in: text)
  }
}

/// Goes through a JSON text without building anything of it.
///
/// It looks for one value and does not judge the rest: what is no JSON has no such value, or may have it all the same.
private struct JSONReader {
  private var position = 0

  /// Goes on to the beginning of a member or an element of the value that begins here; `false` if there is none.
  mutating func enter(_ token: [UInt8], of text: Span<UInt8>) -> Bool {
    switch next(in: text) {
    case UInt8(ascii: "{"):
      position += 1
      return enterMember(token, of: text)
    case UInt8(ascii: "["):
      position += 1
      return enterElement(token, of: text)
    default: return false
    }
  }

  private mutating func enterMember(_ name: [UInt8], of text: Span<UInt8>) -> Bool {
    while next(in: text) == UInt8(ascii: "\"") {
      let start = position
      guard let isEscaped = skipString(in: text) else { return false }
      let isWanted = Self.matches(
        name, text.extracting(start..<position), isEscaped: isEscaped)
      guard next(in: text) == UInt8(ascii: ":") else { return false }
      position += 1
      if isWanted { return true }
      guard skipValue(in: text), next(in: text) == UInt8(ascii: ",") else { return false }
      position += 1
    }
    return false
  }

  private mutating func enterElement(_ token: [UInt8], of text: Span<UInt8>) -> Bool {
    let digits = String(decoding: token, as: UTF8.self)
    guard let index = UInt(digits), "\(index)" == digits else { return false }
    for _ in 0..<index {
      guard skipValue(in: text), next(in: text) == UInt8(ascii: ",") else { return false }
      position += 1
    }
    return next(in: text).map { $0 != UInt8(ascii: "]") } ?? false
  }

  /// The natural number that begins here.
  mutating func number(in text: Span<UInt8>) -> UInt64? {
    let isQuoted = next(in: text) == UInt8(ascii: "\"")
    if isQuoted { position += 1 }
    guard let number = text.naturalNumber(at: &position) else { return nil }
    guard position < text.count else { return isQuoted ? nil : number }
    // A fraction or an exponent would make it another number.
    let end = text[position]
    return (isQuoted ? end == UInt8(ascii: "\"") : Self.isEnd(end)) ? number : nil
  }

  /// The first octet that is no white space; nil at the end.
  private mutating func next(in text: Span<UInt8>) -> UInt8? {
    while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
    return position < text.count ? text[position] : nil
  }

  /// Goes past a value, however deep it is; `false` if the text ends before.
  private mutating func skipValue(in text: Span<UInt8>) -> Bool {
    var depth = 0
    repeat {
      guard let octet = next(in: text) else { return false }
      switch octet {
      case UInt8(ascii: "\""): if skipString(in: text) == nil { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // There is no value where what is around it ends.
        if depth == 0 { return false }
        depth -= 1
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        if depth == 0 { return false }
        position += 1
      default:
        while position < text.count, !Self.isEnd(text[position]) { position += 1 }
      }
    } while depth > 0
    return true
  }

  /// Goes past a text in quotation marks; whether there are escapes in it, nil if it does not end.
  private mutating func skipString(in text: Span<UInt8>) -> Bool? {
    var isEscaped = false
    position += 1
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\\"):
        isEscaped = true
        position += 2
      case UInt8(ascii: "\""):
        position += 1
        return isEscaped
      default: position += 1
      }
    }
    return nil
  }

  /// Whether a text in quotation marks is `name`.
  private static func matches(
    _ name: [UInt8], _ quoted: Span<UInt8>, isEscaped: Bool
  ) -> Bool {
    guard isEscaped else {
      return quoted.count == name.count + 2
        && quoted.equals(name.span, at: 1, from: 0, count: name.count)
    }
    let octets = (0..<quoted.count).map { quoted[$0] }
    return (try? JSONDecoder().decode(String.self, from: Data(octets))).map {
      $0.utf8.elementsEqual(name)
    } ?? false
  }

  /// Whether a number, `true`, `false` or `null` has ended before this octet.
  private static func isEnd(_ octet: UInt8) -> Bool {
    [0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x22].contains(octet)
  }
}
