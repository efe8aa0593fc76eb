import Transport
import WebSocketProtocol

/// A loop's share of a broadcast.
extension ServerLoop {
  func broadcast(
    _ shared: SharedMessage, to target: BroadcastTarget, excluding excluded: Set<ConnectionID>
  ) -> BroadcastReceipt {
    flushGathered()
    var receipt = BroadcastReceipt()
    switch target {
    case .everyone:
      forEach { deliver(shared, to: $0, excluded, &receipt) }
    case .channel(let name):
      for connection in channels.members(of: name) {
        deliver(shared, to: connection, excluded, &receipt)
      }
    case .subprotocol(let name):
      forEach { connection in
        guard connection.facts?.subprotocol == name else { return }
        deliver(shared, to: connection, excluded, &receipt)
      }
    case .connections(let ids):
      for id in ids where id.loop == index {
        if let connection = connection(id) { deliver(shared, to: connection, excluded, &receipt) }
      }
    }
    return receipt
  }

  @inline(__always)
  private func deliver(
    _ shared: SharedMessage, to connection: ServerConnection, _ excluded: Set<ConnectionID>,
    _ receipt: inout BroadcastReceipt
  ) {
    guard excluded.isEmpty || !excluded.contains(connection.id) else { return }
    connection.deliver(shared, &receipt)
  }
}
