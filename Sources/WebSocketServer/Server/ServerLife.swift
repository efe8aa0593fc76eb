import Synchronization

/// Counts what is still alive in a server, and wakes who waits for its end.
///
/// What counts: every accepted connection, every task of an `async` handler, and one for the server
/// itself from start to the end of its shutdown.
final class ServerLife: Sendable {
  private struct State {
    var alive = 0
    var ended = false
    var isStopping = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Whether shutdown has begun.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  func beginToStop() { state.withLock { $0.isStopping = true } }

  func begin() {
    state.withLock { $0.alive += 1 }
  }

  /// Ends one; the last one ends the server.
  func end() -> Bool {
    let (last, waiters) = state.withLock {
      state -> (Bool, [CheckedContinuation<Void, Never>]) in
      state.alive -= 1
      guard state.alive == 0 else { return (false, []) }
      state.ended = true
      let waiters = state.waiters
      state.waiters = []
      return (true, waiters)
    }
    for waiter in waiters { waiter.resume() }
    return last
  }

  /// Returns when all has ended.
  func wait() async {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state in
        if !state.ended { state.waiters.append(continuation) }
        return state.ended
      }
      if ended { continuation.resume() }
    }
  }
}
