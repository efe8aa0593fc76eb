public import HTTP
public import Transport

/// A request on the port of the server, ordinary or an opening handshake, with all that is known of it.
public struct ServerRequest: Sendable {
  /// The server that was asked, to broadcast for example.
  public let server: WebSocketServer
  /// The number of the connection it came on.
  public let connectionID: ConnectionID
  /// The index in `ServerConfiguration.listeners` of the listener that accepted the connection.
  public let listenerIndex: Int
  /// The address of the client.
  public let peerAddress: SocketAddress?
  /// The server's own address on this connection.
  public let localAddress: SocketAddress?
  /// What was agreed on with the client in TLS; `nil` without TLS.
  public let tls: TLSFacts?
  /// The request line and the fields.
  public let head: RequestHead
  /// The target of the request line, taken apart.
  public let target: RequestTarget
  /// The host and port that were asked for: the target's if it has them, else those of Host
  /// (RFC 9112 §3.2.2); `nil` for a client of HTTP/1.0 that says neither.
  public let authority: String?
  /// Whether it asks for a WebSocket.
  public let isUpgrade: Bool
  /// Who sent it, where that was found out.
  public internal(set) var principal: Principal?
  /// What the placeholders of the route stand for.
  public internal(set) var parameters: [String: String] = [:]
  /// The session it belongs to, where sessions are on.
  public internal(set) var session: Session?
  /// The body, where the handler wants it whole.
  public internal(set) var body: [UInt8] = []

  /// The method.
  public var method: HTTPRequest.Method { head.method }
  /// The path as it was sent.
  public var path: String { target.path }
  /// The fields.
  public var fields: HTTPFields { head.fields }
  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
}
