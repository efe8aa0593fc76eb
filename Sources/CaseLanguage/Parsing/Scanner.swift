/// Reads one line from left to right.
struct Scanner {
  let text: SourceText
  var position = 0

  init(_ text: SourceText) { self.text = text }

  var isAtEnd: Bool { position >= text.octets.count }
  var next: UInt8? { isAtEnd ? nil : text.octets[position] }

  func error(_ message: String) -> CaseSyntaxError { text.error(message, at: position) }
  func error(_ message: String, at index: Int) -> CaseSyntaxError {
    text.error(message, at: index)
  }

  mutating func advance(_ count: Int = 1) { position = min(position + count, text.octets.count) }
  mutating func move(to index: Int) { position = index }

  mutating func skipBlanks() {
    while let octet = next, octet.isBlank { position += 1 }
  }

  /// Whether the rest begins with `prefix`; moves past it if so.
  mutating func take(_ prefix: StaticString) -> Bool {
    let expected = prefix.description.utf8
    guard text.octets[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }

  /// The octets up to the next blank, or the end.
  mutating func token() -> String {
    skipBlanks()
    let token = text.octets[position...].prefix { !$0.isBlank }
    position += token.count
    return String(decoding: token, as: UTF8.self)
  }

  /// The token that ``token()`` would return, left where it is.
  func peekToken() -> String {
    var copy = self
    return copy.token()
  }

  /// All that is left, without blanks around it.
  mutating func rest() -> String {
    skipBlanks()
    var rest = text.octets[position...]
    while let last = rest.last, last.isBlank { rest.removeLast() }
    position = text.octets.count
    return String(decoding: rest, as: UTF8.self)
  }

  mutating func expectEnd() throws(CaseSyntaxError) {
    skipBlanks()
    guard isAtEnd else { throw error("expected the end of the line, not `\(peekToken())`") }
  }

  /// A number: `42`, `65_536`, `0x2a`, `64KiB`, `16MiB`.
  mutating func integer(
    _ what: StaticString, in range: ClosedRange<UInt64> = 0...UInt64(Int.max)
  ) throws(CaseSyntaxError) -> UInt64 {
    skipBlanks()
    let start = position
    var value: UInt64 = 0
    let radix: UInt64 = take("0x") ? 16 : 10
    var digits = 0
    while let octet = next {
      if octet != 0x5f {
        guard let digit = octet.hexadecimalValue, UInt64(digit) < radix else { break }
        let (product, carry) = value.multipliedReportingOverflow(by: radix)
        let (sum, overflow) = product.addingReportingOverflow(UInt64(digit))
        guard !carry, !overflow else { throw error("the number is too large", at: start) }
        value = sum
        digits += 1
      }
      position += 1
    }
    guard digits > 0 else { throw error("expected \(what)", at: start) }
    if let unit: UInt64 = take("KiB") ? 1 << 10 : take("MiB") ? 1 << 20 : nil {
      let (product, overflow) = value.multipliedReportingOverflow(by: unit)
      guard !overflow else { throw error("the number is too large", at: start) }
      value = product
    }
    guard range.contains(value) else {
      throw error(
        "expected \(what) from \(range.lowerBound) to \(range.upperBound), not \(value)", at: start)
    }
    return value
  }

  /// A length of time: `1s`, `0.5s`, `250ms`, `8m`.
  mutating func duration() throws(CaseSyntaxError) -> Duration {
    skipBlanks()
    let start = position
    let expected = "expected a duration such as 1s, 0.5s or 250ms"
    let number = text.octets[position...].prefix { $0.isDigit || $0 == 0x2e }
    let halves = number.split(separator: 0x2e, maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = halves.first, !whole.isEmpty, whole.count <= 7,
      halves.count == 1 || (1...3).contains(halves[1].count)
    else { throw error(expected, at: start) }
    var thousandths = 0
    var fraction = halves.count > 1 ? Array(halves[1]) : []
    fraction += repeatElement(0x30, count: 3 - fraction.count)
    for digit in Array(whole) + fraction {
      guard digit.isDigit else { throw error(expected, at: start) }
      thousandths = thousandths * 10 + Int(digit - 0x30)
    }
    position += number.count
    let microseconds = take("ms") ? 1 : take("s") ? 1000 : take("m") ? 60_000 : 0
    guard microseconds > 0 else { throw error(expected, at: start) }
    let duration = Duration.microseconds(thousandths * microseconds)
    guard duration <= .seconds(3600) else { throw error("expected at most 60m", at: start) }
    return duration
  }
}
