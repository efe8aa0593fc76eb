public import HTTP

/// Why a server does not open the connection, and the response that says so (RFC 6455 §4.2.2).
public struct HandshakeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The status of the response.
  public var status: HTTPResponse.Status
  /// What was wrong, in one line; it is the body of the response.
  public var reason: String
  /// Fields that the status calls for, such as Sec-WebSocket-Version.
  public var fields: HTTPFields

  /// Makes a refusal, for example of an origin (403) or a resource name (404).
  public init(
    _ status: HTTPResponse.Status, _ reason: String, fields: HTTPFields = HTTPFields()
  ) {
    self.status = status
    self.reason = reason
    self.fields = fields
  }

  /// Makes the refusal of a head that cannot be read.
  public init(_ error: HeadError) {
    self.init(error.status, error.reason)
  }

  /// Appends the whole response, after which the server closes the connection.
  public func write(to output: inout [UInt8]) {
    var head = ResponseHead(status: status, fields: fields)
    let body = Array((reason + "\n").utf8)
    head.fields[.connection] = fields[.connection].map { $0 + ", close" } ?? "close"
    head.fields[.contentType] = "text/plain; charset=utf-8"
    head.fields[.contentLength] = String(body.count)
    head.write(to: &output)
    output += body
  }

  /// The status code and the reason in one line.
  public var description: String { "\(status.code): \(reason)" }

  static func malformed(_ reason: String) -> HandshakeRefusal {
    HandshakeRefusal(.badRequest, reason)
  }
}
