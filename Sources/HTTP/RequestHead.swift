/// The request line and the fields of a request (RFC 9112 §3).
public struct RequestHead: Hashable, Sendable {
  /// The method, case-sensitive.
  public var method: HTTPRequest.Method
  /// The request target as it was sent, in any of the forms of RFC 9112 §3.2.
  public var target: String
  /// The version of the sender's syntax.
  public var version: HTTPVersion
  /// The fields in the order they were sent, doubled ones included.
  public var fields: HTTPFields

  /// Makes a head from its parts.
  public init(
    method: HTTPRequest.Method = .get, target: String, version: HTTPVersion = .http11,
    fields: HTTPFields = HTTPFields()
  ) {
    self.method = method
    self.target = target
    self.version = version
    self.fields = fields
  }

  /// Appends the head with its final empty line.
  ///
  /// Methods and fields are valid by their types; the target is checked here, so that nothing a
  /// caller passes on can end a line.
  /// - Parameter output: The array that is appended to.
  /// - Throws: ``HeadWritingError`` when the target would not survive the request line.
  public func write(to output: inout [UInt8]) throws(HeadWritingError) {
    guard !target.isEmpty, target.utf8.allSatisfy(Syntax.isTargetOctet) else {
      throw .invalidTarget(target)
    }
    output += method.rawValue.utf8
    output.append(UInt8(ascii: " "))
    output += target.utf8
    output.append(UInt8(ascii: " "))
    output += version.description.utf8
    output += [0x0d, 0x0a]
    fields.write(to: &output)
  }
}

extension RequestHead: MessageHead {
  /// RFC 9112 §2.2: a server ignores an empty line before the request line.
  public static var ignoresEmptyLineBefore: Bool { true }
  /// 414 (URI Too Long).
  public static var tooLongStartLine: HTTPResponse.Status { .uriTooLong }

  /// Reads a request line without its line end.
  ///
  /// - Throws: ``HeadError`` when it is none.
  public init(line: Span<UInt8>) throws(HeadError) {
    var methodEnd = 0
    while methodEnd < line.count, Syntax.isTokenOctet(line[methodEnd]) {
      methodEnd += 1
    }
    guard methodEnd > 0, methodEnd < line.count, line[methodEnd] == 0x20 else {
      throw .malformed("the request line does not begin with a method and a space")
    }
    guard methodEnd <= 32 else {
      throw HeadError(.notImplemented, "the method is longer than any known one")
    }
    var targetEnd = methodEnd + 1
    while targetEnd < line.count, Syntax.isTargetOctet(line[targetEnd]) {
      targetEnd += 1
    }
    guard targetEnd > methodEnd + 1, targetEnd < line.count, line[targetEnd] == 0x20 else {
      throw .malformed("the request target is missing or has an invalid character")
    }
    guard let version = HTTPVersion(line.extracting(droppingFirst: targetEnd + 1)) else {
      throw .malformed("the request line does not end with an HTTP version")
    }
    guard version.major == 1 else {
      throw HeadError(.httpVersionNotSupported, "only HTTP/1 is spoken here")
    }
    guard
      let method = HTTPRequest.Method(String(ascii: line.extracting(0..<methodEnd)))
    else {
      throw .malformed("the method is not a token")
    }
    self.method = method
    target = String(ascii: line.extracting((methodEnd + 1)..<targetEnd))
    self.version = version
    fields = HTTPFields()
  }
}

/// What cannot be written as a head, because it would be read as something else.
public enum HeadWritingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The request target is empty or has a character that ends it.
  case invalidTarget(String)

  /// What is wrong, in one line.
  public var description: String {
    switch self {
    case .invalidTarget(let target):
      "\(target.debugDescription) cannot be a request target: percent-encode it"
    }
  }
}
