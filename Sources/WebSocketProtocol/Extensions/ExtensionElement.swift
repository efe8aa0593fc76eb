import HTTP

/// One element of Sec-WebSocket-Extensions: a name and its parameters (RFC 6455 §9.1).
public struct ExtensionElement: Hashable, Sendable, CustomStringConvertible {
  /// A parameter: a token, perhaps with a value.
  public struct Parameter: Hashable, Sendable {
    /// The name of the parameter.
    public var name: String
    /// The value, without the quotes it may have been sent in.
    public var value: String?

    /// Makes a parameter.
    public init(_ name: String, _ value: String? = nil) {
      self.name = name
      self.value = value
    }
  }

  /// The name of the extension.
  public var name: String
  /// The parameters in the order they were sent, doubled ones included.
  public var parameters: [Parameter]

  /// Makes an element.
  public init(_ name: String, _ parameters: [Parameter] = []) {
    self.name = name
    self.parameters = parameters
  }

  /// The element as it stands in the field.
  public var description: String {
    parameters.reduce(name) { text, parameter in
      text + "; " + parameter.name + (parameter.value.map { "=" + $0 } ?? "")
    }
  }

  /// Reads all elements of a field value; nil when it breaks the grammar of RFC 6455 §9.1.
  ///
  /// Empty list elements are skipped (RFC 9110 §5.6.1.2). Linear time.
  public static func parse(_ fieldValue: String) -> [ExtensionElement]? {
    var reader = ExtensionReader(octets: Array(fieldValue.utf8))
    return reader.elements()
  }
}

/// Reads the grammar of RFC 6455 §9.1 from left to right, looking at each octet once.
private struct ExtensionReader {
  let octets: [UInt8]
  var position = 0

  init(octets: [UInt8]) {
    self.octets = octets
  }

  mutating func elements() -> [ExtensionElement]? {
    var elements: [ExtensionElement] = []
    while true {
      skipWhitespace()
      if position == octets.count {
        return elements
      }
      if skip(UInt8(ascii: ",")) {
        continue
      }
      guard let element = element() else {
        return nil
      }
      elements.append(element)
      guard position == octets.count || skip(UInt8(ascii: ",")) else {
        return nil
      }
    }
  }

  private mutating func element() -> ExtensionElement? {
    guard let name = token() else {
      return nil
    }
    var element = ExtensionElement(name)
    skipWhitespace()
    while skip(UInt8(ascii: ";")) {
      skipWhitespace()
      guard let name = token() else {
        return nil
      }
      var parameter = ExtensionElement.Parameter(name)
      skipWhitespace()
      if skip(UInt8(ascii: "=")) {
        skipWhitespace()
        guard let value = octets[position...].first == UInt8(ascii: "\"") ? quoted() : token()
        else {
          return nil
        }
        parameter.value = value
        skipWhitespace()
      }
      element.parameters.append(parameter)
    }
    return element
  }

  private mutating func token() -> String? {
    let start = position
    while position < octets.count, Syntax.isTokenOctet(octets[position]) {
      position += 1
    }
    return start == position ? nil : String(decoding: octets[start..<position], as: UTF8.self)
  }

  /// A quoted string, whose content must be a token as well (RFC 6455 §9.1).
  private mutating func quoted() -> String? {
    var content: [UInt8] = []
    position += 1
    while position < octets.count {
      var octet = octets[position]
      position += 1
      if octet == UInt8(ascii: "\"") {
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
      }
      if octet == UInt8(ascii: "\\") {
        guard position < octets.count else {
          return nil
        }
        octet = octets[position]
        position += 1
      }
      guard Syntax.isTokenOctet(octet) else {
        return nil
      }
      content.append(octet)
    }
    return nil
  }

  private mutating func skip(_ octet: UInt8) -> Bool {
    guard position < octets.count, octets[position] == octet else {
      return false
    }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while position < octets.count, octets[position] == 0x20 || octets[position] == 0x09 {
      position += 1
    }
  }
}
