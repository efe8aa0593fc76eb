/// The status line and the fields of a response (RFC 9112 §4).
public struct ResponseHead: Hashable, Sendable {
  /// The status code and the reason phrase.
  public var status: HTTPResponse.Status
  /// The version of the sender's syntax.
  public var version: HTTPVersion
  /// The fields in the order they were sent, doubled ones included.
  public var fields: HTTPFields

  /// Makes a head from its parts.
  public init(
    status: HTTPResponse.Status, version: HTTPVersion = .http11,
    fields: HTTPFields = HTTPFields()
  ) {
    self.status = status
    self.version = version
    self.fields = fields
  }

  /// Appends the head with its final empty line; all its parts are valid by their types.
  public func write(to output: inout [UInt8]) {
    output += version.description.utf8
    output.append(UInt8(ascii: " "))
    // Three digits, also for a code below 100 (RFC 9112 §4).
    output.append(UInt8(ascii: "0") + UInt8(status.code / 100))
    output.append(UInt8(ascii: "0") + UInt8(status.code / 10 % 10))
    output.append(UInt8(ascii: "0") + UInt8(status.code % 10))
    output.append(UInt8(ascii: " "))
    output += status.reasonPhrase.utf8
    output += [0x0d, 0x0a]
    fields.write(to: &output)
  }
}

extension ResponseHead: MessageHead {
  /// A response begins with its status line.
  public static var ignoresEmptyLineBefore: Bool { false }
  /// 400 (Bad Request): nobody answers a response.
  public static var tooLongStartLine: HTTPResponse.Status { .badRequest }

  /// Reads a status line without its line end.
  ///
  /// The space before a reason phrase that is absent may be absent too: RFC 9112 §4 wants it, but
  /// clients have never insisted and nothing depends on it.
  public init(line: Span<UInt8>) throws(HeadError) {
    guard line.count >= 12, let version = HTTPVersion(line.extracting(0..<8)), line[8] == 0x20
    else {
      throw .malformed("the status line does not begin with an HTTP version and a status code")
    }
    guard version.major == 1 else {
      throw HeadError(.httpVersionNotSupported, "the response is not HTTP/1")
    }
    var code = 0
    for index in 9..<12 {
      let digit = line[index] &- UInt8(ascii: "0")
      guard digit < 10 else {
        throw .malformed("the status code is not three digits")
      }
      code = code * 10 + Int(digit)
    }
    guard code >= 100, line.count == 12 || line[12] == 0x20 else {
      throw .malformed("the status code is not three digits from 100 on")
    }
    let phrase = line.extracting(droppingFirst: min(13, line.count))
    for index in phrase.indices where !Syntax.isFieldValueOctet(phrase[index]) {
      throw .malformed("the reason phrase has a control character")
    }
    status = HTTPResponse.Status(code: code, reasonPhrase: String(ascii: phrase))
    self.version = version
    fields = HTTPFields()
  }
}
