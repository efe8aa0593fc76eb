/// One agent's results grouped by clause, in the order of the descriptions.
struct CaseGroups {
  struct Group {
    var section: String
    var heading: String
    var results: [(CaseDescription, CaseResult)]
  }

  var groups: [Group] = []

  init(_ results: ConformanceResults?, agent: AgentResults) {
    let byID = Dictionary(
      agent.results.map { ($0.caseID, $0) }, uniquingKeysWith: { _, last in last })
    var positions: [String: Int] = [:]
    for description in results?.cases ?? [] {
      guard let result = byID[description.id] else { continue }
      if positions[description.section] == nil {
        positions[description.section] = groups.count
        let heading = [description.section, description.sectionTitle].compactMap { $0 }
        groups.append(
          Group(
            section: description.section, heading: heading.joined(separator: " "), results: []))
      }
      groups[positions[description.section] ?? 0].results.append((description, result))
    }
  }
}

extension CaseResult {
  /// A failure that is known and has a reason.
  var isTolerated: Bool { knownFailure != nil && !verdict.isMet }
}

extension AgentResults {
  /// How many results have which grade.
  var gradeCounts: [Grade: Int] {
    results.reduce(into: [:]) { $0[$1.verdict.overall, default: 0] += 1 }
  }
}
