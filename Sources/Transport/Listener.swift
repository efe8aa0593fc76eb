internal import CLinux
internal import Glibc

/// Accepts connections for one loop and makes a socket of each.
///
/// Binding happens in the initialiser, so that its errors are the caller's; accepting begins when
/// the loop runs. When the process has no descriptors left, connections are refused politely with a
/// descriptor held in reserve, then accepting rests for a moment instead of spinning.
///
/// `@unchecked Sendable`: what changes after the initialiser is touched by the loop's thread only.
public final class Listener: @unchecked Sendable {
  /// How to listen.
  public struct Options: Sendable {
    /// How many connections may wait to be accepted (the system may allow fewer).
    public var backlog: Int32 = 4096
    /// Lets several loops listen at one TCP address (SO_REUSEPORT).
    public var reusePort = false
    /// Whether an IPv6 listener takes IPv6 only; otherwise `[::]` takes IPv4 as well.
    public var isIPv6Only = false
    /// Whether small writes go out at once (TCP_NODELAY, inherited by what is accepted).
    public var sendsAtOnce = true
    /// The kernel's buffer for incoming octets (SO_RCVBUF); `nil` leaves it to the system.
    public var receiveBufferByteCount: Int?
    /// The kernel's buffer for outgoing octets (SO_SNDBUF); `nil` leaves it to the system.
    public var sendBufferByteCount: Int?
    /// Has the kernel ask silent peers for a sign of life (SO_KEEPALIVE); `nil` leaves it off.
    public var keepAlive: KeepAlive?
    /// Speaks TLS with every connection.
    public var tls: TLSContext?
    /// How long a peer may take to agree on TLS.
    public var handshakeTimeout: Duration = .seconds(10)

    /// The options as documented.
    public init() {}
  }

  /// When the kernel asks a silent peer whether it is there, and when it gives it up.
  public struct KeepAlive: Sendable, Hashable {
    /// Silence before the first question (TCP_KEEPIDLE), in whole seconds.
    public var idle: Duration
    /// From one question to the next (TCP_KEEPINTVL), in whole seconds.
    public var interval: Duration
    /// Unanswered questions after which the connection is given up (TCP_KEEPCNT).
    public var probeCount: Int

    /// The times and the count; the defaults find a dead peer within two minutes.
    public init(
      idle: Duration = .seconds(60), interval: Duration = .seconds(15), probeCount: Int = 4
    ) {
      self.idle = idle
      self.interval = interval
      self.probeCount = probeCount
    }
  }

  /// A connection that has come in.
  public struct Accepted {
    /// The loop that it belongs to.
    public let loop: EventLoop
    /// Where it comes from; a Unix-domain client has an empty path.
    public let peerAddress: SocketAddress
    /// Where the listener listens.
    public let listenerAddress: SocketAddress
  }

  /// Makes a socket for a connection, on the loop; `nil` refuses it.
  public typealias MakeSocket = @Sendable (Accepted) -> StreamSocket?

  /// The loop that accepts.
  public let loop: EventLoop
  /// Where it listens, with the port that the system has chosen if 0 was asked for.
  public let localAddress: SocketAddress
  private let options: Options
  private let makeSocket: MakeSocket
  private let onError: (@Sendable (TransportError) -> Void)?
  private let onDeath: (@Sendable (Listener, TransportError) -> Void)?
  private let ownsPath: Bool
  private var descriptor: Int32
  private var reserve: Int32
  private var isRegistered = false

  /// Binds and listens at `address`; `onError` hears on the loop of connections that were lost,
  /// `onDeath` when the listening socket itself has failed and is closed.
  ///
  /// A Unix-domain path that a dead process has left behind is replaced; one that is in use, or
  /// that is no socket, is an error.
  public convenience init(
    loop: EventLoop, address: SocketAddress, options: Options = Options(),
    onError: (@Sendable (TransportError) -> Void)? = nil,
    onDeath: (@Sendable (Listener, TransportError) -> Void)? = nil,
    makeSocket: @escaping MakeSocket
  ) throws(TransportError) {
    let descriptor = try Listener.bind(address, options)
    self.init(
      loop: loop, descriptor: descriptor, address: address, ownsPath: true, options: options,
      onError: onError, onDeath: onDeath,
      makeSocket: makeSocket)
    start()
  }

  private init(
    loop: EventLoop, descriptor: Int32, address: SocketAddress, ownsPath: Bool, options: Options,
    onError: (@Sendable (TransportError) -> Void)?,
    onDeath: (@Sendable (Listener, TransportError) -> Void)?, makeSocket: @escaping MakeSocket
  ) {
    self.loop = loop
    self.descriptor = descriptor
    localAddress = SocketAddress(.local, of: descriptor) ?? address
    self.ownsPath = ownsPath
    self.options = options
    self.onError = onError
    self.onDeath = onDeath
    self.makeSocket = makeSocket
    reserve = Descriptors.reserve()
  }

  deinit { closeNow() }

  /// Listens at one address with all of `loops`.
  ///
  /// Every loop has its own listening socket; port 0 becomes the same port for all. A port that
  /// another program has is an error, even if that program would share it.
  public static func listen(
    on loops: [EventLoop], at address: SocketAddress, options: Options = Options(),
    onError: (@Sendable (TransportError) -> Void)? = nil,
    onDeath: (@Sendable (Listener, TransportError) -> Void)? = nil,
    makeSocket: @escaping MakeSocket
  ) throws(TransportError) -> [Listener] {
    var options = options
    var address = address
    if case .unix = address {
      return try listenAtPath(
        on: loops, address, options: options, onError: onError, onDeath: onDeath,
        makeSocket: makeSocket)
    }
    if loops.count > 1, !options.reusePort {
      // A trial without sharing finds out whether the port is free, and which one 0 means.
      let trial = try bind(address, options, isTrial: true)
      address = SocketAddress(.local, of: trial) ?? address
      _ = Glibc.close(trial)
      options.reusePort = true
    }
    var listeners: [Listener] = []
    for loop in loops {
      listeners.append(
        try Listener(
          loop: loop, address: address, options: options, onError: onError, onDeath: onDeath,
          makeSocket: makeSocket))
    }
    return listeners
  }

  /// A path has one socket; the loops share it.
  private static func listenAtPath(
    on loops: [EventLoop], _ address: SocketAddress, options: Options,
    onError: (@Sendable (TransportError) -> Void)?,
    onDeath: (@Sendable (Listener, TransportError) -> Void)?, makeSocket: @escaping MakeSocket
  ) throws(TransportError) -> [Listener] {
    let first = try bind(address, options)
    var listeners: [Listener] = []
    for (index, loop) in loops.enumerated() {
      let descriptor = index == 0 ? first : fcntl(first, F_DUPFD_CLOEXEC, 0)
      guard descriptor >= 0 else {
        throw TransportError(errno: errno, attempt: "listen at \(address)")
      }
      listeners.append(
        Listener(
          loop: loop, descriptor: descriptor, address: address, ownsPath: index == 0,
          options: options, onError: onError, onDeath: onDeath,
          makeSocket: makeSocket))
    }
    for listener in listeners { listener.start() }
    return listeners
  }

  private func start() {
    loop.execute { [self] in
      guard descriptor >= 0, !isRegistered else { return }
      isRegistered = loop.register(self, descriptor: descriptor) == 0
    }
  }

  /// Stops accepting and gives the address up, from any thread; accepted connections go on.
  public func close() {
    if loop.isCurrent { closeNow() } else { loop.execute { [self] in closeNow() } }
  }

  /// Closes the listening socket; on the loop, or when nobody else refers to the listener.
  func closeNow() {
    guard descriptor >= 0 else { return }
    // While the socket is open nobody else takes the path, so what is removed is ours.
    if ownsPath, case .unix(let path) = localAddress, !path.hasPrefix("@") {
      _ = unsafe unlink(path)
    }
    if isRegistered { loop.unregister(descriptor: descriptor) }
    _ = Glibc.close(descriptor)
    descriptor = -1
    if reserve >= 0 { _ = Glibc.close(reserve) }
    reserve = -1
    if isRegistered {
      isRegistered = false
      loop.forget(self)
    }
  }

  // MARK: Accepting

  /// At most so many connections are accepted before others have their turn.
  private static let batch = 64

  /// Connections are waiting.
  func acceptReady() {
    for _ in 0..<Self.batch {
      guard descriptor >= 0 else { return }
      let (accepted, peer) = Descriptors.accept(descriptor)
      if accepted >= 0 {
        open(accepted, from: peer)
        continue
      }
      switch -accepted {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return refuse(-accepted)
      // The listening socket itself is of no use any more: shut down, or not ours.
      case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP: return died(-accepted)
      // Errors of the one connection, which is gone: ECONNABORTED and the network's.
      default: continue
      }
    }
  }

  private func open(_ accepted: Int32, from peer: SocketAddress?) {
    let connection = Accepted(
      loop: loop, peerAddress: peer ?? .unix(path: ""), listenerAddress: localAddress)
    guard let socket = makeSocket(connection) else {
      _ = Glibc.close(accepted)
      return
    }
    socket.accepted(accepted, tls: options.tls, handshakeTimeout: options.handshakeTimeout) {
      onError?($0)
    }
  }

  private func died(_ code: Int32) {
    closeNow()
    onDeath?(self, TransportError(errno: code, attempt: "go on listening at \(localAddress)"))
  }

  /// Refuses what is waiting, with the descriptor held in reserve, and rests for a moment.
  private func refuse(_ code: Int32) {
    for _ in 0..<Self.batch {
      guard reserve >= 0 else { break }
      _ = Glibc.close(reserve)
      let (accepted, _) = Descriptors.accept(descriptor)
      if accepted >= 0 { _ = Glibc.close(accepted) }
      reserve = Descriptors.reserve()
      if accepted < 0 { break }
    }
    if reserve < 0 { reserve = Descriptors.reserve() }
    _ = loop.setInterest(self, descriptor: descriptor, isAccepting: false)
    loop.schedule(after: .milliseconds(100)) { [self] in
      guard descriptor >= 0 else { return }
      if reserve < 0 { reserve = Descriptors.reserve() }
      _ = loop.setInterest(self, descriptor: descriptor, isAccepting: true)
    }
    onError?(TransportError(errno: code, attempt: "accept a connection at \(localAddress)"))
  }

  // MARK: Binding

  private static func bind(
    _ address: SocketAddress, _ options: Options, isTrial: Bool = false
  ) throws(TransportError) -> Int32 {
    let attempt = "listen at \(address)"
    let descriptor = Descriptors.streamSocket(address.family)
    guard descriptor >= 0 else { throw TransportError(errno: -descriptor, attempt: attempt) }
    apply(options, to: descriptor, address, reusePort: options.reusePort && !isTrial)
    var code = Descriptors.bind(descriptor, to: address)
    if code == EADDRINUSE, case .unix(let path) = address, removeStaleSocket(path, address) {
      code = Descriptors.bind(descriptor, to: address)
    }
    if code == 0, !isTrial, Glibc.listen(descriptor, options.backlog) != 0 { code = errno }
    guard code == 0 else {
      _ = Glibc.close(descriptor)
      throw TransportError(errno: code, attempt: attempt)
    }
    return descriptor
  }

  private static func apply(
    _ options: Options, to descriptor: Int32, _ address: SocketAddress, reusePort: Bool
  ) {
    if let count = options.receiveBufferByteCount {
      Descriptors.set(descriptor, SOL_SOCKET, SO_RCVBUF, count)
    }
    if let count = options.sendBufferByteCount {
      Descriptors.set(descriptor, SOL_SOCKET, SO_SNDBUF, count)
    }
    guard address.port != nil else { return }
    Descriptors.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    if reusePort { Descriptors.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
    if let keepAlive = options.keepAlive {
      Descriptors.set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
      Descriptors.set(descriptor, Descriptors.tcp, TCP_KEEPIDLE, keepAlive.idle.wholeSeconds)
      Descriptors.set(descriptor, Descriptors.tcp, TCP_KEEPINTVL, keepAlive.interval.wholeSeconds)
      Descriptors.set(descriptor, Descriptors.tcp, TCP_KEEPCNT, keepAlive.probeCount)
    }
    if options.sendsAtOnce { Descriptors.set(descriptor, Descriptors.tcp, TCP_NODELAY, 1) }
    if address.family == AF_INET6 {
      Descriptors.set(descriptor, Descriptors.ipv6, IPV6_V6ONLY, options.isIPv6Only ? 1 : 0)
    }
  }

  /// Removes a socket file that nobody listens at any more; `false` if it is anything else.
  private static func removeStaleSocket(_ path: String, _ address: SocketAddress) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      return false
    }
    let probe = Descriptors.streamSocket(AF_UNIX)
    guard probe >= 0 else { return false }
    defer { _ = Glibc.close(probe) }
    guard Descriptors.connect(probe, to: address) == ECONNREFUSED else { return false }
    return unsafe unlink(path) == 0
  }
}

extension Duration {
  /// Seconds, rounded up to at least one.
  fileprivate var wholeSeconds: Int {
    max(1, Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0))
  }
}
