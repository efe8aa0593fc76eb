public import WebSocketProtocol

/// Sends every message back as it came; without state, so one object serves all connections.
public final class EchoHandler: ConnectionHandler, Sendable {
  /// Creates an echo.
  public init() {}

  /// Sends the message back; a peer that has closed meanwhile gets nothing.
  public func received(
    _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
  ) {
    try? connection.send(kind, payload)
  }

  /// Sends the fragment back as a fragment.
  public func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {
    try? connection.sendFragment(kind, payload, isFinal: isFinal)
  }
}
