public import HTTP
public import Transport
public import WebSocketProtocol

/// A client's opening handshake (RFC 6455 §4.2.1), as the application sees it before it decides.
public struct OpeningRequest: Sendable {
  /// The connection's number, unique in the life of the server.
  public let connectionID: ConnectionID

  /// The index in `ServerConfiguration.listeners` of the listener that accepted the connection.
  public let listenerIndex: Int

  /// The address of the client.
  public let peerAddress: SocketAddress?

  /// The server's own address on this connection.
  public let localAddress: SocketAddress?

  /// The request: head, resource name, host, origin, offered subprotocols and extensions.
  public let handshake: HandshakeRequest

  /// The path and the query that were asked for.
  public var target: RequestTarget {
    guard let target = RequestTarget(handshake.resourceName) else {
      preconditionFailure("a resource name begins with a slash")
    }
    return target
  }

  /// Who the client is, where that was found out.
  public internal(set) var principal: Principal?

  /// What was agreed on with the client in TLS; `nil` without TLS.
  public internal(set) var tls: TLSFacts?
}
