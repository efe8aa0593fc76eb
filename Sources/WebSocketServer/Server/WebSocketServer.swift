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
/// A server runs once: make another one to start again. All methods may be called from any thread.
public final class WebSocketServer: Sendable {
  private enum Phase {
    case idle, running, stopping
  }

  private struct State {
    var phase = Phase.idle
    var loops: [LoopBound<ServerLoop>] = []
    var listeners: [[Listener]] = []
  }

  private let context: ServerContext
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
    context = ServerContext(
      configuration: configuration, factory: handler, log: ServerLog(logger), observer: observer)
  }

  /// The addresses the server listens on, in the order of the configuration, with the ports that the
  /// system has chosen; empty before the start.
  public var addresses: [SocketAddress] {
    state.withLock { $0.listeners.compactMap(\.first?.localAddress) }
  }

  /// The number of connections, whatever their phase.
  public var connectionCount: Int {
    context.connectionCount.load(ordering: .relaxed)
  }

  /// Binds all listeners and starts the loops; connections are accepted when it returns.
  public func start() throws(ServerError) {
    try context.configuration.validate()
    let isFirst = state.withLock { state in
      defer { state.phase = .running }
      return state.phase == .idle
    }
    guard isFirst else { throw .alreadyStarted }
    context.life.begin()
    do {
      try startLoops()
    } catch {
      stopAccepting()
      stopLoops()
      _ = context.life.end()
      throw error
    }
    context.observer?(.started(addresses))
  }

  /// Starts, runs until the task is cancelled or `shutdown(within:)` is called, and ends in order.
  /// - Parameter deadline: What cancellation allows for the closing handshakes.
  /// - Throws: ``ServerError`` if it could not start.
  public func run(shutdownWithin deadline: Duration = .seconds(5)) async throws {
    try start()
    await withTaskCancellationHandler {
      await wait()
    } onCancel: {
      Task { await shutdown(within: deadline) }
    }
  }

  /// Stops accepting; the connected clients stay.
  public func stopAccepting() {
    let listeners = state.withLock { $0.listeners }
    for listener in listeners.joined() { listener.close() }
  }

  /// Stops accepting, sends Close 1001 to every client, and aborts what has not ended in time.
  public func shutdown(within deadline: Duration = .seconds(5)) async {
    let isFirst = state.withLock { state in
      defer { if state.phase == .running { state.phase = .stopping } }
      return state.phase == .running
    }
    guard isFirst else { return await wait() }
    context.observer?(.stopping)
    stopAccepting()
    forEachLoop { $0.beginShutdown(within: deadline) }
    context.connectionEnded()
    await wait()
    stopLoops()
  }

  /// Ends every connection at once, without a closing handshake.
  public func abort() async {
    forEachLoop { $0.abortAll() }
    await shutdown(within: .zero)
  }

  /// Returns when the server was shut down and all its connections and handlers have ended.
  public func wait() async {
    await context.life.wait()
  }

  // MARK: Loops

  private func startLoops() throws(ServerError) {
    do throws(TransportError) {
      for index in 0..<context.configuration.effectiveLoopCount {
        let loop = try EventLoop(name: "gauntlet-srv-\(index)")
        try loop.start()
        let share = LoopBound(ServerLoop(loop: loop, context: context), on: loop)
        state.withLock { $0.loops.append(share) }
      }
      let loops = state.withLock { $0.loops }
      for (index, configuration) in context.configuration.listeners.enumerated() {
        let listeners = try listen(index, configuration, on: loops)
        state.withLock { $0.listeners.append(listeners) }
      }
    } catch {
      throw .transport(error)
    }
  }

  private func listen(
    _ index: Int, _ configuration: ListenerConfiguration, on loops: [LoopBound<ServerLoop>]
  ) throws(TransportError) -> [Listener] {
    let context = self.context
    var options = Listener.Options()
    options.backlog = Int32(clamping: configuration.backlog)
    options.tls = configuration.tls
    options.handshakeTimeout = context.configuration.timeouts.openingHandshake
    return try Listener.listen(
      on: loops.map(\.loop), at: configuration.address, options: options,
      onError: { context.acceptFailed($0) },
      makeSocket: { accepted in
        loops.first { $0.loop === accepted.loop }?.value
          .accept(listenerIndex: index, peer: accepted.peerAddress)
      })
  }

  private func forEachLoop(_ body: @escaping @Sendable (ServerLoop) -> Void) {
    let loops = state.withLock { $0.loops }
    for share in loops {
      share.execute(body)
    }
  }

  private func stopLoops() {
    let loops = state.withLock { state in
      let loops = state.loops
      state.loops = []
      return loops
    }
    for share in loops { share.loop.stop() }
  }
}
