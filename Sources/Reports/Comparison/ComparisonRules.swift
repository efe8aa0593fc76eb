/// When a difference counts.
public struct ComparisonRules: Equatable, Sendable {
  /// What load runs are compared by, unless somebody says otherwise.
  ///
  /// Few, for each further question makes all answers less sure; and none that another one implies.
  public static let usualMetrics: [LoadMetric] = [
    .rate, .percentile(50, ofSetUp: false), .percentile(99, ofSetUp: false),
    .errors(asShare: false),
    .reach, .connected, .percentile(50, ofSetUp: true), .serverCPU,
  ]

  /// What load runs are compared by.
  public var metrics = Self.usualMetrics
  /// How sure a verdict on all metrics together must be, and how sure intervals are; 0 to 1.
  public var confidence = 0.95
  /// Relative changes below it are none: `0.02` are 2 %.
  public var minimumEffect = 0.02
  /// How often the samples are drawn again for an interval.
  public var drawCount = 4000
  /// Whether the first runs of both sides were made one beside the other, and so the second ones, and so on:
  /// then what the machine did meanwhile met both alike.
  public var isPaired = false
  /// What the intervals' draws begin from.
  public var seed: UInt64 = 1
  /// Whether every change for the worse is a regression, and not only what stops a gate.
  public var isStrict = false
  /// Whether runs are compared that should not be.
  public var isForced = false

  /// The usual rules; they are variables to be changed.
  public init() {}

  /// How likely a false alarm may be.
  public var significance: Double { 1 - confidence }
}

/// Why runs cannot be compared; one line that says what differs.
public struct ComparisonError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What differs, each in a few words.
  public var differences: [String]
  /// Whether ``ComparisonRules/isForced`` would help.
  public var canBeForced: Bool

  /// Creates an error.
  public init(_ differences: [String], canBeForced: Bool) {
    self.differences = differences
    self.canBeForced = canBeForced
  }

  /// One line for people.
  public var description: String {
    "these runs cannot be compared: " + differences.joined(separator: "; ")
  }
}
