import Logging
import Synchronization
import Transport
import WebSocketProtocol

/// Accepting.
extension ServerLoop {
  /// So many over the limit are told so; beyond them the door stays shut.
  static let refusalAllowance = 64

  /// Makes the connection for a peer that was accepted; `nil` refuses it.
  func accept(listenerIndex: Int, peer: SocketAddress) -> ServerConnection? {
    if let reason = turnAway(PeerArrival(listenerIndex: listenerIndex, peerAddress: peer)) {
      return turnAway(peer, reason)
    }
    let count = context.connectionCount.add(1, ordering: .relaxed).newValue
    let limit = context.configuration.limits.connectionCount
    guard !isStopping, count <= limit + Self.refusalAllowance, let place = makePlace() else {
      context.connectionCount.subtract(1, ordering: .relaxed)
      return turnAway(peer, .full)
    }
    context.life.begin()
    let connection = ServerConnection(
      host: self, id: place.id,
      opening: OpeningState(
        listenerIndex: listenerIndex, peerAddress: peer, isOverLimit: count > limit,
        limits: context.headLimits))
    connection.opening?.acceptedAt = context.nanoseconds(at: loop.now)
    add(connection)
    StatisticsCounters.add(1, to: context.statistics.accepted)
    context.observe(.accepted(connection.id, peer: peer))
    return connection
  }

  /// Why a peer is turned away before anything is read; `nil` lets it in.
  private func turnAway(_ arrival: PeerArrival) -> TurnAwayReason? {
    if let filter = context.peerFilter, !filter.admits(arrival.peerAddress) { return .filter }
    if let admits = context.configuration.hooks.admitsPeer, !admits(arrival) { return .hook }
    return nil
  }

  private func turnAway(_ peer: SocketAddress, _ reason: TurnAwayReason) -> ServerConnection? {
    StatisticsCounters.add(1, to: context.statistics.turnedAway)
    context.observe(.turnedAway(peer: peer, reason))
    context.log.write(
      .info, .refused, at: loop.now, "peer turned away",
      metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    return nil
  }
}

/// The handler of a connection that is not open yet.
final class IdleHandler: ConnectionHandler, Sendable {
  static let shared = IdleHandler()
}
