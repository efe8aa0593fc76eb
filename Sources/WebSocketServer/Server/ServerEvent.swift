public import Transport

/// What happens in the life of a server, its listeners and its connections.
///
/// Events are delivered on the loop where they happen, so an observer must not block.
public enum ServerEvent: Sendable {
  /// All listeners are bound, to these addresses.
  case started([SocketAddress])
  /// Shutdown began.
  case stopping
  /// Everything has ended.
  case stopped

  /// A listener accepts connections, by its index in the configuration.
  case listening(listener: Int, SocketAddress)
  /// A listener accepts no more, and its address is free.
  case listenerStopped(listener: Int)
  /// A listener has failed; the watchdog may revive it.
  case listenerFailed(listener: Int, TransportError)
  /// The watchdog has tried to revive a listener, in vain so far.
  case listenerNotRevived(listener: Int, attempt: Int, ServerError)
  /// A listener could not accept a connection, or lost one before it was up.
  case acceptFailed(TransportError)

  /// A certificate ends soon, or has ended: which one and when, in one line.
  case certificateExpires(String)
  /// The certificates were read again.
  case certificatesReloaded

  /// A peer's TCP connection was accepted.
  case accepted(ConnectionID, peer: SocketAddress?)
  /// A peer was turned away before anything was read.
  case turnedAway(peer: SocketAddress, TurnAwayReason)
  /// An opening handshake succeeded.
  case opened(OpeningRequest)
  /// A request was refused with this HTTP status.
  case refused(ConnectionID, status: Int, reason: String)
  /// More output waits for a peer than the configuration allows; sending waits.
  case congested(ConnectionID)
  /// The peer has taken what waited.
  case readyToSend(ConnectionID)
  /// The application's handler has thrown; the server goes on.
  case handlerFailed(ConnectionID, any Error)
  /// An open WebSocket ended.
  case closed(ConnectionID, ConnectionClosure)
}

/// Why a peer was turned away before anything was read.
public enum TurnAwayReason: Sendable, Hashable {
  /// The lists of who may come in say so.
  case filter
  /// The application's hook said so.
  case hook
  /// There are as many connections as may be, and as many more as are told so.
  case full
}
