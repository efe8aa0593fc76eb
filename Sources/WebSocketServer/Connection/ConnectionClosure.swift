public import Transport
public import WebSocketProtocol

/// How a connection came to its end.
public struct ConnectionClosure: Sendable {
  /// Who or what ended the connection.
  public enum Cause: Sendable {
    /// The peer began the closing handshake.
    case peer
    /// The application, or the server's shutdown, began the closing handshake.
    case local
    /// The peer broke a rule and the connection was failed (RFC 6455 §7.1.7).
    case violation(ProtocolFailure)
    /// A deadline passed.
    case timeout(ServerTimeout)
    /// The peer ended the TCP connection without a Close.
    case endOfStream
    /// The transport broke.
    case transport(CloseReason)
  }

  /// Who or what ended the connection.
  public let cause: Cause

  /// The code of the peer's Close; `nil` if none came, or came without a code.
  public let code: CloseCode?

  /// The reason in the peer's Close.
  public let reason: String

  /// Whether the closing handshake was completed (RFC 6455 §7.1.4).
  public let wasClean: Bool
}

/// The deadlines of a connection.
public enum ServerTimeout: Sendable, Hashable {
  /// No complete opening handshake in time.
  case openingHandshake
  /// Nothing was received for the configured time.
  case idle
  /// Nothing came after a heartbeat's Ping.
  case heartbeat
  /// The peer did not answer our Close.
  case closingHandshake
}
