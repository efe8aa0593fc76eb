public import Transport

/// What happens in the life of a server, for observers; delivered on the loop where it happens.
public enum ServerEvent: Sendable {
  /// All listeners are bound, to these addresses.
  case started([SocketAddress])
  /// A peer's TCP connection was accepted.
  case accepted(ConnectionID, peer: SocketAddress?)
  /// An opening handshake succeeded.
  case opened(OpeningRequest)
  /// A request was refused with this HTTP status.
  case refused(ConnectionID, status: Int, reason: String)
  /// An open WebSocket ended.
  case closed(ConnectionID, ConnectionClosure)
  /// A listener could not accept.
  case acceptFailed(TransportError)
  /// Shutdown began.
  case stopping
  /// Everything has ended.
  case stopped
}
