/// What a page shows: the runs, with the peers of all of them side by side.
struct PageContent {
  struct Agent {
    var results: AgentResults
    var name: String
    var runIndex: Int
    var gate: Gate?
    var resultsByID: [String: CaseResult]

    /// How the result of a case stands with the gate of its run.
    func standing(of result: CaseResult, level: RequirementLevel) -> Standing {
      ConformanceResults(role: .client, cases: [], gate: gate).standing(of: result, level: level)
    }
  }

  struct Group {
    var section: String
    var heading: String?
    var caseIndices: [Int]
  }

  struct Failure {
    var description: CaseDescription
    var agent: Agent
    var result: CaseResult
  }

  let runs: [Run]
  private(set) var agents: [Agent] = []
  private(set) var cases: [CaseDescription] = []
  private(set) var groups: [Group] = []
  private(set) var groupOfCase: [Int] = []
  let load: [(runIndex: Int, results: LoadResults)]

  init(_ runs: [Run]) {
    self.runs = runs
    load = runs.enumerated().flatMap { index, run in run.load.map { (index, $0) } }
    var known: Set<String> = []
    for (index, run) in runs.enumerated() {
      for description in run.conformance?.cases ?? [] where known.insert(description.id).inserted {
        cases.append(description)
      }
      for agent in run.conformance?.agents ?? [] {
        agents.append(
          Agent(
            results: agent, name: agent.name, runIndex: index, gate: run.conformance?.gate,
            resultsByID: Dictionary(
              agent.results.map { ($0.caseID, $0) }, uniquingKeysWith: { _, last in last })))
      }
    }
    nameAgentsApart()
    groupCases()
  }

  /// Two peers of one name are told apart by their run.
  private mutating func nameAgentsApart() {
    let counts = agents.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
    for index in agents.indices where counts[agents[index].name, default: 0] > 1 {
      let run = runs[agents[index].runIndex]
      agents[index].name += " (\(run.title ?? agents[index].results.url ?? "\(run.started)"))"
    }
  }

  private mutating func groupCases() {
    var positions: [String: Int] = [:]
    for (index, description) in cases.enumerated() {
      let position = positions[description.section] ?? groups.count
      if position == groups.count {
        positions[description.section] = position
        groups.append(
          Group(
            section: description.section, heading: description.sectionTitle, caseIndices: []))
      }
      groups[position].caseIndices.append(index)
      groupOfCase.append(position)
    }
  }

  /// What the page is about, in a line.
  var title: String {
    if runs.count == 1, let title = runs[0].title { return title }
    var names: [String] = []
    for name in agents.map(\.name) + load.map(\.results.name) where !names.contains(name) {
      names.append(name)
    }
    if runs.count > 1, names.count > 3 { return "\(runs.count) runs" }
    if names.count > 6 {
      return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) others"
    }
    return names.isEmpty ? "A run without results" : names.joined(separator: ", ")
  }

  /// What failed and is not known to, in the order of the cases.
  var failures: [Failure] {
    cases.flatMap { description in
      agents.compactMap { agent in
        guard let result = agent.resultsByID[description.id] else { return nil }
        return agent.standing(of: result, level: description.level) == .broken
          ? Failure(description: description, agent: agent, result: result) : nil
      }
    }
  }

  /// How many results of an agent have which grade, in a group or over all.
  func counts(of agent: Agent, in group: Group? = nil) -> [Grade: Int] {
    let indices = group?.caseIndices ?? Array(cases.indices)
    return indices.reduce(into: [:]) { counts, index in
      guard let result = agent.resultsByID[cases[index].id] else { return }
      counts[result.verdict.overall, default: 0] += 1
    }
  }
}
