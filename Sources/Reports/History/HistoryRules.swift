/// What of a history is looked at, and when a change counts.
public struct HistoryRules: Equatable, Sendable {
  /// What the trends of load runs are about, unless somebody says otherwise.
  public static let usualMetrics: [LoadMetric] = [
    .rate, .percentile(50, ofSetUp: false), .percentile(99, ofSetUp: false),
    .errors(asShare: false), .serverCPU,
  ]

  /// What the trends of load runs are about.
  public var metrics = Self.usualMetrics
  /// How sure it is that a history without any change shows none; 0 to 1.
  public var confidence = 0.95
  /// Relative changes below it are none: `0.02` are 2 %.
  public var minimumEffect = 0.02
  /// How many runs there must be before and after a change.
  public var minimumCount = 3
  /// Among how many of the last runs a change for the worse is a regression.
  public var recentCount = 10
  /// What the permutations begin from.
  public var seed: UInt64 = 1
  /// Whether runs of different machines are one sequence.
  public var joinsMachines = false

  /// The usual rules; they are variables to be changed.
  public init() {}
}
