/// Several event loops with a thread each.
public final class EventLoopGroup: Sendable {
  /// The loops.
  public let loops: [EventLoop]

  /// Starts `count` loops, their threads named `name-0` and so on; `busyPolling` and `isRealTime` as of
  /// ``EventLoop``.
  public init(
    count: Int, name: String = "gauntlet-loop", busyPolling: Duration = .zero,
    isRealTime: Bool = false
  ) throws(TransportError) {
    precondition(count > 0, "a group has at least one loop")
    var loops: [EventLoop] = []
    for index in 0..<count {
      loops.append(
        try EventLoop(
          name: "\(name)-\(index)", busyPolling: busyPolling, isRealTime: isRealTime))
    }
    self.loops = loops
    do throws(TransportError) {
      for loop in loops { try loop.start() }
    } catch {
      stop()
      throw error
    }
  }

  /// Stops all loops and waits for their threads; every socket and listener on them is closed.
  public func stop() {
    for loop in loops { loop.stop() }
    for loop in loops { loop.join() }
  }
}
