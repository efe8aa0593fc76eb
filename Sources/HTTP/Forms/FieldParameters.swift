/// A field value with parameters, such as `form-data; name="a"` (RFC 9110 §5.6.6).
public struct FieldParameters: Hashable, Sendable {
  /// What stands before the first semicolon.
  public let value: String
  private let parameters: [(name: String, value: String)]

  /// Takes a value apart, or returns nil when its syntax is wrong or a parameter is doubled.
  public init?(_ text: String) {
    var scanner = FieldScanner(text)
    value = scanner.takeUntilSemicolon()
    var parameters: [(name: String, value: String)] = []
    while scanner.take(UInt8(ascii: ";")) {
      scanner.skipWhitespace()
      guard !scanner.isAtEnd else { break }
      guard let name = scanner.takeToken(), scanner.take(UInt8(ascii: "=")),
        let value = scanner.takeTokenOrQuoted()
      else { return nil }
      let lowered = name.lowercased()
      guard !parameters.contains(where: { $0.name == lowered }) else { return nil }
      parameters.append((lowered, value))
      scanner.skipWhitespace()
    }
    guard scanner.isAtEnd else { return nil }
    self.parameters = parameters
  }

  /// The value of a parameter, whose name is compared without regard to case.
  public subscript(_ name: String) -> String? {
    parameters.first { $0.name == name.lowercased() }?.value
  }

  /// Whether both have the same value and parameters in the same order.
  public static func == (left: FieldParameters, right: FieldParameters) -> Bool {
    left.value == right.value
      && left.parameters.elementsEqual(right.parameters) {
        $0.name == $1.name && $0.value == $1.value
      }
  }

  /// Feeds the value and the parameters.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(value)
    for parameter in parameters {
      hasher.combine(parameter.name)
      hasher.combine(parameter.value)
    }
  }
}

/// Reads tokens and quoted strings (RFC 9110 §5.6).
struct FieldScanner {
  private let octets: [UInt8]
  private var position = 0

  init(_ text: some StringProtocol) { octets = Array(text.utf8) }

  var isAtEnd: Bool { position == octets.count }

  mutating func skipWhitespace() {
    while position < octets.count, Syntax.isWhitespace(octets[position]) { position += 1 }
  }

  mutating func take(_ octet: UInt8) -> Bool {
    guard position < octets.count, octets[position] == octet else { return false }
    position += 1
    return true
  }

  mutating func takeUntilSemicolon() -> String {
    let start = position
    while position < octets.count, octets[position] != UInt8(ascii: ";") { position += 1 }
    var end = position
    while end > start, Syntax.isWhitespace(octets[end - 1]) { end -= 1 }
    return String(decoding: octets[start..<end], as: UTF8.self)
  }

  mutating func takeToken() -> String? {
    let start = position
    while position < octets.count, Syntax.isTokenOctet(octets[position]) { position += 1 }
    return position > start ? String(decoding: octets[start..<position], as: UTF8.self) : nil
  }

  mutating func takeTokenOrQuoted() -> String? {
    guard take(UInt8(ascii: "\"")) else { return takeToken() }
    var text: [UInt8] = []
    while position < octets.count {
      var octet = octets[position]
      position += 1
      if octet == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if octet == UInt8(ascii: "\\") {
        guard position < octets.count else { return nil }
        octet = octets[position]
        position += 1
      }
      text.append(octet)
    }
    return nil
  }
}
