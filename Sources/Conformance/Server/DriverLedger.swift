import CaseLanguage
import Reports
import Synchronization

/// Who has played what, and how it came out; kept over connections and threads.
final class DriverLedger: Sendable {
  private struct Entry {
    var name: String
    var userAgent: String?
    var url: String?
    var results: [String: CaseResult] = [:]
    /// How many connections play a case at this moment.
    var running: [String: Int] = [:]
    /// The cases of this run, as against those of earlier ones.
    var played: Set<String> = []
    var endedAt: [String: ContinuousClock.Instant] = [:]
    /// The cases that the client may have been lost at, to be played again one at a time.
    var suspects: Set<String> = []
    /// The cases whose plays the end of the run has cut short.
    var disregarded: Set<String> = []
  }

  /// How far a client has come in this run.
  struct Standing: Equatable {
    /// The cases that it need not play again.
    var played: Set<String> = []
    /// The cases that it is to play one at a time.
    var suspects: Set<String> = []
  }

  private struct Waiter {
    var number: Int
    var agent: String
    var caseID: String
    var answer: @Sendable (CaseResult?) -> Void
  }

  private struct State {
    var entries: [Entry] = []
    var waiters: [Waiter] = []
    var nextWaiter = 0
    /// The last case that was begun; nil when its client has asked for something else since.
    var latest: (agent: String, begunAt: ContinuousClock.Instant)?

    /// The entry of an agent, made if there is none and room for one.
    mutating func index(of agent: String, limit: Int) -> Int? {
      if let index = entries.firstIndex(where: { $0.name == agent }) { return index }
      guard entries.count < limit else { return nil }
      entries.append(Entry(name: agent))
      return entries.count - 1
    }
  }

  private let order: [String]
  private let descriptions: [CaseDescription]
  private let agentLimit: Int
  private let state: Mutex<State>

  /// A ledger that begins with the results of earlier runs.
  init(cases: [Case], earlier: ConformanceResults?, agentLimit: Int) {
    let current = cases.map(CaseDescription.init)
    let known = Set(current.map(\.id))
    descriptions = current + (earlier?.cases.filter { !known.contains($0.id) } ?? [])
    order = descriptions.map(\.id)
    self.agentLimit = agentLimit
    let entries = earlier?.agents.map { agent in
      Entry(
        name: agent.name, userAgent: agent.serverHeader, url: agent.url,
        results: Dictionary(
          agent.results.map { ($0.caseID, $0) }, uniquingKeysWith: { _, last in last }))
    }
    state = Mutex(State(entries: entries ?? []))
  }

  /// A client begins a case; false if there are too many clients.
  func begin(_ caseID: String, agent: String, userAgent: String?, url: String?) -> Bool {
    state.withLock { state in
      guard let index = state.index(of: agent, limit: agentLimit) else { return false }
      state.entries[index].running[caseID, default: 0] += 1
      state.entries[index].played.insert(caseID)
      state.latest = (agent, .now)
      if let userAgent { state.entries[index].userAgent = userAgent }
      if let url { state.entries[index].url = url }
      return true
    }
  }

  /// A case has ended; a result of before is replaced.
  ///
  /// - Returns: Whether the result counts.
  @discardableResult
  func end(_ caseID: String, agent: String, _ result: CaseResult) -> Bool {
    let waiters: [Waiter]? = state.withLock { state in
      guard let index = state.index(of: agent, limit: .max) else { return [] }
      guard !state.entries[index].disregarded.contains(caseID) else { return nil }
      state.entries[index].results[caseID] = result
      let count = state.entries[index].running[caseID, default: 1] - 1
      state.entries[index].running[caseID] = count > 0 ? count : nil
      state.entries[index].played.insert(caseID)
      state.entries[index].endedAt[caseID] = .now
      let isHit = { (waiter: Waiter) in waiter.agent == agent && waiter.caseID == caseID }
      defer { state.waiters.removeAll(where: isHit) }
      return state.waiters.filter(isHit)
    }
    for waiter in waiters ?? [] { waiter.answer(result) }
    return waiters != nil
  }

  /// What has not ended of a case by now is not held against the client: we have ended it.
  func disregard(_ caseID: String, agent: String, since start: ContinuousClock.Instant) {
    state.withLock { state in
      guard let index = state.index(of: agent, limit: .max),
        state.entries[index].endedAt[caseID].map({ $0 < start }) ?? true
      else { return }
      state.entries[index].disregarded.insert(caseID)
      state.entries[index].played.remove(caseID)
    }
  }

  /// A connection has ended that shall not replace the result.
  func abandon(_ caseID: String, agent: String) {
    state.withLock { state in
      guard let index = state.entries.firstIndex(where: { $0.name == agent }) else { return }
      let count = state.entries[index].running[caseID, default: 1] - 1
      state.entries[index].running[caseID] = count > 0 ? count : nil
    }
  }

  /// Changes a result that stands, if there is one.
  func amend(_ caseID: String, agent: String, _ change: (inout CaseResult) -> Void) {
    state.withLock { state in
      guard let index = state.entries.firstIndex(where: { $0.name == agent }),
        var result = state.entries[index].results[caseID]
      else { return }
      change(&result)
      state.entries[index].results[caseID] = result
    }
  }

  /// The result of a case; where none stands yet, or it is being played anew, `answer` hears of it.
  ///
  /// - Returns: The number of whoever waits now, or nil if `answer` was called.
  func await(
    _ caseID: String, agent: String, _ answer: @escaping @Sendable (CaseResult?) -> Void
  ) -> Int? {
    let (number, result) = state.withLock { state -> (Int?, CaseResult?) in
      let entry = state.entries.first { $0.name == agent }
      if entry?.running[caseID] == nil, let result = entry?.results[caseID] {
        return (nil, result)
      }
      state.nextWaiter += 1
      state.waiters.append(
        Waiter(number: state.nextWaiter, agent: agent, caseID: caseID, answer: answer))
      return (state.nextWaiter, nil)
    }
    if number == nil { answer(result) }
    return number
  }

  /// Stops waiting for a case that nobody plays; one that is being played is waited for.
  ///
  /// - Returns: Whether to ask again later.
  func giveUp(_ number: Int) -> Bool {
    let (waiter, isPlaying) = state.withLock { state -> (Waiter?, Bool) in
      guard let index = state.waiters.firstIndex(where: { $0.number == number }) else {
        return (nil, false)
      }
      let waiter = state.waiters[index]
      let entry = state.entries.first { $0.name == waiter.agent }
      if entry?.running[waiter.caseID] != nil { return (nil, true) }
      return (state.waiters.remove(at: index), false)
    }
    waiter?.answer(nil)
    return isPlaying
  }

  /// Whoever waited has gone away.
  func forget(_ number: Int) {
    state.withLock { state in state.waiters.removeAll { $0.number == number } }
  }

  /// Whether a case has ended since `start`.
  func hasResult(
    of caseID: String, agent: String, after start: ContinuousClock.Instant
  ) -> Bool {
    state.withLock { state in
      let entry = state.entries.first { $0.name == agent }
      return entry?.endedAt[caseID].map { $0 >= start } ?? false
    }
  }

  /// Whether a case has ended in this run.
  func hasEnded(_ caseID: String, agent: String) -> Bool {
    state.withLock { state in
      state.entries.first { $0.name == agent }?.endedAt[caseID] != nil
    }
  }

  /// The result of a case of this run, waited for while it is being played, within reason.
  func result(of caseID: String, agent: String, within limit: Duration) async -> CaseResult? {
    let end = ContinuousClock.now + limit
    while true {
      let (result, isPlaying) = state.withLock { state -> (CaseResult?, Bool) in
        guard let entry = state.entries.first(where: { $0.name == agent }),
          entry.played.contains(caseID)
        else { return (nil, false) }
        if entry.running[caseID] != nil { return (nil, true) }
        return (entry.results[caseID], false)
      }
      guard isPlaying, ContinuousClock.now < end else { return result }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  // MARK: Clients that are lost

  /// A client asks for something that is no case, so no case has ended it.
  func noteOtherRequest() {
    state.withLock { $0.latest = nil }
  }

  /// The client that began a case last, with the cases that had not ended before; one of them may have
  /// been its end.
  func lastPlayed() -> (agent: String, cases: [String])? {
    state.withLock { state in
      guard let latest = state.latest,
        let entry = state.entries.first(where: { $0.name == latest.agent })
      else { return nil }
      let cases = order.filter { id in
        entry.played.contains(id) && entry.endedAt[id].map { $0 >= latest.begunAt } != false
      }
      return cases.isEmpty ? nil : (latest.agent, cases)
    }
  }

  /// Has cases played again, one at a time; their results stand until then.
  func suspect(_ cases: [String], agent: String) {
    state.withLock { state in
      guard let index = state.entries.firstIndex(where: { $0.name == agent }) else { return }
      state.entries[index].played.subtract(cases)
      state.entries[index].suspects.formUnion(cases)
    }
  }

  /// How far each client has come.
  func standings() -> [String: Standing] {
    state.withLock { state in
      Dictionary(
        state.entries.map { ($0.name, Standing(played: $0.played, suspects: $0.suspects)) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// All results, those of earlier runs among them.
  func results() -> ConformanceResults {
    let entries = state.withLock { $0.entries }
    return ConformanceResults(
      role: .server, cases: descriptions,
      agents: entries.compactMap { entry in
        guard !entry.results.isEmpty else { return nil }
        return AgentResults(
          name: entry.name, url: entry.url, serverHeader: entry.userAgent,
          results: order.compactMap { entry.results[$0] })
      })
  }

  /// The names of those who played in this run, with the cases that each has a result of.
  func played() -> [(agent: String, cases: Set<String>)] {
    state.withLock { state in
      state.entries.compactMap { entry in
        guard !entry.played.isEmpty else { return nil }
        return (entry.name, entry.played.filter { entry.results[$0] != nil })
      }
    }
  }
}
