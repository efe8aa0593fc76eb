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
  /// - Parameter last: Called if it is the last, before those who wait are woken.
  func end(last: () -> Void = {}) {
    let isLast = state.withLock { state in
      state.alive -= 1
      return state.alive == 0
    }
    guard isLast else { return }
    last()
    let waiters = state.withLock { state in
      state.ended = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
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
