public import Reports

/// How a run stands: once a second, for whoever watches.
public struct LoadProgress: Sendable, Equatable {
  /// What the run is doing.
  public var phase: RunPhase
  /// Since the run began, connecting included.
  public var elapsed: Duration
  /// How much of the phase is over, 0 to 1; nil where that is not known.
  public var phaseFraction: Double?
  /// Connections that are open.
  public var openConnections: Int
  /// Connections that the plan asks for.
  public var plannedConnections: Int
  /// Replies per second in the last interval.
  public var messagesPerSecond: Double = 0
  /// Latencies of the last interval in nanoseconds; nil where there was no reply.
  public var p50Nanoseconds: Int64?
  /// See ``p50Nanoseconds``.
  public var p99Nanoseconds: Int64?
  /// Faults, failed connections included, until now.
  public var errors: UInt64 = 0
  /// What happened in the last interval, of all groups together; nil while connecting.
  public var interval: LoadSample?
  /// Whether the generator kept up in it; nil while connecting.
  public var generator: GeneratorReport?
  /// Messages of an open loop that went out in it more than a millisecond after they were due.
  public var lateMessages: UInt64 = 0

  /// How a run stands; what is not known at first is filled in.
  public init(
    phase: RunPhase, elapsed: Duration, openConnections: Int, plannedConnections: Int
  ) {
    self.phase = phase
    self.elapsed = elapsed
    self.openConnections = openConnections
    self.plannedConnections = plannedConnections
  }
}
