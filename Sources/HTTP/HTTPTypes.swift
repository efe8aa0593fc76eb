// Methods, statuses, field names and fields are those of swift-http-types; whoever imports this
// room has them.
@_exported public import HTTPTypes

extension HTTPField.Name {
  /// The Host field of HTTP/1.1, which swift-http-types spells as `HTTPRequest.authority` only.
  public static let http1Host = HTTPField.Name(registered: "Host")

  /// Makes a name from text that is known to be a token.
  init(registered name: String) {
    guard let name = HTTPField.Name(name) else {
      preconditionFailure("a registered field name is a token")
    }
    self = name
  }
}
