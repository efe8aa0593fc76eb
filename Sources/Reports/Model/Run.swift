/// What one invocation of the suite found out: the truth that every report is rendered from.
///
/// A run may hold conformance results, load results, or both. It can be written at any time,
/// half-way included (``isComplete``). `Documentation/run-json.md` describes its JSON.
public struct Run: Codable, Equatable, Sendable {
  /// The version of the schema that this program writes.
  public static let currentSchemaVersion = 1

  /// The version of the schema that this run was written in.
  public var schemaVersion: Int
  /// The program that made the run.
  public var tool: Tool
  /// A short name that people gave to the run, for pages that show several.
  public var title: String?
  /// When the run began.
  public var started: Timestamp
  /// How long the run took, in nanoseconds.
  public var elapsedNanoseconds: Int64
  /// The command line, program name first, without the values of ``SecretFields``.
  public var commandLine: [String]
  /// The machine and the libraries.
  public var environment: Environment
  /// False while the run is still going, and in what an interrupted run leaves behind.
  public var isComplete: Bool
  /// What the cases said about each peer.
  public var conformance: ConformanceResults?
  /// One entry for each load scenario that was played.
  public var load: [LoadResults]
  /// How much a server carries; the load entry beside it is the last play at its capacity.
  public var capacity: CapacityResults?

  /// Creates a run.
  public init(
    tool: Tool = .gauntlet, title: String? = nil, started: Timestamp = .now(),
    elapsed: Duration = .zero, commandLine: [String] = CommandLine.arguments,
    environment: Environment = .current(), isComplete: Bool = false,
    conformance: ConformanceResults? = nil, load: [LoadResults] = []
  ) {
    schemaVersion = Self.currentSchemaVersion
    self.tool = tool
    self.title = title
    self.started = started
    elapsedNanoseconds = elapsed.wholeNanoseconds
    self.commandLine = SecretFields.hidden(inCommand: commandLine)
    self.environment = environment
    self.isComplete = isComplete
    self.conformance = conformance
    self.load = load
  }

  /// Whether it is one part of a run that several processes played.
  public var isPart: Bool { load.contains { $0.shard != nil } }

  /// How long the run took.
  public var elapsed: Duration {
    get { .nanoseconds(elapsedNanoseconds) }
    set { elapsedNanoseconds = newValue.wholeNanoseconds }
  }
}

/// The program that made a run.
public struct Tool: Codable, Equatable, Sendable {
  /// The program's name.
  public var name: String
  /// The program's version.
  public var version: String

  /// Creates a description of a program.
  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// This program.
  public static let gauntlet = Tool(name: "gauntlet", version: "0.1.0")
}

/// A named fact, in the order in which it should be shown.
public struct Fact: Codable, Equatable, Sendable {
  /// What the fact is about.
  public var name: String
  /// What it is.
  public var value: String

  /// Creates a fact.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
