public import HTTP
public import Transport

/// Another server that requests are handed over to: a reverse proxy (RFC 9110 §3.7).
public struct Forwarding: Sendable {
  /// What a hook decides before a request is handed over.
  public enum Outcome: Sendable {
    /// Hand it over with this head.
    case forward(RequestHead)
    /// Answer this instead.
    case respond(ServerResponse)
  }

  /// The other server.
  public let endpoint: Endpoint
  /// Whether requests for WebSockets are handed over too.
  public var forwardsWebSockets = true
  /// Whether the client's Host is kept; else it is the other server's.
  public var keepsHost = false
  /// A longer body is answered with 413.
  public var maximumBodyByteCount = 1 << 30
  /// How long the other server may take to send the head of its response; then it is 504.
  public var responseTimeout: Duration = .seconds(60)
  /// Looks at each request before it is handed over, and may change it; on the loop.
  public var before: (@Sendable (ServerRequest, RequestHead) -> Outcome)?
  /// Looks at each response before it is handed back, and may change it; on the loop.
  public var after: (@Sendable (ServerRequest, inout ResponseHead) -> Void)?

  let connector: Connector

  /// Another server at an endpoint.
  /// - Parameters:
  ///   - endpoint: Where it is.
  ///   - tls: Its TLS, or nil for plain TCP.
  ///   - connectTimeout: How long connecting may take; then it is 504.
  public init(
    to endpoint: Endpoint, tls: TLSContext? = nil, connectTimeout: Duration = .seconds(10)
  ) {
    self.endpoint = endpoint
    var options = Connector.Options()
    options.tls = tls
    options.timeout = connectTimeout
    connector = Connector(to: endpoint, options: options)
  }

  /// The head for the other server: without what concerns this connection alone (RFC 9110 §7.6.1),
  /// with what tells it of the client.
  ///
  /// - Throws: `RequestFailure` with 400 where that would take away what says where the request ends
  ///   or whom it is for.
  func head(for request: ServerRequest) throws(RequestFailure) -> RequestHead {
    var head = request.head
    let named = head.fields.elements(of: .connection).compactMap { HTTPField.Name(String($0)) }
    guard !named.contains(where: Self.endToEnd.contains) else {
      throw RequestFailure(.badRequest, "Connection names a field that is not the connection's.")
    }
    let upgrade = request.isUpgrade ? head.fields[.upgrade] : nil
    for name in named { head.fields[name] = nil }
    for name in Self.hopByHop { head.fields[name] = nil }
    head.version = .http11
    head.target = request.target.path + (request.target.query.map { "?" + $0 } ?? "")
    head.fields[.http1Host] = keepsHost ? request.authority ?? authority : authority
    let client = request.peerAddress?.host ?? "unknown"
    // Whatever the client says of itself does not count.
    Self.set("X-Forwarded-Host", request.authority, in: &head.fields)
    Self.set("X-Forwarded-For", client, in: &head.fields)
    Self.set("X-Forwarded-Proto", request.tls == nil ? "http" : "https", in: &head.fields)
    // Whom it came by before is told too (RFC 9110 §7.6.3).
    let version = request.head.version
    let via = request.fields[values: .via] + ["\(version.major).\(version.minor) gauntlet"]
    head.fields[.via] = via.joined(separator: ", ")
    if let upgrade {
      head.fields[.upgrade] = upgrade
      head.fields[.connection] = "Upgrade"
    } else {
      head.fields[.connection] = "close"
    }
    return head
  }

  private var authority: String {
    switch endpoint {
    case .host(let name, let port): "\(name):\(port)"
    case .address(let address): address.port == nil ? "localhost" : "\(address)"
    }
  }

  private static func set(_ name: String, _ value: String?, in fields: inout HTTPFields) {
    guard let name = HTTPField.Name(name) else { return }
    fields[name] = value
  }

  /// What no `Connection` field may name.
  private static let endToEnd: [HTTPField.Name] = [.contentLength, .http1Host, .transferEncoding]

  static let hopByHop: [HTTPField.Name] =
    [.connection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthorization]
    + ["Keep-Alive", "Proxy-Connection"].compactMap { HTTPField.Name($0) }
}
