public import Reports

/// Searches for a server's capacity, one play after the other.
public struct CapacityRunner: Sendable {
  /// What came of a search.
  public struct Outcome: Sendable {
    /// The capacity and the way to it.
    public var results: CapacityResults
    /// The last play at the capacity, whole; nil if nothing was carried.
    public var best: LoadResults?
    /// Why nothing could be played at all; nil if something could.
    public var failure: String?
  }

  /// The share of the messages by which answers may fall behind: what grows further ends in a queue without end, however
  /// long the objectives let messages wait.
  private static let backlogLimit = 0.03

  private let plan: CapacityPlan
  private var search: CapacitySearch
  private var results: CapacityResults
  private var plays: [Double: LoadResults] = [:]
  /// The least load at which the generator gave out.
  private var generatorLimit: Double?
  /// Where connections were refused: how many were not, and why.
  private var refusals: [Double: String] = [:]

  /// A runner for a plan that makes sense.
  public init(_ plan: CapacityPlan) {
    self.plan = plan
    search = CapacitySearch(plan.bounds)
    results = CapacityResults(
      axis: plan.axis, objectives: plan.objectives.objectives.map(\.text), ending: .found,
      probes: [])
  }

  /// Searches until the capacity is known.
  ///
  /// - Parameters:
  ///   - play: Plays a plan; nil when somebody wants the end. A ``LoadError`` is the generator's limit, and the
  ///     search goes on below it.
  ///   - observer: Hears of each play.
  /// - Returns: What is known when no more is to be played.
  public mutating func run(
    play: (LoadPlan) async throws -> LoadOutcome?,
    observer: (CapacityResults.Probe) -> Void = { _ in }
  ) async rethrows -> Outcome {
    var failure: String?
    var isInterrupted = false
    while let load = search.next {
      let probe: CapacityResults.Probe
      do {
        guard let outcome = try await play(plan.play(at: load)), outcome.ending != .interrupted
        else {
          isInterrupted = true
          break
        }
        if case .notConnected(let reason) = outcome.ending, results.probes.isEmpty {
          failure = reason
          break
        }
        probe = judge(outcome, at: load)
        plays[load] = outcome.results
      } catch let error as LoadError {
        guard !results.probes.isEmpty else {
          failure = error.description
          break
        }
        probe = Self.unplayable(at: load, error)
      }
      results.probes.append(probe)
      search.note(load, isMet: probe.isMet)
      if probe.validity == .invalid, !probe.isMet {
        generatorLimit = min(generatorLimit ?? load, load)
      }
      observer(probe)
    }
    conclude(isInterrupted)
    return Outcome(
      results: results, best: results.capacity.flatMap { plays[$0] }, failure: failure)
  }

  /// A load that this machine cannot even try.
  private static func unplayable(at load: Double, _ error: LoadError) -> CapacityResults.Probe {
    var probe = CapacityResults.Probe(load: load, isMet: false, missed: ["the generator: \(error)"])
    probe.validity = .invalid
    return probe
  }

  private mutating func judge(_ outcome: LoadOutcome, at load: Double) -> CapacityResults.Probe {
    let found = outcome.results
    var missed = plan.objectives.outcomes(of: found).filter { !$0.isMet }.map {
      "\($0.objective): \($0.measured)"
    }
    switch outcome.ending {
    case .connectionsLost: missed.append("all connections ended")
    case .notConnected(let reason): missed.append(reason)
    case .completed, .interrupted: break
    }
    // A connection that could not be opened, or a message that could not be sent, was not carried.
    let isRefused = found.totals.connectionsEstablished < found.totals.connectionsAttempted
    if isRefused {
      let example = found.errors.first.flatMap(\.example).map { ": \($0)" } ?? ""
      let words =
        "\(found.totals.connectionsEstablished) of \(found.totals.connectionsAttempted) "
        + "connections\(example)"
      missed.append(words)
      refusals[load] = words
    }
    if outcome.unsent > 0 { missed.append("\(outcome.unsent) messages could not be sent") }
    if plan.load.traffic.isAnswered, let growth = found.backlogGrowth, growth > Self.backlogLimit {
      missed.append("answers fell behind by \((growth * 1000).rounded() / 10) % of the messages")
    }
    // What was carried although the generator was hindered was carried; what was not may be its fault.
    let isDoubtful = found.generator.validity == .invalid && !missed.isEmpty && !isRefused
    if isDoubtful {
      missed.append("the generator: \(found.generator.remarks.first ?? "invalid")")
    }
    var probe = CapacityResults.Probe(load: load, isMet: missed.isEmpty, missed: missed)
    probe.messagesPerSecond = found.messagesPerSecond
    let latency = found.latencies.first?.histogram
    probe.p50Nanoseconds = latency?.nanoseconds(at: 50)
    probe.p99Nanoseconds = latency?.nanoseconds(at: 99)
    probe.p999Nanoseconds = latency?.nanoseconds(at: 99.9)
    probe.errorCount = found.errorCount
    if let process = found.serverProcess, found.measuredSeconds > 0 {
      probe.serverProcessors = Double(process.cpuNanoseconds) / (found.measuredSeconds * 1e9)
    }
    probe.validity = isRefused ? .valid : found.generator.validity
    return probe
  }

  private mutating func conclude(_ isInterrupted: Bool) {
    results.capacity = search.lower
    results.low = search.low
    results.high = search.high
    results.ending =
      isInterrupted
      ? .interrupted
      : search.lower == nil
        ? .nothingCarried
        : search.upper == nil
          ? .limitReached : generatorLimit == search.upper ? .generatorExhausted : .found
    results.exhausted = exhausted
    let points = results.curve.compactMap { probe in
      probe.p99Nanoseconds.map { (x: probe.load, y: Double($0)) }
    }
    // Far beyond the capacity latency is as long as the play.
    let near = points.filter { $0.x <= (search.upper ?? .infinity) }
    results.knee = CapacityKnee.index(of: near).map { near[$0].x }
  }

  /// What gave out at the least load that was not carried.
  private var exhausted: String? {
    guard let upper = search.upper,
      let probe = results.probes.last(where: { $0.load == upper && !$0.isMet })
    else { return nil }
    if probe.validity == .invalid { return "the generator, and not the server" }
    if let reason = refusals[upper] {
      return "the server's readiness to take connections (\(reason))"
    }
    guard let busy = probe.serverProcessors else {
      return "unknown: name the server's process with --pid"
    }
    let text = (busy * 100).rounded() / 100
    switch busy {
    case 1.05...: return "the server's processors: \(text) of them were busy"
    case 0.9...: return "one processor of the server: \(text) of it was busy"
    default:
      return "no processor (\(text) was busy): the server waits for something, or limits itself"
    }
  }
}
