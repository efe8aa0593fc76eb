extension HTTPFields {
  /// The elements of a list-based field, over all its field lines (RFC 9110 §5.6.1).
  ///
  /// Commas inside quoted strings do not separate; empty elements are left out. Linear time.
  public func elements(of name: HTTPField.Name) -> [Substring] {
    var elements: [Substring] = []
    for field in self where field.name == name {
      Self.appendElements(of: field.value, to: &elements)
    }
    return elements
  }

  /// Whether a list-based field contains the token, compared case-insensitively.
  public func contains(token: String, in name: HTTPField.Name) -> Bool {
    elements(of: name).contains { Syntax.isEqualIgnoringCase($0, token) }
  }

  /// How many field lines have the name.
  public func count(of name: HTTPField.Name) -> Int {
    reduce(0) { $0 + ($1.name == name ? 1 : 0) }
  }

  /// The value of a field that must not be doubled: nil when it is absent or there twice.
  public func single(_ name: HTTPField.Name) -> String? {
    var found: String?
    for field in self where field.name == name {
      guard found == nil else {
        return nil
      }
      found = field.value
    }
    return found
  }

  /// Appends the field lines and the empty line that ends a head.
  public func write(to output: inout [UInt8]) {
    for field in self {
      output += field.name.rawName.utf8
      output += [UInt8(ascii: ":"), UInt8(ascii: " ")]
      field.writeValue(to: &output)
      output += [0x0d, 0x0a]
    }
    output += [0x0d, 0x0a]
  }

  private static func appendElements(of value: String, to elements: inout [Substring]) {
    let octets = value.utf8
    var start = octets.startIndex
    var index = start
    var isQuoted = false
    while index < octets.endIndex {
      switch octets[index] {
      case UInt8(ascii: "\\") where isQuoted:
        // RFC 9110 §5.6.4: the next octet stands for itself.
        index = octets.index(after: index)
        guard index < octets.endIndex else {
          continue
        }
      case UInt8(ascii: "\""):
        isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted:
        append(value[start..<index], to: &elements)
        start = octets.index(after: index)
      default:
        break
      }
      index = octets.index(after: index)
    }
    append(value[start...], to: &elements)
  }

  private static func append(_ element: Substring, to elements: inout [Substring]) {
    var trimmed = element.utf8
    while let first = trimmed.first, Syntax.isWhitespace(first) {
      trimmed.removeFirst()
    }
    while let last = trimmed.last, Syntax.isWhitespace(last) {
      trimmed.removeLast()
    }
    if !trimmed.isEmpty {
      elements.append(Substring(trimmed))
    }
  }
}
