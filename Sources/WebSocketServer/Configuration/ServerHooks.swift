public import Transport

/// Closures of the application that decide on peers before there is a WebSocket; all run on the
/// connection's loop and must not block.
public struct ServerHooks: Sendable {
  /// Decides on a TCP peer before anything is read; `false` ends the connection without a word.
  public var admitsPeer: (@Sendable (PeerArrival) -> Bool)?

  /// Decides what becomes of a peer whose first octets are no HTTP; `nil` answers 400.
  public var unknownProtocol: (@Sendable (PeerArrival, [UInt8]) -> UnknownProtocolAnswer)?

  /// Hooks that change nothing.
  public init() {}
}

/// A peer that has connected and of which nothing has been read.
public struct PeerArrival: Sendable {
  /// The index in `ServerConfiguration.listeners` of the listener that has accepted it.
  public let listenerIndex: Int
  /// Where it comes from; a Unix-domain client has an empty path.
  public let peerAddress: SocketAddress
}

/// What becomes of a peer that speaks no HTTP.
public enum UnknownProtocolAnswer {
  /// The answer to a malformed request: 400.
  case refuse
  /// These octets and the end of the connection.
  case answer([UInt8])
  /// The end of the connection without a word.
  case drop
  /// The connection is the handler's from the first octet on.
  case handOver(any RawHandler)
}

/// Handles a connection that speaks another protocol than HTTP, on its loop.
public protocol RawHandler: AnyObject {
  /// Octets came in; answer with `connection.write(_:)`, end it with `connection.close()`.
  func received(_ bytes: Span<UInt8>, on connection: ServerConnection)

  /// The peer sends no more.
  func receivedEndOfStream(on connection: ServerConnection)

  /// The connection is gone; the last call.
  func closed(_ connection: ServerConnection, _ reason: CloseReason)
}

extension RawHandler {
  /// Ends the connection.
  public func receivedEndOfStream(on connection: ServerConnection) { connection.close() }

  /// Does nothing.
  public func closed(_ connection: ServerConnection, _ reason: CloseReason) {}
}
