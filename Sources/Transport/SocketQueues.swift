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

  /// Adds what lies in others' queues.
  public static func += (left: inout SocketQueues, right: SocketQueues) {
    left.unread += right.unread
    left.unacknowledged += right.unacknowledged
  }
}

extension EventLoop {
  /// What lies in the queues of the loop's sockets; on the loop only.
  ///
  /// - Parameter limit: Of more sockets, so many are asked, and the rest is taken to be like them: each answer costs two calls
  ///   of the kernel.
  /// - Returns: The sum of all.
  public func socketQueues(asking limit: Int = 200) -> SocketQueues {
    let sockets = table.all()
    guard !sockets.isEmpty, limit > 0 else { return SocketQueues() }
    let step = (sockets.count + limit - 1) / limit
    var queues = SocketQueues()
    var asked = 0
    for index in stride(from: 0, to: sockets.count, by: step) {
      queues += sockets[index].queues
      asked += 1
    }
    guard asked < sockets.count else { return queues }
    let factor = Double(sockets.count) / Double(asked)
    return SocketQueues(
      unread: Int(Double(queues.unread) * factor),
      unacknowledged: Int(Double(queues.unacknowledged) * factor))
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
