/// How far a connection has come, per RFC 6455 §4.1 and §7.1.
public enum ConnectionState: Hashable, Sendable {
  /// Neither side has sent a Close frame.
  case open
  /// We have sent a Close frame, and wait for the peer's, per RFC 6455 §7.1.3.
  case awaitingClose
  /// Both Close frames have gone, or we failed the connection: only the transport is left to close.
  case awaitingTransportClose
  /// The transport has ended, or was given up.
  case closed
}

/// What has not happened in time; either way the transport has to be closed now, without waiting.
public enum TimeoutAction: Hashable, Sendable {
  /// The peer has not answered our Close frame.
  case abandonClosingHandshake
  /// The peer has not closed its side of the transport, per RFC 6455 §7.1.1.
  case abandonTransport
}
