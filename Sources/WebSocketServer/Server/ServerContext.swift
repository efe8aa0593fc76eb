import HTTP
import Logging
import Synchronization
import Transport
import WebSocketProtocol

/// What all loops of a server share.
final class ServerContext: Sendable {
  /// Whose context it is; a server that runs keeps itself alive, to the end of its run.
  let server: WebSocketServer
  let configuration: ServerConfiguration
  let connectionConfiguration: ConnectionConfiguration
  let factory: HandlerFactory
  let log: ServerLog
  let observer: (@Sendable (ServerEvent) -> Void)?
  let responder: PlainResponder
  let headLimits: HeadLimits
  /// Decides on every request, where that is asked for.
  let gate: Gate?
  let sessions: SessionStore?
  /// The idle timeout; 0 for none.
  let idleMilliseconds: Int64
  let heartbeat: HeartbeatClock?
  /// Which peers may connect; `nil` for all.
  let peerFilter: ResolvedPeerFilter?
  let statistics = StatisticsCounters()
  /// Where measurements go; `nil` where nobody wants them.
  let metrics: ServerMetrics?
  private let origin = ContinuousClock.now
  /// Accepted and not yet gone, over all loops.
  let connectionCount = Atomic<Int>(0)
  let life = ServerLife()

  init(
    of server: WebSocketServer, configuration: ServerConfiguration, factory: HandlerFactory,
    log: ServerLog, observer: (@Sendable (ServerEvent) -> Void)?
  ) throws(ServerError) {
    self.server = server
    self.configuration = configuration
    connectionConfiguration = configuration.makeConnectionConfiguration()
    self.factory = factory
    self.log = log
    self.observer = observer
    headLimits = HeadLimits(
      maximumByteCount: configuration.limits.headByteCount,
      maximumFieldCount: configuration.limits.fieldCount)
    idleMilliseconds = configuration.timeouts.idle.map { max(1, Int64($0 / .milliseconds(1))) } ?? 0
    heartbeat = configuration.heartbeat.map(HeartbeatClock.init)
    peerFilter =
      configuration.peers == PeerFilter() ? nil : try ResolvedPeerFilter(configuration.peers)
    metrics = configuration.metricsPrefix.map(ServerMetrics.init)
    responder = PlainResponder(serverName: configuration.serverName)
    gate = Gate(configuration.access, configuration.http)
    sessions = configuration.http.sessions
  }

  /// Adds what every response says of the server and the connection.
  func complete(_ head: inout ResponseHead, closes: Bool) {
    if let name = configuration.serverName { head.fields[.server] = name }
    head.fields[.date] = WallClock.date
    if closes {
      head.fields[.connection] = head.fields[.connection].map { $0 + ", close" } ?? "close"
    }
  }

  /// Tells the observer, if there is one.
  func observe(_ event: @autoclosure () -> ServerEvent) {
    if let observer { observer(event()) }
  }

  /// Milliseconds of the server's life.
  func milliseconds(at now: ContinuousClock.Instant) -> Int64 {
    Int64((now - origin) / .milliseconds(1))
  }

  /// Nanoseconds of the server's life.
  func nanoseconds(at now: ContinuousClock.Instant) -> Int64 {
    Int64((now - origin) / .nanoseconds(1))
  }

  /// What has been counted until now.
  func snapshot() -> ServerStatistics {
    statistics.snapshot(activeCount: connectionCount.load(ordering: .relaxed))
  }

  /// A connection was lost before it was one.
  func acceptFailed(_ error: TransportError) {
    StatisticsCounters.add(1, to: statistics.acceptErrors)
    observe(.acceptFailed(error))
    log.write(.warning, .accepted, at: .now, "\(error)")
  }

  /// The application's own code has failed; the server goes on.
  func handlerFailed(_ error: any Error, id: ConnectionID) {
    StatisticsCounters.add(1, to: statistics.handlerErrors)
    observe(.handlerFailed(id, error))
    log.write(
      .warning, .handler, at: .now, "handler failed",
      metadata: ["id": "\(id)", "error": "\(type(of: error))"])
  }

  /// One of what keeps the server alive has ended.
  func connectionEnded() {
    life.end { observer?(.stopped) }
  }
}
