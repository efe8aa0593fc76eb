/// How the health of the peer is watched while hostile cases play, and what counts as healthy.
///
/// Each such case has company: a second connection that breaks no rule and asks for echoes before,
/// while and after the case plays. Where the peer's process is known, it must stay alive, within
/// these budgets, and come back to as many descriptors as it had.
public struct HealthOptions: Sendable {
  /// The process of the peer, on this machine; nil: not known.
  ///
  /// Processes that it has started count too.
  public var processID: Int32?
  /// How much resident memory may grow while one case plays, in octets.
  public var memoryByteCount: Int64 = 64 << 20
  /// How long the second connection may wait for an echo.
  public var answerTimeout = Duration.seconds(5)
  /// How long after a case the peer may take to come to rest: descriptors closed, processor idle.
  ///
  /// Many libraries wait ten seconds for the other side's Close before they give up a connection.
  public var settlingTime = Duration.seconds(12)

  /// Watches with the usual budgets.
  public init(processID: Int32? = nil) {
    self.processID = processID
  }
}

/// What was found out about the peer's health while a case played.
public struct HealthReport: Equatable, Sendable {
  /// What was wrong, one line each; none: the peer is healthy.
  public var complaints: [String] = []
  /// How many echoes the second connection got.
  public var answerCount = 0
  /// The longest that it waited for one.
  public var longestWait = Duration.zero
  /// How much resident memory grew, at the most; nil where the process is not known.
  public var memoryGrowth: Int64?
  /// The processor time that was used; nil where the process is not known.
  public var processorTime: Duration?

  /// Nothing was found out yet.
  public init() {}
}
