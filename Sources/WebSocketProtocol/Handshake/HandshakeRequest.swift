public import HTTP

/// A client's opening handshake that keeps to RFC 6455 §4.2.1; the server may still refuse it.
public struct HandshakeRequest: Hashable, Sendable {
  /// The request as it was sent.
  public let head: RequestHead
  /// The path and query the client asks for (RFC 6455 §4.2.2).
  public let resourceName: String
  /// The authority the client believes to talk to: the target's if it has one, else Host
  /// (RFC 9112 §3.2.2).
  public let host: String
  /// The value of Origin, which browsers send (RFC 6455 §10.2).
  public let origin: String?
  /// The nonce that the answer proves to have read.
  public let key: HandshakeKey
  /// The offered subprotocols in the client's order of preference.
  public let subprotocols: [String]
  /// The offered extensions in the client's order of preference.
  public let extensions: [ExtensionElement]

  /// Validates a request (RFC 6455 §4.2.1).
  /// - Parameter head: A complete request head.
  /// - Returns: The opening handshake, or nil for a request that does not speak of WebSocket.
  /// - Throws: ``HandshakeRefusal`` for a request that does, but breaks a rule.
  public static func validate(_ head: RequestHead) throws(HandshakeRefusal) -> HandshakeRequest? {
    let fields = head.fields
    let upgrades = fields.contains(token: "websocket", in: .upgrade)
    guard
      upgrades || fields.contains(.secWebSocketKey) || fields.contains(.secWebSocketVersion)
    else {
      return nil
    }
    return try HandshakeRequest(validating: head, upgrades: upgrades)
  }

  private init(validating head: RequestHead, upgrades: Bool) throws(HandshakeRefusal) {
    let fields = head.fields
    try Self.checkRequestLine(head)
    guard let host = fields.single(.http1Host), Self.isAuthority(host) else {
      throw .malformed("there is not exactly one valid Host field")
    }
    guard upgrades else {
      throw HandshakeRefusal(
        .upgradeRequired, "the Upgrade field does not name websocket", fields: Self.upgradeFields)
    }
    guard fields.contains(token: "upgrade", in: .connection) else {
      throw .malformed("the Connection field does not name Upgrade")
    }
    guard let version = fields.single(.secWebSocketVersion) else {
      let count = fields.count(of: .secWebSocketVersion)
      throw count > 1
        ? .malformed("Sec-WebSocket-Version is there more than once")
        : Self.versionRefusal("Sec-WebSocket-Version is missing")
    }
    // RFC 6455 §4.4: another version is answered with the one that is spoken.
    guard version == "13" else {
      throw Self.versionRefusal("Sec-WebSocket-Version is not 13")
    }
    guard let value = fields.single(.secWebSocketKey), let key = HandshakeKey(value: value) else {
      throw .malformed("there is not exactly one Sec-WebSocket-Key of 16 octets in base64")
    }
    guard fields.count(of: .origin) <= 1 else {
      throw .malformed("Origin is there more than once")
    }
    // What follows the head are frames (RFC 6455 §4.1), so a body cannot follow it as well.
    guard !fields.contains(.transferEncoding),
      fields[values: .contentLength].allSatisfy({ $0 == "0" })
    else {
      throw .malformed("an opening handshake has no body")
    }
    self.head = head
    let (authority, resourceName) = try Self.split(head.target)
    self.resourceName = resourceName
    self.host = authority ?? host
    origin = fields.single(.origin)
    self.key = key
    subprotocols = try Self.subprotocols(in: fields)
    extensions = try Self.extensions(in: fields)
  }

  /// RFC 6455 §4.2.1, item 1: a GET of HTTP/1.1 or higher.
  private static func checkRequestLine(_ head: RequestHead) throws(HandshakeRefusal) {
    guard head.method == .get else {
      throw HandshakeRefusal(
        .methodNotAllowed, "an opening handshake is a GET", fields: [.allow: "GET"])
    }
    guard head.version >= .http11 else {
      throw HandshakeRefusal(
        .httpVersionNotSupported, "an opening handshake needs HTTP/1.1 or higher")
    }
  }

  /// The authority, and the path and query, of a target in origin-form or absolute-form
  /// (RFC 9112 §3.2).
  private static func split(
    _ target: String
  ) throws(HandshakeRefusal) -> (authority: String?, resourceName: String) {
    if target.hasPrefix("/") {
      return (nil, target)
    }
    for scheme in ["http://", "https://", "ws://", "wss://"] {
      let prefix = target.prefix(scheme.count)
      guard Syntax.isEqualIgnoringCase(prefix, scheme) else {
        continue
      }
      let hierarchy = target.dropFirst(scheme.count)
      let end = hierarchy.firstIndex { $0 == "/" || $0 == "?" } ?? hierarchy.endIndex
      let authority = String(hierarchy[..<end])
      guard isAuthority(authority) else {
        break
      }
      let resource = hierarchy[end...]
      return (authority, resource.hasPrefix("/") ? String(resource) : "/" + resource)
    }
    throw .malformed("the request target is neither a path nor an http URL")
  }

  /// Whether the text is `uri-host [ ":" port ]` (RFC 9110 §7.2) and not empty.
  public static func isAuthority(_ text: String) -> Bool {
    guard let parts = try? WebSocketURL.split(text[...]) else {
      return false
    }
    return parts.port.map { UInt16($0) != nil } ?? true
  }

  /// RFC 6455 §4.1, item 10: tokens, all different.
  private static func subprotocols(in fields: HTTPFields) throws(HandshakeRefusal) -> [String] {
    let elements = fields.elements(of: .secWebSocketProtocol)
    guard elements.allSatisfy({ Syntax.isToken($0) }) else {
      throw .malformed("Sec-WebSocket-Protocol is not a list of tokens")
    }
    guard Set(elements).count == elements.count else {
      throw .malformed("Sec-WebSocket-Protocol names a subprotocol twice")
    }
    return elements.map { String($0) }
  }

  private static func extensions(
    in fields: HTTPFields
  ) throws(HandshakeRefusal) -> [ExtensionElement] {
    var elements: [ExtensionElement] = []
    for value in fields[values: .secWebSocketExtensions] {
      guard let parsed = ExtensionElement.parse(value) else {
        throw .malformed("Sec-WebSocket-Extensions is not a list of extensions")
      }
      elements += parsed
    }
    return elements
  }

  /// What RFC 9110 §15.5.22 demands of a 426.
  private static var upgradeFields: HTTPFields {
    [.upgrade: "websocket", .connection: "Upgrade"]
  }

  private static func versionRefusal(_ reason: String) -> HandshakeRefusal {
    var fields = upgradeFields
    fields[.secWebSocketVersion] = "13"
    return HandshakeRefusal(.upgradeRequired, reason, fields: fields)
  }
}

extension HandshakeRequest {
  /// The first of the client's subprotocols that the server has too (RFC 6455 §4.2.2), or nil.
  public func subprotocol(among supported: [String]) -> String? {
    subprotocols.first { supported.contains($0) }
  }

  /// Appends the response that opens the connection (RFC 6455 §4.2.2).
  /// - Parameters:
  ///   - subprotocol: One of the offered subprotocols, or nil for none.
  ///   - compression: The answer to the permessage-deflate offer, or nil for none.
  ///   - fields: Further fields, such as Set-Cookie or Server.
  ///   - output: The array that is appended to.
  public func writeResponse(
    subprotocol: String? = nil, compression: PerMessageDeflate.Response? = nil,
    fields: HTTPFields = HTTPFields(), to output: inout [UInt8]
  ) {
    output += Self.responseStart
    output += key.acceptValue.utf8
    output += [0x0d, 0x0a]
    var more = HTTPFields()
    if let subprotocol {
      precondition(subprotocols.contains(subprotocol), "the client did not offer the subprotocol")
      more[.secWebSocketProtocol] = subprotocol
    }
    if let compression {
      more[.secWebSocketExtensions] = compression.element.description
    }
    for field in fields {
      more.append(field)
    }
    more.write(to: &output)
  }

  private static let responseStart = Array(
    """
    HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept:\u{20}
    """.utf8)
}
