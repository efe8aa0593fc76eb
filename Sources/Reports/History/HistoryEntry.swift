/// What a history keeps of a run, or of a folder of repetitions of one.
public struct HistoryEntry: Equatable, Sendable {
  /// The verdicts on one peer.
  public struct Agent: Equatable, Sendable {
    /// The peer's name.
    public var name: String
    /// How many cases have which overall grade.
    public var counts: [Grade: Int]
    /// The cases that were played, and whether each stops the gate.
    var stopsGate: [String: Bool]

    /// How many cases stop the gate.
    public var brokenCount: Int { stopsGate.values.count { $0 } }
    /// How many cases were played.
    public var caseCount: Int { stopsGate.count }
  }

  /// What the repetitions of one load scenario measured.
  struct Measurement: Equatable, Sendable {
    /// The first result without its distributions and its course: what tells scenarios apart.
    var scenario: LoadResults
    /// For the name of each metric the value of each repetition.
    var values: [String: [Double]]

    /// The middle of the repetitions; nil where nothing was measured, or nobody asked.
    func value(_ metric: LoadMetric) -> Double? {
      values[metric.name].flatMap { $0.isEmpty ? nil : $0.median }
    }
  }

  /// The name of the run's file or folder.
  public var name: String
  /// Where it is.
  public var path: String
  /// When the first of its runs began.
  public var started: Timestamp
  /// The commit that it was about.
  public var source: SourceRevision?
  /// How many runs it has: more than one where a scenario was repeated.
  public var runCount: Int
  /// Whether all of them came to their end; others are listed and not judged.
  public var isComplete: Bool
  /// The peers that cases were played with.
  public var agents: [Agent]
  /// The scenarios that were played.
  var measurements: [Measurement]
  /// The machine in a few words.
  public var machine: String

  /// Keeps what a history needs of runs, which may not be none.
  init?(name: String, path: String, runs: [Run], metrics: [LoadMetric]) {
    guard let first = runs.min(by: { $0.started < $1.started }) else { return nil }
    self.name = name
    self.path = path
    started = first.started
    source = runs.lazy.compactMap(\.environment.source).first
    runCount = runs.count
    isComplete = runs.allSatisfy(\.isComplete)
    machine = first.environment.historyMachine
    agents = runs.compactMap(\.conformance).flatMap { results in
      results.agents.map { Agent($0, of: results) }
    }
    measurements = []
    for results in runs.flatMap(\.load) { add(results, metrics) }
  }

  private mutating func add(_ results: LoadResults, _ metrics: [LoadMetric]) {
    let values = metrics.reduce(into: [String: [Double]]()) { values, metric in
      values[metric.name] = [metric.value(in: results)].compactMap { $0 }.filter(\.isFinite)
    }
    var scenario = results
    scenario.latencies = []
    scenario.setUp = []
    scenario.series = []
    let match = measurements.firstIndex { $0.scenario.differences(from: scenario).isEmpty }
    guard let match else {
      measurements.append(Measurement(scenario: scenario, values: values))
      return
    }
    measurements[match].values.merge(values) { $0 + $1 }
  }
}

extension HistoryEntry.Agent {
  fileprivate init(_ agent: AgentResults, of results: ConformanceResults) {
    let levels = Dictionary(
      results.cases.map { ($0.id, $0.level) }, uniquingKeysWith: { first, _ in first })
    name = agent.name
    counts = [:]
    stopsGate = [:]
    for result in agent.results {
      counts[result.verdict.overall, default: 0] += 1
      stopsGate[result.caseID] =
        results.standing(of: result, level: levels[result.caseID] ?? .must) == .broken
    }
  }
}

extension Environment {
  /// What has to be the same for times to be comparable, in a line.
  var historyMachine: String {
    let memory = memoryByteCount > 0 ? ", \(NumberText.octets(Double(memoryByteCount)))" : ""
    return "\(processorCount) × \(processor.isEmpty ? architecture : processor)\(memory)"
  }
}
