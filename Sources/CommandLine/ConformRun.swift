import ArgumentParser
import CaseLanguage
import Conformance
import FoundationEssentials
import Glibc
import HTTP
import Reports
import Synchronization
import Transport
import WebSocketProtocol

/// A conformance run as the command line shows it: each peer in turn, progress, reports, exit code.
final class ConformRun: Sendable {
  /// What is to be done.
  struct Plan: Sendable {
    var peers: [Peer]
    var cases: [Case]
    var numbers: [String: Int] = [:]
    var jobs = 32
    var repetitions = 1
    var stopsAtFailure = false
    var seed: UInt64?
    var readyTimeout = Duration.seconds(30)
    var connectTimeout = Duration.seconds(10)
    var replayFlags = ""
    var processID: Int32?
    var fields = HTTPFields()
    var subprotocols: [String] = []
    var place: @Sendable (String) throws -> ConformanceOptions.Place = { url in
      ConformanceOptions.Place(url: try WebSocketURL(url))
    }

    init(peers: [Peer], cases: [Case]) {
      self.peers = peers
      self.cases = cases
    }
  }

  private struct State {
    var agents: [AgentResults] = []
    var isComplete = true
    var couldNotRun = false
    var isCancelled = false
    var current: PeerRun?
    var process: PeerProcess?
    var name = ""
  }

  private let plan: Plan
  private let output: ConformOutput
  private let progress: ConformProgress
  private let state = Mutex(State())

  init(_ plan: Plan, output: ConformOutput) {
    self.plan = plan
    self.output = output
    progress = ConformProgress(total: plan.cases.count, rounds: plan.repetitions)
  }

  /// Plays the cases against every peer; returns the exit code.
  func play() async throws -> ExitCode {
    let interruption = TerminationSignals.eachEnding { [self] count in
      if count == 1 { cancel() } else { endAtOnce() }
    }
    defer { interruption.cancel() }
    for peer in plan.peers where !state.withLock({ $0.isCancelled }) { await play(peer) }
    progress.end()
    let (agents, isComplete) = state.withLock { ($0.agents, $0.isComplete && !$0.isCancelled) }
    let results = ConformanceResults(
      role: .client, cases: plan.cases.map(CaseDescription.init), agents: agents)
    let run = try output.finish(
      results, isComplete: isComplete && agents.count == plan.peers.count)
    return output.exitCode(
      run, isComplete: run.isComplete && !state.withLock { $0.couldNotRun })
  }

  // MARK: One peer

  private func play(_ peer: Peer) async {
    let run = PeerRun(options(for: peer), place: plan.place)
    let isCancelled = state.withLock { state in
      state.current = run
      return state.isCancelled
    }
    if isCancelled { return }
    let name = peer.name
    progress.begin(peer: plan.peers.count > 1 ? name : nil)
    do {
      let outcome = try await run.run { [self] in show($0, of: peer) }
      add(outcome.agent, isComplete: outcome.isComplete)
      if !outcome.hasOpened, !outcome.agent.results.isEmpty {
        progress.note(
          "gauntlet: no opening handshake was completed: is there a WebSocket server at this URL?")
      }
    } catch {
      var agent = run.outcome().agent
      if agent.name.isEmpty { agent.name = name ?? Self.host(of: peer.url) }
      let text = (error as? TransportError).map(Self.advice) ?? "\(error)"
      let output = (error as? PeerError)?.output ?? []
      agent.troubles = (agent.troubles ?? []) + [text] + output.suffix(5).map { "| \($0)" }
      for line in [text] + output.map({ "  | \($0)" }) { progress.note("gauntlet: " + line) }
      add(agent, isComplete: false)
      state.withLock { $0.couldNotRun = true }
    }
  }

  private func options(for peer: Peer) -> PeerRun.Options {
    let url = (try? plan.place(peer.url))?.url
    var options = ConformanceOptions(
      url: url ?? Self.nowhere, cases: plan.cases)
    options.caseNumbers = plan.numbers
    options.agent = peer.name
    options.jobs = plan.jobs
    options.heavyJobs = min(plan.jobs, 8)
    options.transcripts = output.options.transcripts.transcripts
    options.connectTimeout = plan.connectTimeout
    options.fields = plan.fields
    options.subprotocols = plan.subprotocols
    options.captures = output.options.pcap.map { CaptureFolder(path: $0) }
    if let seed = plan.seed { (options.seed, options.shufflesOrder) = (seed, true) }
    options.health?.processID = plan.processID
    options.replayCommand = replayCommand(peer)
    var run = PeerRun.Options(
      conformance: options, peer: peer, outputPath: outputPath(of: peer))
    run.readyTimeout = plan.readyTimeout
    run.repetitions = plan.repetitions
    run.stopsAtFailure = plan.stopsAtFailure
    run.failOn = output.gate.failOn
    run.onStart = { [self] process in state.withLock { $0.process = process } }
    return run
  }

  /// Stands in until the port of a peer is known.
  private static var nowhere: WebSocketURL {
    do {
      return try WebSocketURL(Peer.usualURL.replacing("{port}", with: "1"))
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The host of a URL that may have {port} in it.
  private static func host(of url: String) -> String {
    (try? WebSocketURL(url.replacing("{port}", with: "1")))?.host ?? url
  }

  private func replayCommand(_ peer: Peer) -> String {
    var words = "gauntlet conform server"
    if peer.command == nil || peer.url != Peer.usualURL {
      words += " " + ShellText.quoted(peer.url)
    }
    if let command = peer.command { words += " --exec " + ShellText.quoted(command) }
    return words + " --cases '{id}'" + plan.replayFlags
  }

  /// Where a peer's output goes: beside the reports, or to a file of the system's that is named if
  /// it is of interest.
  private func outputPath(of peer: Peer) -> String {
    let name = (peer.name ?? "server").map { $0.isLetter || $0.isNumber ? $0 : "-" }
    guard let folder = output.options.out else {
      return PassingOutput.path(of: "\(String(name)).log")
    }
    try? FileManager.default.createDirectory(
      atPath: folder + "/peers", withIntermediateDirectories: true)
    return folder + "/peers/\(String(name)).log"
  }

  private func show(_ event: ConformanceClient.Progress, of peer: Peer) {
    switch event {
    case .connected(let serverField, _):
      let name = peer.name ?? serverField.map { String(peerOctets: $0.utf8) } ?? peer.url
      let isNew = state.withLock { state in
        defer { state.name = name }
        return state.name != name
      }
      if isNew { output.began(name, url: peer.url) }
    case .finished(let result, _, _):
      output.ended(result, agent: state.withLock { $0.name })
    case .began: break
    }
    progress.show(event)
  }

  private func add(_ agent: AgentResults, isComplete: Bool) {
    for trouble in agent.troubles ?? [] { output.wentWrong(trouble, agent: agent.name) }
    state.withLock { state in
      state.agents.append(agent)
      state.isComplete = state.isComplete && isComplete
      state.current = nil
    }
  }

  private func cancel() {
    let current = state.withLock { state in
      state.isCancelled = true
      return state.current
    }
    current?.cancel()
  }

  private func endAtOnce() -> Never {
    state.withLock { $0.process }?.process.killAtOnce()
    progress.end()
    PassingOutput.removeAll()
    _exit(130)
  }

  // MARK: Words

  /// The error, and what to do about it.
  private static func advice(_ error: TransportError) -> String {
    let advice: String? =
      switch error.kind {
      case .connectionRefused: "is the server running, and is this its port?"
      case .nameNotFound: "check the spelling of the host"
      case .timedOut, .unreachable: "check the address, or allow more with --connect-timeout"
      case .tlsUntrusted: "name its authority with --ca-file, or use --insecure"
      case .tlsWrongName, .tlsExpired: "use the name in its certificate, or --insecure"
      case .notTLS: "use ws:// for a server without TLS"
      case .noDescriptors: "raise the limit (ulimit -n), or lower --jobs"
      default: nil
      }
    return advice.map { "\(error); \($0)" } ?? "\(error)"
  }
}
