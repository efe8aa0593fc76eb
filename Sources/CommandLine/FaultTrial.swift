import CaseLanguage
import Conformance
import FaultyTwins
import Reports
import Synchronization
import Transport
import WebSocketProtocol

/// The suite against one twin: which cases find its fault.
struct FaultTrial: Sendable {
  /// The broken rule; nil: the honest twin, which must pass.
  let fault: Fault?
  let side: Role
  /// All cases that may be played, in the order of reports.
  let cases: [Case]
  /// How long it may take; what has not been played by then counts as passed.
  var timeLimit = Duration.seconds(60)
  /// After so many cases that found the fault, no more are played.
  var findingLimit = Int.max
  /// How many cases play at once.
  var jobs = 96
  /// How many of the cases that failed are played once more; nil: each failure is a finding.
  ///
  /// They play in a small company: what fails again does not fail by the load of the other cases.
  var confirmationLimit: Int?

  /// What came of it.
  struct Outcome: Sendable {
    let fault: Fault?
    let side: Role
    /// The ids of the cases that failed, in the order of reports.
    var findings: [String] = []
    /// Those of them whose clause is the fault's.
    var ownFindings: [String] = []
    /// The numbers of those of the established suite that failed by its own rules.
    var establishedFindings: [String] = []
    /// How many cases were played.
    var playedCount = 0
    /// How many there were.
    var caseCount = 0
    /// Whether all were played.
    var isComplete: Bool { playedCount == caseCount }
    /// The first reason that a case gave.
    var reason: String?
  }

  func run() async -> Outcome {
    var outcome = Outcome(fault: fault, side: side)
    // The cases of the fault's own clause first: the others may be cut short.
    let own = cases.filter(isOfTheClause)
    let others = cases.filter { !isOfTheClause($0) }
    var results = await play(own, jobs: jobs)
    results += await play(others, jobs: jobs)
    outcome.playedCount = results.count
    outcome.caseCount = cases.count
    if let limit = confirmationLimit {
      results = await play(toBeConfirmed(results, atMost: limit), jobs: 10)
    }
    note(results, in: &outcome)
    return outcome
  }

  /// The cases that failed: some of the fault's clause, some of the established suite, then others.
  private func toBeConfirmed(_ results: [CaseResult], atMost limit: Int) -> [Case] {
    let failed = Set(
      results.filter { !$0.verdict.isMet || $0.aliasView?.isFinding == true }.map(\.caseID))
    let items = cases.filter { failed.contains($0.id) }
    var chosen = Array(items.filter(isOfTheClause).prefix(limit / 2))
    for item in items.filter({ $0.number(in: "autobahn") != nil }) + items
    where chosen.count < limit && !chosen.contains(where: { $0.id == item.id }) {
      chosen.append(item)
    }
    return chosen
  }

  /// Whether the case and the fault cite the same clause, or one of them a part of the other's.
  private func isOfTheClause(_ item: Case) -> Bool {
    guard let clause = fault?.clause else { return false }
    let citation = item.citation.description
    return citation == clause || citation.hasPrefix(clause + ".")
      || clause.hasPrefix(citation + ".")
  }

  private func note(_ results: [CaseResult], in outcome: inout Outcome) {
    let byID = Dictionary(results.map { ($0.caseID, $0) }, uniquingKeysWith: { $1 })
    for item in cases {
      guard let result = byID[item.id] else { continue }
      if !result.verdict.isMet {
        outcome.findings.append(item.id)
        if isOfTheClause(item) { outcome.ownFindings.append(item.id) }
        if outcome.reason == nil { outcome.reason = "\(item.id): \(result.reason)" }
      }
      if let number = item.number(in: "autobahn"), result.aliasView?.isFinding ?? false {
        outcome.establishedFindings.append("\(number)")
      }
    }
  }

  private func play(_ cases: [Case], jobs: Int) async -> [CaseResult] {
    guard !cases.isEmpty else { return [] }
    do {
      return side == .server
        ? try await playServer(cases, jobs: jobs) : try await playClient(cases, jobs: jobs)
    } catch {
      printToStandardError("gauntlet: \(fault?.name ?? "honest"): \(error)")
      return []
    }
  }

  /// Many trials play at once, and few of their cases share compressed messages.
  private static let keptStreamByteCount = 8 << 20

  // MARK: Server twins

  private func playServer(
    _ cases: [Case], jobs: Int
  ) async throws(TransportError) -> [CaseResult] {
    let server = try TwinServer(fault, at: [(.loopback(port: 0), nil)])
    defer { server.stop() }
    guard let port = server.addresses.first?.port,
      let url = try? WebSocketURL("ws://127.0.0.1:\(port)/")
    else { return [] }
    var options = ConformanceOptions(url: url, cases: cases)
    options.transcripts = .none
    if fault != nil { options.keptStreamByteCount = Self.keptStreamByteCount }
    options.jobs = jobs
    let client = try ConformanceClient(options)
    let count = Mutex(0)
    let (limit, timeLimit) = (findingLimit, timeLimit)
    let watchdog = Task {
      try await Task.sleep(for: timeLimit)
      client.cancel()
    }
    defer { watchdog.cancel() }
    return try await client.run { progress in
      guard case .finished(let result, _, _) = progress, !result.verdict.isMet else { return }
      let isEnough = count.withLock { count in
        count += 1
        return count == limit
      }
      if isEnough { client.cancel() }
    }.agent.results
  }

  // MARK: Client twins

  private func playClient(
    _ cases: [Case], jobs: Int
  ) async throws(TransportError) -> [CaseResult] {
    var options = ConformanceServerOptions(
      places: [.init(address: .loopback(port: 0))], cases: cases)
    options.transcripts = .none
    if fault != nil { options.keptStreamByteCount = Self.keptStreamByteCount }
    let authority = try TestAuthority()
    options.ownPorts = .init(authority: authority, agent: "twin")
    let server = try ConformanceServer(options)
    let patience = Patience(findingLimit: findingLimit, timeLimit: timeLimit)
    try server.start { event in
      guard case .finished(_, let result) = event, !result.verdict.isMet else { return }
      patience.noteFinding()
    }
    var tls = TLSClientOptions()
    tls.authorities = [authority.certificate]
    let client = try TwinClient(fault, tls: tls)
    if let port = server.addresses.first?.port {
      let urls = cases.enumerated().compactMap { index, item in
        let place = server.ownURL(of: item.id) ?? "ws://127.0.0.1:\(port)"
        return try? TwinDestination("\(place)/runCase?case=\(index + 1)&agent=twin")
      }
      // What moves much plays alone, as it would in any run.
      let isHeavy = cases.map(\.isHeavy)
      let light = urls.indices.filter { !isHeavy[$0] }.map { urls[$0] }
      let heavy = urls.indices.filter { isHeavy[$0] }.map { urls[$0] }
      await client.echo(light, jobs: jobs, while: patience.isLeft)
      await client.echo(heavy, jobs: 4, while: patience.isLeft)
    }
    // The last results come when the server has seen the end of TCP.
    for item in cases {
      _ = await server.result(of: item.id, agent: "twin", within: .seconds(10))
    }
    let results = server.results().agents.flatMap(\.results)
    client.stop()
    await server.stop()
    return results
  }
}

/// How long a trial goes on.
private final class Patience: Sendable {
  private let findingLimit: Int
  private let deadline: ContinuousClock.Instant
  private let findingCount = Mutex(0)

  init(findingLimit: Int, timeLimit: Duration) {
    self.findingLimit = findingLimit
    deadline = .now + timeLimit
  }

  func noteFinding() { findingCount.withLock { $0 += 1 } }

  func isLeft() -> Bool {
    ContinuousClock.now < deadline && findingCount.withLock { $0 } < findingLimit
  }
}

extension AliasView {
  /// Whether the established suite would call it a failure of the peer.
  var isFinding: Bool {
    behavior == .failed || [.failed, .unclean, .wrongCode, .failedByClient].contains(behaviorClose)
  }
}
