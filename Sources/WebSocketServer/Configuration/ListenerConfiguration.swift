public import Transport

/// One address to listen on.
public struct ListenerConfiguration: Sendable {
  /// The address; port 0 lets the system choose one, `[::]` takes IPv4 as well unless `isIPv6Only`.
  public var address: SocketAddress

  /// The TLS side of it, or `nil` for plain TCP.
  public var tls: TLSContext?

  /// The length of the kernel's queue of connections not yet accepted.
  public var backlog: Int

  /// Whether an IPv6 listener takes IPv6 only.
  public var isIPv6Only = false

  /// Whether other programs of the same user may listen at the same port (SO_REUSEPORT).
  ///
  /// Without it, a port that anybody else has is an error.
  public var sharesPort = false

  /// Whether small writes go out at once (TCP_NODELAY).
  public var sendsAtOnce = true

  /// The kernel's buffer for incoming octets (SO_RCVBUF); `nil` leaves it to the system.
  public var receiveBufferByteCount: Int?

  /// The kernel's buffer for outgoing octets (SO_SNDBUF); `nil` leaves it to the system.
  public var sendBufferByteCount: Int?

  /// Has the kernel ask silent peers for a sign of life; `nil` leaves it off.
  public var keepAlive: Listener.KeepAlive?

  /// Creates a listener's configuration.
  public init(address: SocketAddress, tls: TLSContext? = nil, backlog: Int = 4096) {
    self.address = address
    self.tls = tls
    self.backlog = backlog
  }

  /// The configurations for a host and a service by their names, one for each address that they have.
  ///
  /// Names are looked up now, which may block.
  /// - Parameters:
  ///   - host: A name or a literal; `nil` or `*` stands for all addresses, IPv6 and IPv4.
  ///   - service: A port by number, or by its name in the system's list, such as `http`.
  ///   - tls: The TLS side, or `nil` for plain TCP.
  /// - Returns: At least one configuration.
  /// - Throws: ``ServerError`` if there is no such host or service.
  public static func named(
    host: String?, service: String, tls: TLSContext? = nil
  ) throws(ServerError) -> [ListenerConfiguration] {
    do {
      return try SocketAddress.listening(host: host, service: service)
        .map { ListenerConfiguration(address: $0, tls: tls) }
    } catch {
      throw .transport(error)
    }
  }
}

/// Revives a listener that has failed while nobody asked it to stop.
public struct Watchdog: Sendable, Hashable {
  /// From a failure to the next attempt.
  public var interval: Duration
  /// How many attempts there are for one failure; `nil` never gives up.
  public var attemptCount: Int?

  /// A watchdog that tries every second for ever, unless told otherwise.
  public init(interval: Duration = .seconds(1), attemptCount: Int? = nil) {
    self.interval = interval
    self.attemptCount = attemptCount
  }
}
