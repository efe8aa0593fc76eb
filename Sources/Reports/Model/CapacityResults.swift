/// How much a server carries while it meets its objectives, and how that was found.
public struct CapacityResults: Codable, Equatable, Sendable {
  /// What was raised until an objective was missed.
  public enum Axis: String, Codable, CaseIterable, Sendable {
    /// Messages per second, over all connections.
    case rate
    /// Connections.
    case connections
  }

  /// Why the search ended.
  public enum Ending: String, Codable, Sendable {
    /// The capacity lies between what was carried and what was not.
    case found
    /// Even the greatest load that was asked for was carried.
    case limitReached
    /// Not even the least load was carried.
    case nothingCarried
    /// The generator could not make more load: the capacity may be greater.
    case generatorExhausted
    /// Somebody ended it.
    case interrupted
  }

  /// One play at one load.
  public struct Probe: Codable, Equatable, Sendable {
    /// The load: messages per second, or connections.
    public var load: Double
    /// Whether all objectives were met.
    public var isMet: Bool
    /// The objectives that were missed, or what else went wrong, in words.
    public var missed: [String]
    /// Messages received per second.
    public var messagesPerSecond: Double
    /// Percentiles of latency, from the planned send, in nanoseconds; nil without messages.
    public var p50Nanoseconds: Int64?
    /// The 99th.
    public var p99Nanoseconds: Int64?
    /// The 99.9th.
    public var p999Nanoseconds: Int64?
    /// Errors of any kind.
    public var errorCount: Int
    /// The processors that the server's process kept busy, 1.0 being one, where it was observed.
    public var serverProcessors: Double?
    /// Whether the numbers tell of the server.
    public var validity: GeneratorReport.Validity

    /// Creates a probe of which nothing but its load is known.
    public init(load: Double, isMet: Bool, missed: [String] = []) {
      self.load = load
      self.isMet = isMet
      self.missed = missed
      messagesPerSecond = 0
      errorCount = 0
      validity = .valid
    }
  }

  /// What was raised.
  public var axis: Axis
  /// The objectives, as they were written.
  public var objectives: [String]
  /// Why the search ended.
  public var ending: Ending
  /// The greatest load that was carried in most of its plays; nil if none was.
  public var capacity: Double?
  /// The greatest load that was carried in all of its plays.
  public var low: Double?
  /// The least load above it that was carried in none of its plays.
  public var high: Double?
  /// The load from which on latency rises faster than throughput; nil if no curve was seen.
  public var knee: Double?
  /// What gave out first, in words.
  public var exhausted: String?
  /// All plays, in their order.
  public var probes: [Probe]

  /// Creates results.
  public init(axis: Axis, objectives: [String], ending: Ending, probes: [Probe]) {
    self.axis = axis
    self.objectives = objectives
    self.ending = ending
    self.probes = probes
  }

  /// The curve: for each load the play of median p99, by load.
  public var curve: [Probe] {
    Dictionary(grouping: probes, by: \.load).values.compactMap { plays in
      let sorted = plays.sorted { ($0.p99Nanoseconds ?? 0) < ($1.p99Nanoseconds ?? 0) }
      return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }.sorted { $0.load < $1.load }
  }
}
