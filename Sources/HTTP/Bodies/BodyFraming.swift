/// How the end of a message's body is found (RFC 9112 §6.3).
public enum BodyFraming: Hashable, Sendable {
  /// There is no body.
  case none
  /// The body has so many octets.
  case length(Int)
  /// The body comes in chunks, the last of which is empty.
  case chunked
  /// The body ends with the connection; only a response can be like that.
  case untilClose

  /// The framing of a request's body.
  ///
  /// Stricter than a recipient has to be: whatever two servers in a row might read differently is
  /// refused (RFC 9112 §11.2).
  /// - Throws: ``HeadError`` with 400, or with 501 for a transfer coding that is not known.
  public init(of request: RequestHead) throws(HeadError) {
    guard request.fields.contains(.transferEncoding) else {
      self = try Self.length(in: request.fields).map { $0 == 0 ? .none : .length($0) } ?? .none
      return
    }
    guard request.version >= .http11 else {
      throw .malformed("a request of HTTP/1.0 has a transfer coding")
    }
    guard !request.fields.contains(.contentLength) else {
      throw .malformed("both Transfer-Encoding and Content-Length are there")
    }
    try Self.checkCodings(in: request.fields)
    self = .chunked
  }

  /// The framing of the body of a response to a request with `method`.
  /// - Throws: ``HeadError`` when the fields contradict each other.
  public init(
    of response: ResponseHead, to method: HTTPRequest.Method
  ) throws(HeadError) {
    let code = response.status.code
    if method == .head || code == 204 || code == 304 || 100..<200 ~= code {
      self = .none
    } else if response.fields.contains(.transferEncoding) {
      guard !response.fields.contains(.contentLength) else {
        throw .malformed("both Transfer-Encoding and Content-Length are there")
      }
      try Self.checkCodings(in: response.fields)
      self = .chunked
    } else {
      self = try Self.length(in: response.fields).map { .length($0) } ?? .untilClose
    }
  }

  private static func checkCodings(in fields: HTTPFields) throws(HeadError) {
    let codings = fields.elements(of: .transferEncoding)
    guard let last = codings.last, Syntax.isEqualIgnoringCase(last, "chunked") else {
      throw .malformed("chunked is not the last transfer coding")
    }
    guard codings.count == 1 else {
      let isDoubled = codings.dropLast().contains { Syntax.isEqualIgnoringCase($0, "chunked") }
      throw isDoubled
        ? .malformed("chunked is applied twice")
        : HeadError(.notImplemented, "no transfer coding but chunked is known here")
    }
  }

  /// The value of Content-Length, or nil where there is none.
  /// - Throws: ``HeadError`` when it is anything but digits, or there more than once.
  public static func length(in fields: HTTPFields) throws(HeadError) -> Int? {
    guard fields.contains(.contentLength) else {
      return nil
    }
    guard let value = fields.single(.contentLength), 1...18 ~= value.utf8.count,
      value.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let length = Int(value)
    else {
      throw .malformed("Content-Length is not one number")
    }
    return length
  }
}
