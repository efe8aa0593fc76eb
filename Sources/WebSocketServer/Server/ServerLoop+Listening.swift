import Synchronization
import Transport
import WebSocketProtocol

/// Accepting.
extension ServerLoop {
  /// So many over the limit are told so; beyond them the door stays shut.
  static let refusalAllowance = 64

  /// Makes the connection for a peer that was accepted; `nil` refuses it.
  func accept(listenerIndex: Int, peer: SocketAddress) -> ServerConnection? {
    let count = context.connectionCount.add(1, ordering: .relaxed).newValue
    let limit = context.configuration.limits.connectionCount
    guard !isStopping, count <= limit + Self.refusalAllowance, let place = makePlace() else {
      context.connectionCount.subtract(1, ordering: .relaxed)
      return nil
    }
    context.life.begin()
    let connection = ServerConnection(
      host: self, id: place.id,
      opening: OpeningState(
        listenerIndex: listenerIndex, peerAddress: peer, isOverLimit: count > limit,
        limits: context.headLimits))
    add(connection)
    context.observer?(.accepted(connection.id, peer: peer))
    return connection
  }
}

/// The handler of a connection that is not open yet.
final class IdleHandler: ConnectionHandler, Sendable {
  static let shared = IdleHandler()
}
