/// Pings peers that are silent, and ends the connections of those that do not answer (RFC 6455 §5.5.2).
public struct Heartbeat: Sendable {
  /// What becomes of one beat.
  public enum Beat: Sendable, Hashable {
    /// A Ping with this payload of at most 125 octets.
    case ping([UInt8] = [])
    /// No Ping this time: the peer counts as alive.
    case skip
  }

  /// Silence after which a peer is pinged.
  public var interval: Duration
  /// From the Ping to the end of the connection, unless anything at all comes from the peer.
  public var timeout: Duration
  /// Asked before each beat, on the connection's loop; `nil` pings without payload.
  public var beforeBeat: (@Sendable (ServerConnection) -> Beat)?

  /// A heartbeat; a dead peer is gone after interval and timeout.
  public init(
    interval: Duration = .seconds(30), timeout: Duration = .seconds(10),
    beforeBeat: (@Sendable (ServerConnection) -> Beat)? = nil
  ) {
    self.interval = interval
    self.timeout = timeout
    self.beforeBeat = beforeBeat
  }
}
