import HTTP

/// An answer to an ordinary HTTP request: a status, fields and a short text.
struct PlainResponse {
  var status: HTTPResponse.Status
  var fields = HTTPFields()
  var text: String
}

/// Answers ordinary HTTP requests on the WebSocket port (RFC 9110).
struct PlainResponder: Sendable {
  let serverName: String?

  /// The answer to a request that is no opening handshake.
  func response(to request: RequestHead) -> PlainResponse {
    guard request.method == .get || request.method == .head else {
      var fields = HTTPFields()
      fields[.allow] = "GET, HEAD"
      return PlainResponse(
        status: .methodNotAllowed, fields: fields, text: "Only GET and HEAD are understood here.")
    }
    let path = request.target.prefix { $0 != "?" }
    guard path == "/" else {
      return PlainResponse(status: .notFound, text: "There is nothing here; try /.")
    }
    return PlainResponse(
      status: .ok,
      text: """
        This is a WebSocket server (RFC 6455) that sends every message back.
        Connect with a WebSocket client to the URL of this page, with ws in place of http.
        """)
  }

  /// Appends the response; the body is left out for HEAD, but its length is told (RFC 9110 §9.3.2).
  func write(
    _ response: PlainResponse, omitsBody: Bool, closes: Bool, to output: inout [UInt8]
  ) {
    let body = response.text.isEmpty ? "" : response.text + "\n"
    var head = ResponseHead(status: response.status, fields: response.fields)
    if let serverName { head.fields[.server] = serverName }
    head.fields[.contentType] = "text/plain; charset=utf-8"
    head.fields[.contentLength] = "\(body.utf8.count)"
    head.fields[.xContentTypeOptions] = "nosniff"
    if closes {
      head.fields[.connection] = head.fields[.connection].map { $0 + ", close" } ?? "close"
    }
    head.write(to: &output)
    if !omitsBody { output += body.utf8 }
  }
}
