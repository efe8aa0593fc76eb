import Synchronization
import Transport
import WebSocketProtocol
import WebSocketServer

/// Sends every message to all clients, its author included: `gauntlet serve --broadcast`.
final class BroadcastRoom: ConnectionHandler, Sendable {
  private let server = Mutex<WebSocketServer?>(nil)

  /// Makes a server whose messages go to everyone.
  static func server(_ make: (HandlerFactory) -> WebSocketServer) -> WebSocketServer {
    let room = BroadcastRoom()
    let server = make(.synchronous { _ in room })
    room.server.withLock { $0 = server }
    return server
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    var octets: [UInt8] = []
    octets.reserveCapacity(payload.count)
    for index in payload.indices { octets.append(payload[index]) }
    server.withLock { $0 }?.broadcast(Message(kind, octets))
  }
}
