internal import CLinux
internal import Glibc
internal import Synchronization

/// Connects sockets to one endpoint: resolves it once, tries its addresses in order, agrees on TLS.
///
/// One connector serves any number of sockets on any loops; TLS sessions are used again.
public final class Connector: Sendable {
  /// How to connect.
  public struct Options: Sendable {
    /// How long all of it may take: name, connection, TLS.
    public var timeout: Duration = .seconds(10)
    /// Our side's address, with port 0 for any; it must be of the endpoint's kind.
    public var localAddress: SocketAddress?
    /// Our side's addresses, with port 0 for any, used in turn where ``localAddress`` is nil; an
    /// attempt takes the next that is of its endpoint's kind.
    public var localAddresses: [SocketAddress] = []
    /// Whether small writes go out at once (TCP_NODELAY).
    public var sendsAtOnce = true
    /// The kernel's buffer for incoming octets (SO_RCVBUF); `nil` leaves it to the system.
    public var receiveBufferByteCount: Int?
    /// The kernel's buffer for outgoing octets (SO_SNDBUF); `nil` leaves it to the system.
    public var sendBufferByteCount: Int?
    /// Speaks TLS.
    public var tls: TLSContext?
    /// The name that the certificate must carry and that SNI sends; by default the endpoint's.
    public var serverName: String?

    /// The options as documented.
    public init() {}
  }

  private enum Resolution {
    case unknown
    case underWay([@Sendable (Result<[SocketAddress], TransportError>) -> Void])
    case known([SocketAddress])
  }

  /// Where it connects to.
  public let endpoint: Endpoint
  /// How it connects.
  public let options: Options
  private let resolution = Mutex(Resolution.unknown)
  private let turn = Atomic(0)

  /// A connector; nothing happens yet.
  public init(to endpoint: Endpoint, options: Options = Options()) {
    self.endpoint = endpoint
    self.options = options
  }

  /// The name to verify and to send with SNI.
  var serverName: String {
    if let name = options.serverName { return name }
    switch endpoint {
    case .host(let name, _): return name
    case .address(let address): return address.host
    }
  }

  /// Our side's address for the next attempt to connect to `address`; nil for any.
  func localAddress(for address: SocketAddress) -> SocketAddress? {
    if let address = options.localAddress { return address }
    let count = options.localAddresses.count
    for _ in 0..<count {
      let next = turn.wrappingAdd(1, ordering: .relaxed).oldValue
      let local = options.localAddresses[Int(UInt(bitPattern: next) % UInt(count))]
      if local.family == address.family { return local }
    }
    return nil
  }

  /// Begins to connect `socket`, on its loop.
  ///
  /// It ends with `connected(_:)`, or with `closed(.connectFailed(…))`; `abort()` and `close()` end
  /// it early.
  public func connect(_ socket: StreamSocket) {
    socket.beginConnecting(ConnectAttempt(self, loop: socket.loop), with: self)
  }

  /// Calls `completion` with the endpoint's addresses: on a resolver thread, or before returning.
  func addresses(
    _ completion: @escaping @Sendable (Result<[SocketAddress], TransportError>) -> Void
  ) {
    if let literal = endpoint.literal { return completion(.success([literal])) }
    guard case .host(let name, let port) = endpoint else { return }
    let (known, begins): ([SocketAddress]?, Bool) = resolution.withLock { resolution in
      switch resolution {
      case .known(let addresses): return (addresses, false)
      case .underWay(let others):
        resolution = .underWay(others + [completion])
        return (nil, false)
      case .unknown:
        resolution = .underWay([completion])
        return (nil, true)
      }
    }
    if let known { return completion(.success(known)) }
    guard begins else { return }
    typealias Completion = @Sendable (Result<[SocketAddress], TransportError>) -> Void
    Resolver.resolve(name, port: port) { [self] result in
      let waiting: [Completion] = resolution.withLock { resolution in
        guard case .underWay(let waiting) = resolution else { return [] }
        resolution =
          if case .success(let addresses) = result { .known(addresses) } else { .unknown }
        return waiting
      }
      for completion in waiting { completion(result) }
    }
  }
}

/// One socket's way to its connection; on the loop only.
final class ConnectAttempt {
  /// `nil` for an accepted connection on its way through TLS.
  let connector: Connector?
  let loop: EventLoop
  var timings = ConnectTimings(started: .now)
  var addresses: [SocketAddress] = []
  var next = 0
  var current: SocketAddress?
  var lastError: TransportError?
  var timer: TimerToken?

  init(_ connector: Connector?, loop: EventLoop) {
    self.connector = connector
    self.loop = loop
  }

  /// Ends the time limit.
  func cancel() {
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  /// What the attempt is, for messages.
  var text: String {
    guard let connector else { return "agree on TLS with the client" }
    guard let current, case .host(let name, _) = connector.endpoint,
      connector.endpoint.literal == nil
    else { return "connect to \(connector.endpoint)" }
    return "connect to \(name) at \(current)"
  }

  func error(_ kind: TransportError.Kind, _ detail: String, code: Int32 = 0) -> TransportError {
    TransportError(kind, attempt: text, detail: detail, code: code)
  }
}
