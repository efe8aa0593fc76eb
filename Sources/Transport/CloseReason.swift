/// Why a socket is at its end.
public enum CloseReason: Sendable {
  /// `close()` was called here, and all output was handed over.
  case local
  /// `close()` was called here, but the peer did not take the output, or did not end, in time.
  case lingerExpired
  /// `abort()` was called here.
  case aborted
  /// Both directions have ended in order: `shutdownOutput()` here, end of stream from the peer.
  case endOfStream
  /// The peer tore the connection down.
  case peerReset
  /// The connection could not be made.
  case connectFailed(TransportError)
  /// The connection was up and has failed.
  case failed(TransportError)
  /// The loop that owned the socket has stopped.
  case loopStopped
}
