import Synchronization
import Transport

/// Where the loops of a group and its runner meet; everything on it is brief.
final class RunControl: Sendable {
  /// What the runner knows of one loop.
  struct Loop: Sendable {
    var worker: LoopBound<any GroupWorker>?
    /// Whether each of its connections has been established or has failed.
    var isReady = false
    /// When that was.
    var readyAt: ContinuousClock.Instant?
    /// How many were established.
    var connectionCount = 0
    /// How many of them send what a plan holds.
    var senderCount = 0
    /// How many messages were published on each channel, once that is known.
    var published: [Int: UInt64]?
    var openConnections = 0
    var failedConnections = 0
    var intervals: [IntervalReport] = []
    var report: LoopReport?
    var connecting: ConnectReport?
    var hasEnded = false
  }

  private struct State {
    var loops: [Loop]
    var isStopping = false
    var clocks: ProcessorClocks?
  }

  private let state: Mutex<State>

  init(loopCount: Int) {
    state = Mutex(State(loops: [Loop](repeating: Loop(), count: loopCount)))
  }

  // MARK: From the runner

  /// What is known now.
  var loops: [Loop] { state.withLock { $0.loops } }

  /// The next interval, merged, that all loops have reported, or, if `isFinal`, any of them; nil for none.
  func takeInterval(isFinal: Bool) -> IntervalReport? {
    let parts: [IntervalReport] = state.withLock { state in
      guard isFinal || state.loops.allSatisfy({ !$0.intervals.isEmpty }) else { return [] }
      return state.loops.indices.compactMap { index in
        state.loops[index].intervals.isEmpty
          ? nil : state.loops[index].intervals.removeFirst()
      }
    }
    return parts.merged
  }

  /// Whether the run is to end early.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Ends the run early.
  func stop() { state.withLock { $0.isStopping = true } }

  /// Lets go of the workers, whose loops have ended: they hold the control, and it holds them.
  func releaseWorkers() {
    state.withLock { state in
      for index in state.loops.indices { state.loops[index].worker = nil }
    }
  }

  /// From now on the first loop says what these clocks show at the ends of its intervals.
  func watch(_ clocks: ProcessorClocks) { state.withLock { $0.clocks = clocks } }

  // MARK: From the loops

  /// What our process and the server's have used until now; nil where that is not asked of this loop.
  func processorUse(forLoop index: Int) -> ProcessorUse? {
    index == 0 ? state.withLock { $0.clocks }?.read() : nil
  }

  func register(_ worker: LoopBound<any GroupWorker>, ofLoop index: Int) {
    state.withLock { $0.loops[index].worker = worker }
  }

  func connectionCountChanged(_ index: Int, open: Int, failed: Int) {
    state.withLock {
      $0.loops[index].openConnections = open
      $0.loops[index].failedConnections = failed
    }
  }

  func loopIsReady(_ index: Int, connectionCount: Int, senderCount: Int? = nil) {
    state.withLock {
      $0.loops[index].isReady = true
      $0.loops[index].readyAt = .now
      $0.loops[index].connectionCount = connectionCount
      $0.loops[index].senderCount = senderCount ?? connectionCount
    }
  }

  func post(_ interval: IntervalReport, ofLoop index: Int) {
    state.withLock { $0.loops[index].intervals.append(interval) }
  }

  func post(_ report: LoopReport, _ connecting: ConnectReport, ofLoop index: Int) {
    state.withLock {
      $0.loops[index].report = report
      $0.loops[index].connecting = connecting
    }
  }

  func post(published: [Int: UInt64], ofLoop index: Int) {
    state.withLock { $0.loops[index].published = published }
  }

  /// How many messages all loops have published on each channel; nil until all have said so.
  var published: [Int: UInt64]? {
    state.withLock { state in
      let parts = state.loops.compactMap(\.published)
      guard parts.count == state.loops.count else { return nil }
      return parts.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
    }
  }

  func loopHasEnded(_ index: Int) {
    state.withLock { $0.loops[index].hasEnded = true }
  }
}
