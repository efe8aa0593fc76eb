public import HTTP
import Transport

/// What a server answers to ordinary requests on the port of its WebSockets.
///
/// ```swift
/// configuration.http.get("/health") { _ in .text("well") }
/// configuration.http.post("/items/:id") { request in
///   .text("\(request.parameters["id"] ?? "") has \(request.body.count) octets")
/// }
/// configuration.http.files("/", FileService(root: "/srv/www"))
/// ```
///
/// Of several routes for a path the first one counts. A route for GET answers HEAD as well; a path that
/// has routes for other methods alone is answered with 405, one without any with 404.
public struct HTTPService: Sendable {
  /// What a hook decides about a request.
  public enum Screening: Sendable {
    /// Go on: who may come in is decided next.
    case proceed
    /// Go on, and let the client in without asking who it is.
    case exempt
    /// Answer this; nothing else is done.
    case respond(ServerResponse)
  }

  struct Route: Sendable {
    let method: HTTPRequest.Method?
    let pattern: RoutePattern
    let handler: HTTPHandler
  }

  var routes: [Route] = []
  var forwards: [(pattern: RoutePattern, handler: HTTPHandler)] = []
  var hosts: [(names: [String], service: HTTPService)] = []

  /// Looks at every request first, also at those for a WebSocket; on the loop, must not block.
  public var screen: (@Sendable (ServerRequest) -> Screening)?

  /// State that is kept for a client over its requests, by a cookie.
  public var sessions: SessionStore?

  /// A service without routes: `/` says what kind of server this is.
  public init() {}

  /// Adds a route.
  /// - Parameters:
  ///   - method: The method; `nil` for any.
  ///   - pattern: A path whose segments are taken as they are, but `:name` for any one of them, and
  ///     a final `*` for any rest.
  ///   - handler: What answers.
  public mutating func route(
    _ method: HTTPRequest.Method?, _ pattern: String, _ handler: HTTPHandler
  ) {
    routes.append(
      Route(method: method, pattern: RoutePattern(pattern), handler: handler))
  }

  /// Adds a route for GET and HEAD; the closure runs on the connection's loop.
  public mutating func get(
    _ pattern: String, _ respond: @escaping @Sendable (ServerRequest) throws -> ServerResponse
  ) {
    route(.get, pattern, .synchronous(respond))
  }

  /// Adds a route for POST; the closure runs on the connection's loop, with the whole body.
  public mutating func post(
    _ pattern: String, maximumBodyByteCount: Int = 1 << 20,
    _ respond: @escaping @Sendable (ServerRequest) throws -> ServerResponse
  ) {
    route(.post, pattern, .synchronous(maximumBodyByteCount: maximumBodyByteCount, respond))
  }

  /// Adds the files of a folder below a path.
  public mutating func files(_ path: String, _ service: FileService) {
    let prefix = path.hasSuffix("/") ? String(path.dropLast()) : path
    let count = RoutePattern(prefix).segmentCount
    let handler = HTTPHandler.synchronous { request in
      let segments = request.target.segments.map { Array($0.dropFirst(count)) }
      return service.response(to: request, segments)
    }
    route(.get, prefix + "/*", handler)
  }

  /// Adds a page at which a person can try the server's WebSockets in a browser.
  public mutating func testPage(_ path: String = "/") {
    route(.get, path, .fixed(TestPage.response))
  }

  /// Adds a page with what the server has counted, in the text format of Prometheus.
  ///
  /// Messages, octets and their latency are there where ``ServerConfiguration/countsTraffic`` is on.
  /// - Parameters:
  ///   - path: Where it is.
  ///   - prefix: What the names begin with.
  public mutating func metricsPage(_ path: String = "/metrics", prefix: String = "gauntlet") {
    get(path) { request in
      ServerResponse(
        fields: [.contentType: MetricsPage.contentType],
        body: .octets(Array(MetricsPage.text(request.server.statistics, prefix: prefix).utf8)))
    }
  }

  /// Hands all requests below a path over to another server, those for WebSockets among them.
  public mutating func forward(_ path: String, to forwarding: Forwarding) {
    let prefix = path.hasSuffix("/") ? String(path.dropLast()) : path
    let handler = HTTPHandler(maximumBodyByteCount: forwarding.maximumBodyByteCount) { _ in
      ForwardingHandler(forwarding)
    }
    route(nil, prefix + "/*", handler)
    if !prefix.isEmpty { route(nil, prefix, handler) }
    guard forwarding.forwardsWebSockets else { return }
    forwards.append((RoutePattern(prefix + "/*"), handler))
    if !prefix.isEmpty { forwards.append((RoutePattern(prefix), handler)) }
  }

  /// Adds a host of its own: requests whose Host is one of its names see its routes and no others.
  ///
  /// The hook before any request and the sessions are those of this service.
  /// - Parameters:
  ///   - names: Its names; `*.example.org` stands for any one label in front.
  ///   - service: Its routes, files and forwarding.
  public mutating func host(_ names: [String], _ service: HTTPService) {
    hosts.append((names, service))
  }

  /// The service of the host that a request is for.
  private func service(for request: ServerRequest) -> HTTPService? {
    guard !hosts.isEmpty, let authority = request.authority else { return nil }
    // A colon inside of brackets is part of an IPv6 address.
    let end = authority.lastIndex(of: ":").flatMap { colon in
      authority[colon...].contains("]") ? nil : colon
    }
    let name = String(authority[..<(end ?? authority.endIndex)])
    return hosts.first { TLSHost.matches(name, $0.names) }?.service
  }

  /// Whether there are WebSockets that other servers serve.
  var forwardsUpgrades: Bool {
    !forwards.isEmpty || hosts.contains { $0.service.forwardsUpgrades }
  }

  /// What answers a request for a WebSocket in the server's place.
  func upgradeHandler(for request: ServerRequest) -> HTTPHandler? {
    if let own = service(for: request) { return own.upgradeHandler(for: request) }
    guard !forwards.isEmpty, let segments = request.target.segments else { return nil }
    return forwards.first { $0.pattern.match(segments) != nil }?.handler
  }

  /// What answers a request, and what the placeholders of its route stand for.
  func handler(for request: ServerRequest) -> (HTTPHandler, [String: String])? {
    if let own = service(for: request) { return own.handler(for: request) }
    guard let segments = request.target.segments else { return nil }
    for route in routes where route.serves(request.method) {
      if let parameters = route.pattern.match(segments) { return (route.handler, parameters) }
    }
    return nil
  }

  /// The methods that a path has routes for.
  func methods(for request: ServerRequest) -> [HTTPRequest.Method] {
    guard let segments = request.target.segments else { return [] }
    var methods: [HTTPRequest.Method] = []
    for route in routes where route.pattern.match(segments) != nil {
      guard let method = route.method else { continue }
      if !methods.contains(method) { methods.append(method) }
      if method == .get, !methods.contains(.head) { methods.append(.head) }
    }
    return methods
  }

  /// The response where no route answers.
  func fallback(for request: ServerRequest, _ responder: PlainResponder) -> ServerResponse {
    if let own = service(for: request) { return own.fallback(for: request, responder) }
    if request.path == "*" {
      guard request.method == .options else { return .text("400", status: .badRequest) }
      return ServerResponse(status: .noContent)
    }
    let methods = methods(for: request)
    guard methods.isEmpty else {
      let list = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
      if request.method == .options {
        return ServerResponse(status: .noContent, fields: [.allow: list])
      }
      return .text(
        "Only \(list) is understood here.", status: .methodNotAllowed, fields: [.allow: list])
    }
    guard routes.isEmpty else {
      return .text("There is nothing here.", status: .notFound)
    }
    let plain = responder.response(to: request.head)
    return .text(plain.text, status: plain.status, fields: plain.fields)
  }
}

extension HTTPService.Route {
  func serves(_ method: HTTPRequest.Method) -> Bool {
    guard let own = self.method else { return true }
    return own == method || (own == .get && method == .head)
  }
}

/// A path with placeholders.
struct RoutePattern: Sendable {
  private let segments: [String]
  private let takesRest: Bool

  /// How many segments there are before the rest.
  var segmentCount: Int { segments.count }

  init(_ text: String) {
    precondition(text.isEmpty || text.hasPrefix("/"), "a route's path begins with /")
    var segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    takesRest = segments.last == "*"
    if takesRest { segments.removeLast() }
    if text.isEmpty { segments = [] }
    self.segments = segments
  }

  /// What the placeholders stand for in a path, or nil when it does not match.
  func match(_ path: [String]) -> [String: String]? {
    guard takesRest ? path.count >= segments.count : path.count == segments.count else {
      return nil
    }
    var parameters: [String: String] = [:]
    for (pattern, segment) in zip(segments, path) {
      if pattern.hasPrefix(":") {
        guard !segment.isEmpty else { return nil }
        parameters[String(pattern.dropFirst())] = segment
      } else if pattern != segment {
        return nil
      }
    }
    return parameters
  }
}
