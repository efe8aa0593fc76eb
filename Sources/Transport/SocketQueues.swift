internal import CLinux

/// What lies in the queues of sockets, in octets.
public struct SocketQueues: Equatable, Sendable {
  /// Received, and not read by us.
  public var unread: Int
  /// Written by us, and not acknowledged by the peer's kernel.
  public var unacknowledged: Int

  /// Queues with so much in them.
  public init(unread: Int = 0, unacknowledged: Int = 0) {
    self.unread = unread
    self.unacknowledged = unacknowledged
  }

  /// What lies in the queues of both.
  public static func + (left: SocketQueues, right: SocketQueues) -> SocketQueues {
    SocketQueues(
      unread: left.unread + right.unread,
      unacknowledged: left.unacknowledged + right.unacknowledged)
  }
}

extension SocketQueues {
  /// What lies in the queues of sockets of one loop; on the loop only.
  ///
  /// Each answer costs two calls of the kernel: of more sockets than `limit` so many are asked, and the rest is
  /// taken to be like them.
  public init(of sockets: [StreamSocket], asking limit: Int = 200) {
    self.init()
    guard !sockets.isEmpty, limit > 0 else { return }
    let asked = stride(
      from: 0, to: sockets.count, by: (sockets.count + limit - 1) / limit)
    var count = 0
    for index in asked {
      self = self + sockets[index].queues
      count += 1
    }
    let factor = Double(sockets.count) / Double(count)
    unread = Int(Double(unread) * factor)
    unacknowledged = Int(Double(unacknowledged) * factor)
  }
}

extension StreamSocket {
  /// What lies in the socket's queues, what waits for the kernel to take it included.
  public final var queues: SocketQueues {
    guard descriptor >= 0 else { return SocketQueues() }
    return SocketQueues(
      unread: Int(unread_octets(descriptor)),
      unacknowledged: Int(unacknowledged_octets(descriptor)) + pendingByteCount)
  }
}
