import HTTP
public import Transport
public import WebSocketProtocol

/// A twin that connects: an echo client that breaks at most one rule.
public final class TwinClient: Sendable {
  /// What came of one connection.
  public struct Outcome: Sendable {
    /// The opening handshake was completed.
    public let isOpened: Bool
    /// The payload of the last message that came.
    public let lastPayload: [UInt8]?
    /// How TCP ended.
    public let reason: CloseReason
    /// Where the server has led it, if it follows.
    public let redirect: String?
  }

  private let fault: Fault?
  private let tls: TLSContext?
  private let group: EventLoopGroup
  private let keys: LoopBound<MaskingKeySource>

  /// A client; `tls` is needed for `wss`.
  ///
  /// - Parameters:
  ///   - fault: The broken rule; nil: none, an honest client.
  ///   - tls: How to speak TLS.
  /// - Throws: if the system gives no event loop, or the authorities cannot be used.
  public init(_ fault: Fault?, tls: TLSClientOptions? = nil) throws(TransportError) {
    self.fault = fault
    if var options = tls {
      fault?.deviation.changesTLS?(&options)
      self.tls = try TLSContext(client: options)
    } else {
      self.tls = nil
    }
    group = try EventLoopGroup(count: 1, name: "gauntlet-twin")
    keys = LoopBound(MaskingKeySource.random(), on: group.loops[0])
  }

  /// Ends all connections at once; to be called once, last.
  public func stop() { group.stop() }

  /// Connects, and echoes until the connection is closed.
  ///
  /// - Parameter destination: Where the server is.
  /// - Throws: if it cannot connect.
  /// - Returns: What came of it; where it follows a redirect, what came of that.
  public func echo(_ destination: TwinDestination) async throws(TransportError) -> Outcome {
    let credentials = destination.credentials
    let outcome = try await connect(destination.url, credentials, as: fault)
    guard let place = outcome.redirect, let next = try? WebSocketURL(place) else { return outcome }
    return try await connect(next, credentials, as: fault)
  }

  /// Connects and sends nothing until the connection is closed, as an honest client.
  ///
  /// - Returns: What came, among it the last message.
  public func listen(_ url: WebSocketURL) async throws(TransportError) -> Outcome {
    try await connect(url, nil, as: .listener)
  }

  private func connect(
    _ url: WebSocketURL, _ credentials: String?, as fault: Fault?
  ) async throws(TransportError) -> Outcome {
    var options = Connector.Options()
    if url.isSecure { options.tls = tls }
    let endpoint: Endpoint =
      if let path = url.socketPath {
        .address(try SocketAddress(parsing: "unix:\(path)"))
      } else {
        .host(url.host, port: UInt16(clamping: url.port))
      }
    let connector = Connector(to: endpoint, options: options)
    let authorization = credentials.map { "Basic " + Base64.encode(Array($0.utf8)) }
    let (loop, keys) = (group.loops[0], keys)
    let outcome: Outcome = await withCheckedContinuation { continuation in
      loop.execute {
        let twin = Twin(
          client: fault, url: url, key: Self.handshakeKey(), authorization: authorization,
          keys: keys.value, at: loop.now)
        let socket = TwinSocket(twin, loop: loop) { twin, reason in
          continuation.resume(
            returning: Outcome(
              isOpened: twin.isOpen, lastPayload: twin.lastPayload, reason: reason,
              redirect: twin.redirect))
        }
        connector.connect(socket)
      }
    }
    if case .connectFailed(let error) = outcome.reason { throw error }
    return outcome
  }

  /// A key drawn anew.
  private static func handshakeKey() -> HandshakeKey {
    var generator = SystemRandomNumberGenerator()
    return HandshakeKey(octets: (0..<16).map { _ in generator.next() })
  }
}

extension Fault {
  /// Not a fault: a client that keeps what it hears to itself.
  fileprivate static let listener = Fault(
    .client, .control, "listener", "RFC 6455 §1.2", "It sends nothing back."
  ) { $0.echoes = { _, _ in [] } }
}
