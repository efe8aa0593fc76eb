public import Reports
import CaseLanguage
import HTTP
import Synchronization
public import Transport
import WebSocketProtocol

/// Plays cases against a server, many at once over event loops, and gathers their results.
public final class ConformanceClient: Sendable {
  /// How the run is to be.
  public let options: ConformanceOptions

  /// Something that happened during the run.
  public enum Progress: Sendable {
    /// The server was reached; how it names itself, and what came of a first opening handshake.
    case connected(serverField: String?, openingFailure: String?)
    /// A case begins.
    case began(caseID: String)
    /// A case has ended.
    case finished(CaseResult, count: Int, total: Int)
  }

  /// What came of a run.
  public struct Outcome: Sendable {
    /// The results, in the order of the cases.
    public var agent: AgentResults
    /// Every selected case has a result.
    public var isComplete: Bool
    /// Whether any opening handshake was completed.
    public var hasOpened: Bool
    /// Whether nothing was played because the server answers no opening handshake.
    public var isSilent: Bool
    /// The cases that were under way when the run was ended from outside, and those whose connection
    /// the peer dropped shortly before.
    public var interrupted: [String]
    /// Whether the peer dropped any connection without a Close, as one does that dies.
    public var hadDrops: Bool
  }

  private struct State {
    var queue: CaseQueue
    var results: [CaseResult?]
    var attempts: [Int: Int] = [:]
    var finishedCount = 0
    var runningPerLoop: [Int]
    var isCancelled = false
    var hasOpened = false
    var hasAnswered = false
    var isSilent = false
    var serverField: String?
    var scan = PeerScan()
    var running: Set<Int> = []
    /// When which case ended because the peer dropped TCP.
    var drops: [Int: ContinuousClock.Instant] = [:]
    var interrupted: [String] = []
    var trouble: String?
    var continuation: CheckedContinuation<Void, Never>?
    var progress: (@Sendable (Progress) -> Void)?
  }

  private let plan: PlayPlan
  private let group: EventLoopGroup
  private let builder: ResultBuilder
  private let state: Mutex<State>

  /// How often a case is tried again when TCP could not be connected although it could before.
  private static let attemptLimit = 3

  /// After how many opening handshakes without one octet of an answer the rest is not waited for: two for each of the
  /// cases that play at once.
  private var silenceLimit: Int { 2 * options.jobs }

  /// A client for one run.
  ///
  /// - Throws: if the system gives no event loops, or the address cannot be used.
  public init(_ options: ConformanceOptions) throws(TransportError) {
    self.options = options
    DescriptorLimit.raise()
    plan = try PlayPlan(url: options.url, options: options)
    group = try EventLoopGroup(count: max(1, options.loops), name: "gauntlet-play")
    builder = ResultBuilder(options)
    state = Mutex(
      State(
        queue: CaseQueue([], jobs: 1, heavyJobs: 1, treatsAllAsLight: false),
        results: Array(repeating: nil, count: options.cases.count),
        runningPerLoop: Array(repeating: 0, count: group.loops.count)))
  }

  /// Plays all cases; may be called once.
  ///
  /// - Throws: when the server cannot be reached at all, or TLS with it fails.
  public func run(
    progress: @escaping @Sendable (Progress) -> Void
  ) async throws(TransportError) -> Outcome {
    defer { group.stop() }
    let probe = await play(PeerScan.probe)
    if let error = probe.transportError { throw error }
    progress(
      .connected(serverField: probe.serverField, openingFailure: probe.facts.openingFailure))
    var scan = PeerScan()
    scan.note(probe)
    if probe.facts.isOpened { scan.note(await play(PeerScan.compressionProbe)) }
    state.withLock { state in
      state.queue = CaseQueue(
        options.cases, jobs: options.jobs, heavyJobs: options.heavyJobs,
        hostileJobs: options.health?.processID == nil ? CaseQueue.hostileJobs : 1,
        treatsAllAsLight: !probe.facts.isOpened,
        shuffledWith: options.shufflesOrder ? options.seed : nil)
      state.scan = scan
      state.progress = progress
      state.serverField = probe.serverField
      state.hasOpened = probe.facts.isOpened
      state.hasAnswered = !probe.isUnanswered
    }
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isCancelled || state.queue.isDone { return true }
        state.continuation = continuation
        return false
      }
      if isOver { continuation.resume() } else { startMore() }
    }
    return outcome()
  }

  /// Ends the run soon, from any thread: the results so far count.
  public func cancel() {
    let continuation = state.withLock { state in
      if !state.isCancelled { state.interrupted = interrupted(state) }
      state.isCancelled = true
      state.queue.cancel()
      defer { state.continuation = nil }
      return state.continuation
    }
    continuation?.resume()
  }

  /// The results so far, in the order of the cases.
  public func outcome() -> Outcome {
    state.withLock { state in
      let results = state.results.compactMap { $0 }
      let name = options.agent ?? state.serverField ?? options.url.host
      return Outcome(
        agent: AgentResults(
          name: name, url: builder.url, serverHeader: state.serverField,
          facts: state.scan.facts, troubles: state.trouble.map { [$0] }, results: results),
        isComplete: results.count == options.cases.count, hasOpened: state.hasOpened,
        isSilent: state.isSilent,
        interrupted: state.isCancelled ? state.interrupted : interrupted(state),
        hadDrops: !state.drops.isEmpty)
    }
  }

  // MARK: Playing

  /// Plays something before the cases, which finds out whether and how there is anything to test.
  private func play(_ probe: Case) async -> PlayRecord {
    await withCheckedContinuation { continuation in
      play(probe, onLoop: 0) { continuation.resume(returning: $0) }
    }
  }

  /// What may have ended the peer: the cases under way, and those whose connection it just dropped.
  private func interrupted(_ state: State) -> [String] {
    let recent = ContinuousClock.now - .seconds(2)
    let dropped = state.drops.filter { $0.value > recent }.map(\.key)
    return state.running.union(dropped).sorted().map { options.cases[$0].id }
  }

  private func play(
    _ item: Case, onLoop index: Int, completion: @escaping @Sendable (PlayRecord) -> Void
  ) {
    var plan = plan
    if options.adaptsToRoundTrip {
      plan.settings.allowance += state.withLock { $0.scan.allowance }
    }
    let (settled, number) = (plan, options.play)
    let loop = group.loops[index]
    let health = item.isHostile ? options.health : nil
    loop.execute {
      func play(_ completion: @escaping (PlayRecord) -> Void) {
        let socket = ClientPlaySocket(
          item, plan: settled, play: number, loop: loop, completion: completion)
        settled.connector.connect(socket)
      }
      guard let health else { return play(completion) }
      let watch = HealthWatch(
        health, plan: settled, keys: settled.lot(for: item, play: number).maskingKeys(), loop: loop)
      watch.prepare {
        play { record in
          watch.caseEnded { report in
            var record = record
            record.health = report
            completion(record)
          }
        }
      }
    }
  }

  /// Starts cases until no more may play at once.
  private func startMore() {
    while true {
      let next: (index: Int, loop: Int)? = state.withLock { state in
        guard let index = state.queue.next() else { return nil }
        let loop = state.runningPerLoop.indices.min {
          state.runningPerLoop[$0] < state.runningPerLoop[$1]
        }
        state.runningPerLoop[loop ?? 0] += 1
        state.running.insert(index)
        return (index, loop ?? 0)
      }
      guard let (index, loop) = next else { return }
      state.withLock { $0.progress }?(.began(caseID: options.cases[index].id))
      play(options.cases[index], onLoop: loop) { record in
        self.ended(index, onLoop: loop, record)
      }
    }
  }

  private func ended(_ index: Int, onLoop loop: Int, _ record: PlayRecord) {
    if let error = record.transportError, tryAgain(index, onLoop: loop, after: error) { return }
    let result = builder.result(record)
    let wasDropped = !record.facts.droppedByUs && record.facts.remoteClose == nil
    let (report, continuation) = state.withLock { state in
      state.runningPerLoop[loop] -= 1
      guard !state.isCancelled else {
        return (nil as (@Sendable () -> Void)?, nil as CheckedContinuation<Void, Never>?)
      }
      let isSuspect = !result.verdict.isMet && record.wasCutShort && state.hasOpened
      state.queue.ended(index, isSuspect: isSuspect)
      state.running.remove(index)
      if wasDropped { state.drops[index] = .now }
      if state.results[index] == nil { state.finishedCount += 1 }
      state.results[index] = result
      if record.facts.isOpened { state.hasOpened = true }
      if !record.isUnanswered { state.hasAnswered = true }
      if state.serverField == nil { state.serverField = record.serverField }
      let count = state.finishedCount
      let (progress, total) = (state.progress, state.results.count)
      let report: @Sendable () -> Void = {
        progress?(.finished(result, count: count, total: total))
      }
      if options.givesUpOnSilence, !state.hasAnswered, count >= silenceLimit, count < total {
        (state.isSilent, state.isCancelled) = (true, true)
        state.queue.cancel()
      }
      guard state.queue.isDone || state.isSilent else { return (report, nil) }
      defer { state.continuation = nil }
      return (report, state.continuation)
    }
    report?()
    startMore()
    continuation?.resume()
  }

  /// Lets a case that could not be connected wait a moment, if it has not waited too often.
  ///
  /// Descriptors come back when other cases end, so for those it waits as long as others play.
  private func tryAgain(_ index: Int, onLoop loop: Int, after error: TransportError) -> Bool {
    let mayWait = state.withLock { state in
      if error.kind == .noDescriptors, state.runningPerLoop.reduce(0, +) > 1 {
        return !state.isCancelled
      }
      if state.hasOpened, state.trouble == nil, error.kind == .connectionRefused {
        state.interrupted = interrupted(state)
        state.trouble =
          "the server took no more connections after \(state.finishedCount) cases; "
          + "then played: \(state.interrupted.joined(separator: ", "))"
      }
      let attempts = state.attempts[index, default: 0] + 1
      state.attempts[index] = attempts
      return attempts < Self.attemptLimit && !state.isCancelled
    }
    guard mayWait else { return false }
    group.loops[loop].schedule(after: .milliseconds(100)) {
      self.state.withLock { state in
        state.runningPerLoop[loop] -= 1
        state.running.remove(index)
        state.queue.putBack(index)
      }
      self.startMore()
    }
    return true
  }
}
