public import Logging
import Synchronization
public import Transport
import WebSocketProtocol

/// A WebSocket server (RFC 6455, RFC 7692): some event loops, each with its own listeners.
///
/// ```swift
/// let server = WebSocketServer(
///   configuration: ServerConfiguration(
///     listeners: [ListenerConfiguration(address: .loopback(port: 9001))]),
///   handler: .asynchronous { connection in
///     for try await message in connection.messages {
///       try await connection.send(message)
///     }
///   })
/// try await server.run()
/// ```
///
/// A server may be started again after its end. All methods may be called from any thread or task, and
/// none of them blocks.
public final class WebSocketServer: Sendable {
  private enum Phase {
    case idle
    case running(ServerRun)
    case stopping(ServerRun)
  }

  private struct State {
    var phase = Phase.idle
    var lastAddresses: [SocketAddress] = []
  }

  /// What the server was made with.
  public let configuration: ServerConfiguration
  private let factory: HandlerFactory
  private let log: ServerLog
  private let observer: (@Sendable (ServerEvent) -> Void)?
  private let state = Mutex(State())

  /// Creates a server that does not listen yet.
  /// - Parameters:
  ///   - configuration: What to listen on, and all bounds.
  ///   - handler: What decides on opening handshakes and makes the handlers.
  ///   - logger: Where to log; peers' misdeeds are limited to a few lines in a second.
  ///   - observer: Called on the loops with every event of the server's life; must not block.
  public init(
    configuration: ServerConfiguration, handler: HandlerFactory, logger: Logger? = nil,
    observer: (@Sendable (ServerEvent) -> Void)? = nil
  ) {
    self.configuration = configuration
    factory = handler
    log = ServerLog(logger)
    self.observer = observer
  }

  /// The run that is under way.
  var currentRun: ServerRun? {
    state.withLock { state in
      switch state.phase {
      case .idle: nil
      case .running(let run), .stopping(let run): run
      }
    }
  }

  /// The addresses the server listens on, in the order of the configuration, with the ports that the
  /// system has chosen; after the end those it had, and empty before the first start.
  public var addresses: [SocketAddress] {
    currentRun?.addresses ?? state.withLock { $0.lastAddresses }
  }

  /// Whether the server is started and not yet at its end.
  public var isRunning: Bool { currentRun != nil }

  /// Whether all listeners accept connections.
  public var isAccepting: Bool { currentRun?.isAccepting ?? false }

  /// The number of connections, whatever their phase.
  public var connectionCount: Int {
    currentRun?.context.connectionCount.load(ordering: .relaxed) ?? 0
  }

  /// Binds all listeners and starts the loops; connections are accepted when it returns.
  ///
  /// - Throws: ``ServerError``: what is wrong with the configuration, or which address cannot be used.
  public func start() throws(ServerError) {
    try start(configuration)
  }

  private func start(_ configuration: ServerConfiguration) throws(ServerError) {
    try configuration.validate()
    let run = try ServerRun(
      context: try ServerContext(
        of: self, configuration: configuration, factory: factory, log: log, observer: observer))
    let life = run.context.life
    // Once for the server and once for its start: a shutdown that comes meanwhile waits for both.
    life.begin()
    life.begin()
    let isFirst = state.withLock { state in
      guard case .idle = state.phase else { return false }
      state.phase = .running(run)
      return true
    }
    guard isFirst else {
      run.stopLoops()
      throw .alreadyStarted
    }
    do {
      try run.listen()
    } catch {
      abandon(run)
      throw error
    }
    run.beginMetrics()
    run.context.observe(.started(run.addresses))
    run.watchCertificates()
    if life.isStopping { run.stopAccepting() }
    run.context.connectionEnded()
  }

  /// Ends a run that could not start; a shutdown that came meanwhile does it itself.
  private func abandon(_ run: ServerRun) {
    run.stopAccepting()
    let isOurs = state.withLock { state in
      guard case .running = state.phase else { return false }
      state.phase = .idle
      return true
    }
    guard isOurs else { return run.context.connectionEnded() }
    run.stopLoops()
    run.context.life.end()
    run.context.life.end()
  }

  /// Starts, runs until the task is cancelled or `shutdown(within:)` is called, and ends in order.
  /// - Parameter deadline: What cancellation allows for the closing handshakes; `nil` for
  ///   `ServerTimeouts.shutdown`.
  /// - Throws: ``ServerError`` if it could not start.
  public func run(shutdownWithin deadline: Duration? = nil) async throws {
    try start()
    await withTaskCancellationHandler {
      await wait()
    } onCancel: {
      Task { await shutdown(within: deadline) }
    }
  }

  // MARK: Accepting

  /// Stops accepting and gives the addresses up; the connected clients stay.
  public func stopAccepting() {
    currentRun?.stopAccepting()
  }

  /// Accepts again after `stopAccepting()`, at the same addresses.
  ///
  /// They are free as soon as ``ServerEvent/listenerStopped(listener:)`` has told so.
  ///
  /// - Throws: ``ServerError`` if an address was taken meanwhile, or the server does not run.
  public func resumeAccepting() throws(ServerError) {
    guard let run = currentRun else { throw .notRunning }
    try run.listen()
  }

  // MARK: The end

  /// Stops accepting, sends Close 1001 to every client, and aborts what has not ended in time.
  ///
  /// It returns when all has ended: every connection, and every task of a handler.
  /// - Parameter deadline: What it may take; `nil` for `ServerTimeouts.shutdown`.
  public func shutdown(within deadline: Duration? = nil) async {
    let deadline = deadline ?? configuration.timeouts.shutdown
    let (run, isFirst) = state.withLock { state -> (ServerRun?, Bool) in
      switch state.phase {
      case .idle: return (nil, false)
      case .stopping(let run): return (run, false)
      case .running(let run):
        state.phase = .stopping(run)
        return (run, true)
      }
    }
    guard let run else { return }
    guard isFirst else { return await waitForEnd(of: run) }
    run.context.life.beginToStop()
    run.context.observe(.stopping)
    run.stopAccepting()
    run.forEachLoop { $0.beginShutdown(within: deadline) }
    run.context.connectionEnded()
    await waitForEnd(of: run)
  }

  /// Waits until all of a run has ended; the first who sees it brings the run to its end for everybody.
  private func waitForEnd(of run: ServerRun) async {
    await run.context.life.wait()
    let isFirst = state.withLock { state in
      guard case .stopping(let ending) = state.phase, ending === run else { return false }
      state.lastAddresses = run.addresses
      state.phase = .idle
      return true
    }
    if isFirst { run.stopLoops() }
  }

  /// Ends every connection at once, without a closing handshake, and the server with them.
  public func abort() async {
    currentRun?.forEachLoop { $0.abortAll() }
    await shutdown(within: .zero)
  }

  /// Ends in order and starts again at the same addresses, ports chosen by the system included.
  ///
  /// - Throws: ``ServerError`` if it could not start again; the server has ended then.
  public func restart(within deadline: Duration? = nil) async throws(ServerError) {
    let bound = addresses
    await shutdown(within: deadline)
    var again = configuration
    for (index, address) in bound.enumerated() where again.listeners.indices.contains(index) {
      again.listeners[index].address = address
    }
    try start(again)
  }

  /// Returns when the server was shut down and all its connections and handlers have ended; at once
  /// if it does not run.
  public func wait() async {
    guard let run = currentRun else { return }
    await waitForEnd(of: run)
  }
}
