public import WebSocketProtocol

/// Reacts to what happens on connections, on the loop that owns them.
///
/// This is the fast path: payloads are lent from the receive buffer and valid until the method returns;
/// what is sent meanwhile goes out in one write at the end of the read. A method must not block. One
/// object may serve one connection, or all connections of the server if it is safe for that.
public protocol ConnectionHandler: AnyObject {
  /// The opening handshake is done; this is the first moment at which messages can be sent.
  func opened(_ connection: inout ActiveConnection)

  /// A whole message came (`MessageDelivery.messages`).
  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)

  /// A piece of a message came (`MessageDelivery.fragments`).
  func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection)

  /// A Ping came; it is answered already.
  func receivedPing(_ payload: Span<UInt8>, on connection: inout ActiveConnection)

  /// A Pong came, asked for or not.
  func receivedPong(_ payload: Span<UInt8>, on connection: inout ActiveConnection)

  /// Output that had to wait has all gone to the kernel.
  func readyToSend(_ connection: inout ActiveConnection)

  /// The connection is gone; the last call.
  func closed(_ connection: ServerConnection, _ closure: ConnectionClosure)
}

extension ConnectionHandler {
  /// Does nothing.
  public func opened(_ connection: inout ActiveConnection) {}

  /// Ignores the message.
  public func received(
    _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
  ) {}

  /// Ignores the fragment.
  public func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {}

  /// Ignores the Ping.
  public func receivedPing(_ payload: Span<UInt8>, on connection: inout ActiveConnection) {}

  /// Ignores the Pong.
  public func receivedPong(_ payload: Span<UInt8>, on connection: inout ActiveConnection) {}

  /// Does nothing.
  public func readyToSend(_ connection: inout ActiveConnection) {}

  /// Does nothing.
  public func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {}
}
