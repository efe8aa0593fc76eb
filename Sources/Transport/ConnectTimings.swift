/// When the phases of a connection's making were over.
public struct ConnectTimings: Sendable {
  /// When the attempt began, or the connection was accepted.
  public var started: ContinuousClock.Instant
  /// When the name was resolved; `nil` where nothing had to be.
  public var resolved: ContinuousClock.Instant?
  /// When the connection itself was up (for a connecting socket, the successful address's).
  public var tcpConnected: ContinuousClock.Instant
  /// When TLS was agreed on; `nil` without TLS.
  public var tlsEstablished: ContinuousClock.Instant?

  init(started: ContinuousClock.Instant) {
    self.started = started
    tcpConnected = started
  }
}
