/// Makes one run of the parts that several processes or machines played of it.
///
/// ```swift
/// let merge = RunMerge(parts)
/// guard merge.problems.isEmpty else { return print(merge.problems) }
/// let run = try merge.run(objectives: ServiceLevel("p99<20ms"))
/// ```
///
/// Counts and errors are added and histograms merged without loss, so that percentiles are those of the whole. The
/// parts' intervals are laid side by side by the time on the wall; the percentiles of an interval are the greatest
/// of the parts', because intervals keep no histogram. The whole is trusted as little as the worst of its parts.
public struct RunMerge: Sendable {
  /// A part with where it was found.
  public struct Part: Sendable {
    /// Where it was found, for messages.
    public var path: String
    /// What was found.
    public var run: Run

    /// Creates a part.
    public init(path: String, run: Run) {
      self.path = path
      self.run = run
    }

    /// The number of the part, where it says one.
    var number: Int? { run.load.first?.shard?.number }
    /// How many parts there are, as it says.
    var count: Int? { run.load.first?.shard?.count }
    /// When it began to send.
    var sendingStarted: Timestamp { run.load.first?.shard?.sendingStarted ?? run.started }
  }

  /// Why parts cannot be merged even by force.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// One line that names the part.
    public let description: String
  }

  /// The parts, in the order of their numbers.
  public let parts: [Part]

  /// A merge of parts.
  public init(_ parts: [Part]) {
    self.parts = parts.enumerated().sorted {
      ($0.element.number ?? .max, $0.offset) < ($1.element.number ?? .max, $1.offset)
    }.map(\.element)
  }

  /// Why these parts are not one run; a line each, empty if they are.
  public var problems: [String] {
    var problems: [String] = []
    guard let first = parts.first else { return ["there is no part"] }
    for part in parts where part.run.load.isEmpty {
      problems.append("\(part.path): it holds no load results")
    }
    for part in parts where !part.run.load.isEmpty && part.number == nil {
      problems.append("\(part.path): it is no part of a run, and was played without --shard")
    }
    let counts = Set(parts.compactMap(\.count))
    if counts.count > 1 {
      problems.append(
        "the parts are of runs in \(counts.sorted().map { "\($0)" }.joined(separator: " and ")) parts"
      )
    } else if let count = counts.first {
      let found = Dictionary(grouping: parts, by: \.number)
      for number in 1...max(1, min(count, 10_000)) {
        let same = found[number] ?? []
        if same.isEmpty { problems.append("part \(number)/\(count) is missing") }
        if same.count > 1 {
          problems.append(
            "part \(number)/\(count) is there \(same.count) times: "
              + same.map(\.path).joined(separator: ", "))
        }
      }
    }
    for part in parts.dropFirst() where !part.run.load.isEmpty {
      for difference in Self.differences(first.run.load, part.run.load) {
        problems.append("\(part.path): another scenario than \(first.path): \(difference)")
      }
    }
    if let gap { problems.append(gap) }
    return problems
  }

  /// Parts that were not measured at the same time, in words; nil if all were.
  private var gap: String? {
    guard let origin = parts.first?.sendingStarted else { return nil }
    let spans = parts.compactMap { part in
      part.run.load.first.flatMap { load in
        load.phases.first(where: \.isMeasured).map { phase in
          let offset = phase.startNanoseconds.clampedDifference(load.sendingOffset)
          let start = [part.sendingStarted.nanoseconds(since: origin), offset].clampedSum
          return (start: start, end: [start, phase.durationNanoseconds].clampedSum)
        }
      }
    }
    guard let latest = spans.map(\.start).max(), let earliestEnd = spans.map(\.end).min(),
      latest >= earliestEnd
    else { return nil }
    return "the parts were not measured at the same time: give all of them one --start-at"
  }

  private static func differences(_ one: [LoadResults], _ other: [LoadResults]) -> [String] {
    guard one.map(\.group) == other.map(\.group) else {
      return ["\(other.count) groups, not \(one.count) of the same names"]
    }
    return zip(one, other).flatMap { one, other in
      let (left, right) = (signature(one), signature(other))
      return zip(left, right).compactMap { left, right in
        left.value == right.value ? nil : "\(left.name) \(right.value), not \(left.value)"
      }
    }
  }

  /// What all parts of a run have in common.
  private static func signature(_ load: LoadResults) -> [Fact] {
    let scenario = load.scenario
    let measured = (load.measuredSeconds * 10).rounded() / 10
    return [
      Fact("server", load.target.url), Fact("mode", scenario.mode.rawValue),
      Fact("depth", scenario.depth.map { "\($0)" } ?? "none"),
      Fact("message size", "\(scenario.payloadByteCount)"),
      Fact("kind", scenario.isBinary ? "binary" : "text"),
      Fact("compression", scenario.offersCompression ? "offered" : "not offered"),
      Fact("verification", scenario.verifies ? "on" : "off"),
      Fact("settings", scenario.settings.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")),
      Fact("measured seconds", "\(measured)"),
    ]
  }

  /// The run as a whole.
  ///
  /// - Parameter objectives: What is required of it; nil: what was required of its first part.
  /// - Returns: The run, without a command line that would play it again.
  /// - Throws: ``Failure`` if a part holds nothing that could be merged.
  public func run(objectives: ServiceLevel? = nil) throws(Failure) -> Run {
    guard let first = parts.first, let started = parts.map(\.run.started).min() else {
      throw Failure(description: "there is no part")
    }
    let ends = parts.map {
      [$0.run.started.nanoseconds(since: started), $0.run.elapsedNanoseconds].clampedSum
    }
    var whole = Run(title: first.run.title, started: started)
    whole.elapsedNanoseconds = ends.max() ?? 0
    whole.isComplete = parts.allSatisfy(\.run.isComplete)
    for index in first.run.load.indices {
      let merge = try LoadMerge(
        parts.map { ($0.path, $0.run) }, at: index, since: started, memberName: "part")
      var load = try merge.results()
      let required = objectives ?? first.run.load[index].objectives.flatMap(Self.level)
      load.objectives = required?.outcomes(of: load)
      whole.load.append(load)
    }
    whole.conformance = conformance
    return whole
  }

  /// What cases that were played as load say of the server: of each the worst result in any part.
  private var conformance: ConformanceResults? {
    let found = parts.compactMap(\.run.conformance)
    guard var whole = found.first, var agent = whole.agents.first else { return nil }
    var tally = CaseTally()
    for result in found.flatMap(\.agents).flatMap(\.results) { tally.add(result) }
    for part in found {
      whole.cases += part.cases.filter { item in !whole.cases.contains { $0.id == item.id } }
    }
    agent.results = tally.results(of: whole.cases.map(\.id))
    whole.agents = [agent]
    return whole
  }

  private static func level(_ outcomes: [ObjectiveOutcome]) -> ServiceLevel? {
    try? ServiceLevel(outcomes.map(\.objective).joined(separator: ","))
  }
}

extension LoadResults {
  /// When sending began, in nanoseconds after the run.
  var sendingOffset: Int64 {
    phases.first { $0.name != "connect" }?.startNanoseconds ?? 0
  }
}
