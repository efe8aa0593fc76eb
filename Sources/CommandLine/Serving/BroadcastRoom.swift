import WebSocketProtocol
import WebSocketServer

/// Sends every message to all clients, its author included: `gauntlet serve --broadcast`.
final class BroadcastRoom: ConnectionHandler, Sendable {
  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    connection.handle.server.broadcast(Message(kind, copying: payload))
  }
}
