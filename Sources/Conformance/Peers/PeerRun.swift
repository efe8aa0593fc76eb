import CaseLanguage
public import Reports
import Synchronization
import Transport

/// Plays cases against one peer, starting it where that is wanted, again where it dies.
///
/// A peer that dies while cases play is started anew. Each of those that may have been to blame then
/// plays alone, so that the report says which one it was; then the others go on.
public final class PeerRun: Sendable {
  /// How the run is to be.
  public struct Options: Sendable {
    /// The options of each play; URL and cases are set for each.
    public var conformance: ConformanceOptions
    /// The peer.
    public var peer: Peer
    /// The file for the output of a peer that we start.
    public var outputPath: String
    /// How long it may take until it is ready.
    public var readyTimeout = Duration.seconds(30)
    /// How often all cases are played.
    public var repetitions = 1
    /// Whether the first failure ends it.
    public var stopsAtFailure = false
    /// Which failures count then.
    public var failOn = Gate.Strictness.any
    /// How often a peer that dies is started again.
    public var restartLimit = 20
    /// Told of each process that is started, so that it can be ended from outside.
    public var onStart: (@Sendable (PeerProcess) -> Void)?

    /// The options for one peer.
    public init(conformance: ConformanceOptions, peer: Peer, outputPath: String) {
      self.conformance = conformance
      self.peer = peer
      self.outputPath = outputPath
    }
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// The results, in the order of the cases.
    public var agent: AgentResults
    /// Every selected case has been played as often as was wanted.
    public var isComplete: Bool
    /// Whether any opening handshake was completed.
    public var hasOpened: Bool
    /// How many rounds were begun.
    public var rounds: Int
  }

  private struct State {
    var isCancelled = false
    var client: ConformanceClient?
    var process: PeerProcess?
    var ledger: ResultLedger
    var agent = AgentResults(name: "")
    var hasOpened = false
    var starts = 0
    var rounds = 0
    var troubles: [String] = []
  }

  /// How the run is.
  public let options: Options
  private let state: Mutex<State>
  private let makeURL: @Sendable (String) throws -> ConformanceOptions.Place

  /// A run for one peer.
  ///
  /// - Parameters:
  ///   - options: How it is to be.
  ///   - place: Makes the place of a URL, once its port is known.
  public init(
    _ options: Options, place: @escaping @Sendable (String) throws -> ConformanceOptions.Place
  ) {
    self.options = options
    makeURL = place
    state = Mutex(State(ledger: ResultLedger(options.conformance.cases)))
  }

  /// Plays the cases; may be called once.
  ///
  /// - Throws: `PeerError` or `TransportError` if the peer cannot be reached at all.
  public func run(
    progress: @escaping @Sendable (ConformanceClient.Progress) -> Void
  ) async throws -> Outcome {
    do {
      try await playRounds(progress)
    } catch {
      await stopProcess()
      throw error
    }
    await stopProcess()
    return outcome()
  }

  /// Ends the run soon, from any thread: the results so far count.
  public func cancel() {
    let client = state.withLock { state in
      state.isCancelled = true
      return state.client
    }
    client?.cancel()
  }

  /// The results so far.
  public func outcome() -> Outcome {
    state.withLock { state in
      var agent = state.agent
      if let name = options.conformance.agent { agent.name = name }
      agent.results = state.ledger.results
      agent.troubles = state.troubles.isEmpty ? nil : state.troubles
      return Outcome(
        agent: agent, isComplete: !state.isCancelled && state.ledger.missing.isEmpty,
        hasOpened: state.hasOpened, rounds: state.rounds)
    }
  }

  // MARK: Rounds

  private func playRounds(
    _ progress: @escaping @Sendable (ConformanceClient.Progress) -> Void
  ) async throws {
    for round in 1...max(1, options.repetitions) {
      state.withLock { state in
        state.rounds = round
        state.ledger.beginRound()
      }
      try await playRound(round, progress)
      let isOver = state.withLock { state in
        state.isCancelled || options.stopsAtFailure && state.ledger.hasFailure(options.failOn)
      }
      if isOver { return }
    }
  }

  private func playRound(
    _ round: Int, _ progress: @escaping @Sendable (ConformanceClient.Progress) -> Void
  ) async throws {
    while true {
      let cases = state.withLock { $0.isCancelled ? [] : $0.ledger.missing }
      guard !cases.isEmpty else { return }
      if options.peer.command != nil { try await startIfNeeded() }
      let outcome = try await play(cases, round, progress)
      guard let ending = await endingSoon(after: outcome) else {
        state.withLock { $0.ledger.giveUp(why: nil) }
        return
      }
      let suspects = outcome.interrupted
      state.withLock { state in
        for result in outcome.agent.results where result.verdict.overall == .error {
          state.ledger.forget(result.caseID)
        }
      }
      await stopProcess()
      try await playAlone(suspects, after: ending, round, progress)
      _ = mayRestart(ending)
    }
  }

  /// Each suspect alone, so that the one that ends the peer is known.
  private func playAlone(
    _ suspects: [String], after ending: ChildProcess.Ending, _ round: Int,
    _ progress: @escaping @Sendable (ConformanceClient.Progress) -> Void
  ) async throws {
    state.withLock { state in
      for id in suspects { state.ledger.forget(id) }
    }
    var guilty: [String] = []
    for item in options.conformance.cases where suspects.contains(item.id) {
      guard state.withLock({ !$0.isCancelled }), mayRestart(ending) else { break }
      try await startIfNeeded()
      let outcome = try await play([item], round, progress)
      guard let ending = await endingSoon(after: outcome) else { continue }
      guilty.append(item.id)
      state.withLock { $0.ledger.blame(item.id, for: "the peer's process \(ending)") }
      await stopProcess()
    }
    let words =
      guilty.isEmpty
      ? "none of the \(suspects.count) cases that were under way ends it when played alone"
      : "when played alone, so it does in: \(guilty.joined(separator: ", "))"
    state.withLock {
      $0.troubles.append("the peer's process \(ending) and was started again; \(words)")
    }
  }

  /// Whether the peer may be started again; if that was too often, the rest is given up.
  private func mayRestart(_ ending: ChildProcess.Ending) -> Bool {
    state.withLock { state in
      guard state.process == nil, state.starts > options.restartLimit else { return true }
      state.ledger.giveUp(
        why: "not played: the peer's process \(ending), and had been started again "
          + "\(options.restartLimit) times")
      return false
    }
  }

  // MARK: One play

  private func play(
    _ cases: [Case], _ round: Int,
    _ progress: @escaping @Sendable (ConformanceClient.Progress) -> Void
  ) async throws -> ConformanceClient.Outcome {
    var options = options.conformance
    let process = state.withLock { $0.process }
    let place = try makeURL(process?.url ?? self.options.peer.url)
    (options.url, options.tls, options.cases) = (place.url, place.tls, cases)
    options.play += round - 1
    options.givesUpOnSilence = !state.withLock { $0.hasOpened }
    if let process { options.health?.processID = process.process.identifier }
    let client = try ConformanceClient(options)
    let isCancelled = state.withLock { state in
      state.client = client
      return state.isCancelled
    }
    if isCancelled { client.cancel() }
    let watch = Task {
      guard let process else { return }
      _ = await process.process.waitForEnd()
      // What has broken is to be told by the cases themselves; nobody is connected anew meanwhile.
      try? await Task.sleep(for: .milliseconds(50))
      client.cancel()
    }
    defer { watch.cancel() }
    let outcome: ConformanceClient.Outcome
    do {
      outcome = try await client.run(progress: progress)
    } catch {
      // A peer that has died is not there to be reached.
      guard let ending = await process?.process.waitForEnd(within: .milliseconds(300)) else {
        throw error
      }
      throw PeerError(
        message: "the peer \(ending) as soon as it was connected to",
        output: process?.lastLines() ?? [])
    }
    take(outcome)
    if outcome.isSilent, process?.process.ending == nil {
      throw PeerError(
        message: "the server takes connections and answers no opening handshake "
          + "(\(outcome.agent.results.count) waited \(options.player.openingTimeout) each): "
          + "check host, port and path",
        output: process?.lastLines() ?? [])
    }
    return outcome
  }

  private func take(_ outcome: ConformanceClient.Outcome) {
    state.withLock { state in
      state.client = nil
      for result in outcome.agent.results { state.ledger.add(result) }
      let (kept, url) = (state.agent, state.agent.url)
      state.agent = outcome.agent
      if url != nil, outcome.agent.serverHeader == nil {
        state.agent.serverHeader = kept.serverHeader
        state.agent.name = kept.name
      }
      state.hasOpened = state.hasOpened || outcome.hasOpened
      if options.peer.command == nil { state.troubles += outcome.agent.troubles ?? [] }
    }
  }

  /// How the peer's process ended, if it has or is about to.
  private func endingSoon(
    after outcome: ConformanceClient.Outcome
  ) async -> ChildProcess.Ending? {
    guard let process = state.withLock({ $0.process })?.process else { return nil }
    if let ending = process.ending { return ending }
    // The connection breaks a moment before the process is gone.
    let isSuspect = !outcome.isComplete || outcome.hadDrops
    return isSuspect ? await process.waitForEnd(within: .milliseconds(300)) : nil
  }

  private func startIfNeeded() async throws {
    let isRunning = state.withLock { state in
      if state.process == nil { state.starts += 1 }
      return state.process != nil
    }
    if isRunning { return }
    let process = try await PeerProcess.start(
      options.peer, outputPath: outputPath, within: options.readyTimeout,
      unless: { [self] in state.withLock { $0.isCancelled } })
    state.withLock { $0.process = process }
    options.onStart?(process)
  }

  /// The first start writes the file that was named, a later one a file beside it.
  private var outputPath: String {
    let starts = state.withLock { $0.starts }
    return starts <= 1 ? options.outputPath : "\(options.outputPath).\(starts)"
  }

  private func stopProcess() async {
    let process = state.withLock { state in
      defer { state.process = nil }
      return state.process
    }
    guard let process else { return }
    let died = process.process.ending
    await process.stop()
    if died != nil {
      let lines = process.lastLines(5)
      guard !lines.isEmpty else { return }
      state.withLock {
        $0.troubles.append("its last output: " + lines.joined(separator: " ⏎ "))
      }
    }
  }
}
