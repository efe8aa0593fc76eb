public import HTTP
public import Transport

/// The answer to an ordinary request.
public struct ServerResponse: Sendable {
  /// What follows the head.
  public enum Body: Sendable {
    /// These octets.
    case octets([UInt8])
    /// Pieces of files and octets, one after the other; read as the client takes them.
    case pieces([Piece])
    /// What the closure writes, in chunks unless the length is known; it runs as a task.
    case stream(length: Int?, @Sendable (ResponseWriter) async throws -> Void)
  }

  /// A part of a body.
  public enum Piece: Sendable {
    /// These octets.
    case octets([UInt8])
    /// A part of a file.
    case file(ReadableFile, Range<Int>)

    /// Its length.
    public var byteCount: Int {
      switch self {
      case .octets(let octets): octets.count
      case .file(_, let range): range.count
      }
    }
  }

  /// The status.
  public var status: HTTPResponse.Status
  /// The fields; what frames the body is added.
  public var fields: HTTPFields
  /// What follows the head.
  public var body: Body
  /// Whether the connection ends with this response.
  public var closesConnection = false

  /// Makes a response.
  public init(
    status: HTTPResponse.Status = .ok, fields: HTTPFields = HTTPFields(), body: Body = .octets([])
  ) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// A response with text, ended by a line end.
  public static func text(
    _ text: String, status: HTTPResponse.Status = .ok, fields: HTTPFields = HTTPFields()
  ) -> ServerResponse {
    var response = ServerResponse(
      status: status, fields: fields, body: .octets(Array((text + "\n").utf8)))
    response.fields[.contentType] = "text/plain; charset=utf-8"
    return response
  }

  /// A page.
  public static func html(_ page: String, status: HTTPResponse.Status = .ok) -> ServerResponse {
    ServerResponse(
      status: status, fields: [.contentType: "text/html; charset=utf-8"],
      body: .octets(Array(page.utf8)))
  }

  /// JSON that is encoded already.
  public static func json(
    _ octets: [UInt8], status: HTTPResponse.Status = .ok
  ) -> ServerResponse {
    ServerResponse(
      status: status, fields: [.contentType: "application/json"], body: .octets(octets))
  }

  /// A redirection: 303 unless another status is given.
  public static func redirect(
    to location: String, status: HTTPResponse.Status = .seeOther
  ) -> ServerResponse {
    ServerResponse(status: status, fields: [.location: location])
  }

  /// A body that a task writes; in chunks unless `length` is given.
  public static func stream(
    contentType: String, length: Int? = nil,
    _ write: @escaping @Sendable (ResponseWriter) async throws -> Void
  ) -> ServerResponse {
    ServerResponse(fields: [.contentType: contentType], body: .stream(length: length, write))
  }
}

/// An error that a handler throws to have it answered with a status.
public struct RequestFailure: Error, Hashable, Sendable {
  /// The status.
  public var status: HTTPResponse.Status
  /// What the client is told.
  public var reason: String

  /// Makes a failure.
  public init(_ status: HTTPResponse.Status, _ reason: String) {
    self.status = status
    self.reason = reason
  }
}
