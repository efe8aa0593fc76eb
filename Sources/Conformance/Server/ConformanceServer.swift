import CaseLanguage
public import Reports
import Synchronization
public import Transport
import WebSocketProtocol

/// Plays cases with the WebSocket clients that connect, and gathers their results.
///
/// Clients say by the path of their request what they want: `/getCaseCount`, `/getCaseInfo?case=N`,
/// `/runCase?case=N&agent=A`, `/getCaseStatus?case=N&agent=A`, `/updateReports?agent=A` and
/// `/stopServer`. Any number of clients may play at a time, under any number of names.
public final class ConformanceServer: Sendable {
  /// Something that happened.
  public enum Event: Sendable {
    /// A client plays a case.
    case began(agent: String, caseID: String)
    /// A case has ended.
    case finished(agent: String, CaseResult)
    /// A request was answered with an error.
    case refused(String)
  }

  /// What the server offers and grants.
  public let options: ConformanceServerOptions
  private let host: DriverHost
  private let group: EventLoopGroup
  private let listeners = Mutex<[[Listener]]>([])
  private let trials: [OwnPort]
  private let ended = Mutex(Ending())

  private struct Ending {
    var hasEnded = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  /// A server that does not listen yet.
  ///
  /// - Throws: if the system gives no event loops.
  public init(_ options: ConformanceServerOptions) throws(TransportError) {
    self.options = options
    DescriptorLimit.raise()
    host = DriverHost(options)
    trials = OwnPort.all(options)
    group = try EventLoopGroup(count: max(1, options.loops), name: "gauntlet-drive")
  }

  deinit { group.stop() }

  /// Where it listens, in the order of the options, with the ports that the system has chosen.
  public var addresses: [SocketAddress] {
    listeners.withLock { $0.prefix(options.places.count).compactMap(\.first?.localAddress) }
  }

  /// Listens; clients can connect when this returns.
  ///
  /// - Parameters:
  ///   - observer: Called on the event loops with all that happens; must not block.
  ///   - writeReports: Called when a client asks for reports; false if they could not be written.
  /// - Throws: if an address cannot be used.
  public func start(
    observer: (@Sendable (Event) -> Void)? = nil,
    writeReports: (@Sendable () async -> Bool)? = nil
  ) throws(TransportError) {
    host.attach(observer: observer, writeReports: writeReports) { [weak self] in self?.end() }
    let host = self.host
    let keys = group.loops.map { LoopBound(Self.keySource(), on: $0) }
    for place in options.places {
      var listening = Listener.Options()
      listening.tls = place.tls
      let made = try Listener.listen(
        on: group.loops, at: place.address, options: listening,
        makeSocket: { accepted in
          guard host.admitConnection(),
            let source = keys.first(where: { $0.loop === accepted.loop })
          else { return nil }
          return DriverSocket(host: host, keys: source.value, loop: accepted.loop)
        })
      listeners.withLock { $0.append(made) }
    }
    for trial in trials {
      let made = try trial.listen(on: group.loops) { loop in
        guard host.admitConnection(), let source = keys.first(where: { $0.loop === loop })
        else { return nil }
        host.began(trial)
        return DriverSocket(host: host, keys: source.value, loop: loop, trial: trial)
      } makeElsewhere: { loop in
        guard host.admitConnection(), let source = keys.first(where: { $0.loop === loop })
        else { return nil }
        return DriverSocket(
          host: host, keys: source.value, loop: loop, trial: trial, isElsewhere: true)
      }
      listeners.withLock { $0.append(made) }
    }
  }

  /// Where a case is played that has a port of its own; nil: at ``addresses``, as others are.
  public func ownURL(of caseID: String) -> String? {
    trials.first { $0.item?.id == caseID }?.url
  }

  /// Where a client shows that it trusts a good certificate; nil if no case needs to know it.
  var proofURL: String? { trials.first { $0.item == nil }?.url }

  /// Whether a client has been there.
  var isProven: Bool { trials.contains { $0.item == nil && $0.wasAsked } }

  /// Masking keys, for cases that mask what a server should not.
  private static func keySource() -> MaskingKeySource {
    MaskingKeySource { words in
      var generator = SystemRandomNumberGenerator()
      for index in words.indices { words[index] = generator.next() }
    }
  }

  /// All results so far, those of earlier runs among them.
  public func results() -> ConformanceResults { host.ledger.results() }

  /// The agents that have played since the start, each with the ids of its cases that have ended.
  public func played() -> [(agent: String, cases: Set<String>)] { host.ledger.played() }

  /// Whether a case of `agent` has ended since `start`.
  func hasResult(
    of caseID: String, agent: String, after start: ContinuousClock.Instant
  ) -> Bool { host.ledger.hasResult(of: caseID, agent: agent, after: start) }

  /// The result of a case, waited for while it is being played; nil if nobody has begun it.
  public func result(of caseID: String, agent: String, within limit: Duration) async -> CaseResult?
  {
    await host.ledger.result(of: caseID, agent: agent, within: limit)
  }

  /// Adds something to a result that stands.
  public func amend(_ caseID: String, agent: String, _ change: (inout CaseResult) -> Void) {
    host.ledger.amend(caseID, agent: agent, change)
  }

  /// Puts down a result that no connection came to: the client could not be run, for example.
  public func record(_ result: CaseResult, agent: String) {
    guard host.ledger.begin(result.caseID, agent: agent, userAgent: nil, url: nil) else { return }
    guard host.ledger.end(result.caseID, agent: agent, result) else { return }
    host.observe(.finished(agent: agent, result))
  }

  /// What a client has not ended of a case by now is not held against it: the run is over.
  func disregard(_ caseID: String, agent: String, since start: ContinuousClock.Instant) {
    host.ledger.disregard(caseID, agent: agent, since: start)
  }

  // MARK: Drivers

  /// How long no client has asked for anything; nil while one is being served.
  var silence: Duration? { host.silence }

  /// Takes this moment for the last at which something was asked for.
  func noteActivity() { host.noteActivity() }

  /// Holds a client's end against the case that it played last; where it played several at a time, they
  /// are to be played again, one at a time, if it is started again.
  ///
  /// - Returns: The client and the cases; nil if it ended while it played none.
  func blameLastCases(
    for ending: DriverProcess.Ending, isRestarted: Bool
  ) -> (agent: String, cases: [String])? {
    guard let (agent, cases) = host.ledger.lastPlayed() else { return nil }
    if let only = cases.first, cases.count == 1 {
      host.ledger.amend(only, agent: agent) { result in
        let sentence = "the client \(ending)"
        result.reason = result.verdict.isMet ? sentence : "\(result.reason); \(sentence)"
        result.verdict.behaviour = .fail
      }
    } else if isRestarted {
      host.ledger.suspect(cases, agent: agent)
    }
    return (agent, cases)
  }

  /// Returns when a client, or ``end()``, has asked for the end.
  public func waitForEnd() async {
    await withCheckedContinuation { continuation in
      let hasEnded = ended.withLock { ended in
        if !ended.hasEnded { ended.waiters.append(continuation) }
        return ended.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  /// Makes ``waitForEnd()`` return; from any thread.
  public func end() {
    let waiters = ended.withLock { ended in
      ended.hasEnded = true
      defer { ended.waiters = [] }
      return ended.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Stops accepting, lets what was said last go out, and closes every connection.
  public func stop() async {
    end()
    for listener in listeners.withLock({ $0 }).joined() { listener.close() }
    try? await Task.sleep(for: .milliseconds(100))
    group.stop()
  }
}
