extension HTTPField {
  /// Reads a field line without its line end (RFC 9112 §5).
  init(line: Span<UInt8>) throws(HeadError) {
    var colon = 0
    while colon < line.count, Syntax.isTokenOctet(line[colon]) {
      colon += 1
    }
    guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
      // RFC 9112 §5.1: also white space before the colon.
      throw .malformed("a field line does not begin with a field name and a colon")
    }
    var start = colon + 1
    var end = line.count
    while start < end, Syntax.isWhitespace(line[start]) {
      start += 1
    }
    while end > start, Syntax.isWhitespace(line[end - 1]) {
      end -= 1
    }
    for index in start..<end where !Syntax.isFieldValueOctet(line[index]) {
      throw .malformed("a field value has a control character")
    }
    guard let name = HTTPField.Name(String(ascii: line.extracting(0..<colon))) else {
      throw .malformed("a field name is not a token")
    }
    let value = line.extracting(start..<end)
    if let text = try? UTF8Span(validating: value) {
      self.init(name: name, value: String(copying: text))
    } else {
      var octets: [UInt8] = []
      octets.append(copying: value)
      self.init(name: name, value: octets)
    }
  }
}

extension HTTPField {
  /// Appends the octets of the value, which need not be UTF-8 (RFC 9110 §5.5).
  func writeValue(to output: inout [UInt8]) {
    // They are lent for the call only.
    unsafe withUnsafeBytesOfValue { unsafe output.append(contentsOf: $0) }
  }
}

extension String {
  /// Makes text of octets; anything that is not UTF-8 is replaced.
  init(ascii octets: Span<UInt8>) {
    if let text = try? UTF8Span(validating: octets) {
      self.init(copying: text)
    } else {
      var bytes: [UInt8] = []
      bytes.append(copying: octets)
      self.init(decoding: bytes, as: UTF8.self)
    }
  }
}

extension [UInt8] {
  /// Appends all octets of a span.
  mutating func append(copying octets: Span<UInt8>) {
    // Nothing is written to the storage that all empty arrays share.
    guard !octets.isEmpty else { return }
    append(addingCapacity: octets.count) { output in
      for index in octets.indices {
        output.append(octets[index])
      }
    }
  }
}
