import Logging
import Synchronization
import Transport
import WebSocketProtocol

/// One life of a server, from its start to its end: its loops and what they listen at.
final class ServerRun: Sendable {
  /// What is known of one configured listener.
  private struct Post {
    var configuration: ListenerConfiguration
    /// Where it listens, or last did.
    var address: SocketAddress
    /// One for each loop.
    var listeners: [Listener] = []
    /// How many are being closed on their loops.
    var closingCount = 0
    /// Whether it shall listen: not before it has, nor after the server has stopped accepting.
    var isWanted = false
    var isOpen: Bool { !listeners.isEmpty }
  }

  let context: ServerContext
  let loops: [LoopBound<ServerLoop>]
  private let posts: Mutex<[Post]>

  /// Makes the loops; nothing is listened at yet.
  init(context: ServerContext) throws(ServerError) {
    self.context = context
    posts = Mutex(
      context.configuration.listeners.map { Post(configuration: $0, address: $0.address) })
    var loops: [LoopBound<ServerLoop>] = []
    do throws(TransportError) {
      for index in 0..<context.configuration.effectiveLoopCount {
        let loop = try EventLoop(
          name: "gauntlet-srv-\(index)", busyPolling: context.configuration.busyPolling,
          isRealTime: context.configuration.isRealTime)
        try loop.start()
        let share = LoopBound(ServerLoop(loop: loop, context: context, index: index), on: loop)
        share.execute { $0.begin() }
        loops.append(share)
      }
    } catch {
      Self.stop(loops)
      throw .transport(error)
    }
    self.loops = loops
  }

  /// Where the listeners listen, or last did, in the order of the configuration.
  var addresses: [SocketAddress] { posts.withLock { $0.map(\.address) } }

  /// Whether every listener is open.
  var isAccepting: Bool { posts.withLock { $0.allSatisfy(\.isOpen) } }

  func forEachLoop(_ body: @escaping @Sendable (ServerLoop) -> Void) {
    for share in loops { share.execute(body) }
  }

  /// The loop that a connection lives on, if there can be such a connection.
  func loop(of id: ConnectionID) -> LoopBound<ServerLoop>? {
    loops.indices.contains(id.loop) ? loops[id.loop] : nil
  }

  /// Reports measurements from now on, if somebody wants them.
  func beginMetrics() {
    guard let metrics = context.metrics, let first = loops.first else { return }
    first.execute { [context] loop in
      metrics.begin(on: loop.loop, for: context, since: ServerStatistics())
    }
  }

  func stopLoops() { Self.stop(loops) }

  private static func stop(_ loops: [LoopBound<ServerLoop>]) {
    for share in loops {
      share.loop.stop()
      // Whoever stops a server may be on one of its loops, and cannot wait for it.
      share.loop.detach()
    }
  }

  // MARK: Listening

  /// Opens the listeners that are not open.
  func listen() throws(ServerError) {
    let missing = posts.withLock { posts in
      posts.indices.filter { !posts[$0].isOpen }
    }
    for index in missing { try listen(index) }
  }

  /// Opens one listener, at the address that it had before if it had one.
  private func listen(_ index: Int) throws(ServerError) {
    let (configuration, address) = posts.withLock {
      ($0[index].configuration, $0[index].address)
    }
    do throws(TransportError) {
      let listeners = try bind(index, configuration, address, on: loops.map(\.loop))
      let bound = listeners.first?.localAddress ?? address
      posts.withLock {
        $0[index].listeners = listeners
        $0[index].address = bound
        $0[index].isWanted = true
      }
      context.observe(.listening(listener: index, bound))
    } catch {
      throw .listening(listener: index, error)
    }
  }

  /// Closes all listeners; the connections stay.
  func stopAccepting() {
    for (index, listeners) in takeListeners() {
      for listener in listeners {
        // The server does not end before the address is free.
        context.life.begin()
        listener.close()
        listener.loop.execute { [self] in
          noteClosing(of: index)
          context.connectionEnded()
        }
      }
    }
  }

  /// One of the sockets of a listener is closed; with the last one its address is free.
  private func noteClosing(of index: Int) {
    let isLast = posts.withLock { posts in
      posts[index].closingCount -= 1
      return posts[index].closingCount == 0
    }
    if isLast { context.observe(.listenerStopped(listener: index)) }
  }

  private func takeListeners() -> [(Int, [Listener])] {
    posts.withLock { posts in
      var taken: [(Int, [Listener])] = []
      for index in posts.indices { posts[index].isWanted = false }
      for index in posts.indices where posts[index].isOpen {
        taken.append((index, posts[index].listeners))
        posts[index].closingCount += posts[index].listeners.count
        posts[index].listeners = []
      }
      return taken
    }
  }

  private func bind(
    _ index: Int, _ configuration: ListenerConfiguration, _ address: SocketAddress,
    on loops: [EventLoop], sharesPort: Bool = false
  ) throws(TransportError) -> [Listener] {
    let context = self.context
    let shares = self.loops
    var options = configuration.transportOptions
    options.reusePort = options.reusePort || sharesPort
    options.handshakeTimeout = context.configuration.timeouts.tlsHandshake
    return try Listener.listen(
      on: loops, at: address, options: options,
      onError: { context.acceptFailed($0) },
      onDeath: { [weak self] in self?.died($0, of: index, $1) },
      makeSocket: { accepted in
        shares.first { $0.loop === accepted.loop }?.value
          .accept(listenerIndex: index, peer: accepted.peerAddress)
      })
  }

  // MARK: Watchdog

  /// A listening socket has failed; comes on its loop.
  private func died(_ listener: Listener, of index: Int, _ error: TransportError) {
    let fellows: [Listener]? = posts.withLock { posts in
      guard let place = posts[index].listeners.firstIndex(where: { $0 === listener }) else {
        return nil
      }
      posts[index].listeners.remove(at: place)
      // All loops share the socket of a Unix path: it is dead for all of them, and revived once.
      guard case .unix = posts[index].address else { return [] }
      defer { posts[index].listeners = [] }
      return posts[index].listeners
    }
    guard let fellows else { return }
    for fellow in fellows { fellow.close() }
    context.observe(.listenerFailed(listener: index, error))
    context.log.write(.error, .lifecycle, at: .now, "\(error)")
    scheduleRevival(of: index, on: listener.loop, attempt: 1)
  }

  private func scheduleRevival(of index: Int, on loop: EventLoop, attempt: Int) {
    guard let watchdog = context.configuration.watchdog,
      attempt <= watchdog.attemptCount ?? .max
    else { return }
    loop.schedule(after: watchdog.interval) { [weak self] in
      self?.revive(index, on: loop, attempt: attempt)
    }
  }

  /// Listens again on the loop whose listener has failed; a Unix path is listened at by all anew.
  private func revive(_ index: Int, on loop: EventLoop, attempt: Int) {
    let post = posts.withLock { $0[index] }
    guard post.isWanted, !context.life.isStopping else { return }
    let address = post.address
    do throws(TransportError) {
      let fresh =
        if case .unix = address {
          try bind(index, post.configuration, address, on: loops.map(\.loop))
        } else {
          try bind(
            index, post.configuration, address, on: [loop], sharesPort: loops.count > 1)
        }
      let isWanted = posts.withLock { posts in
        // The server may have stopped accepting meanwhile.
        if posts[index].isWanted { posts[index].listeners += fresh }
        return posts[index].isWanted
      }
      guard isWanted else { return fresh.forEach { $0.close() } }
      context.observe(.listening(listener: index, address))
    } catch {
      context.observe(
        .listenerNotRevived(
          listener: index, attempt: attempt, .listening(listener: index, error)))
      scheduleRevival(of: index, on: loop, attempt: attempt + 1)
    }
  }
}

extension ListenerConfiguration {
  /// The part of it that the transport keeps to.
  var transportOptions: Listener.Options {
    var options = Listener.Options()
    options.backlog = Int32(clamping: backlog)
    options.tls = tls
    options.isIPv6Only = isIPv6Only
    options.reusePort = sharesPort
    options.sendsAtOnce = sendsAtOnce
    options.receiveBufferByteCount = receiveBufferByteCount
    options.sendBufferByteCount = sendBufferByteCount
    options.keepAlive = keepAlive
    return options
  }
}
