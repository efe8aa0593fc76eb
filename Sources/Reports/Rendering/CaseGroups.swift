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
  /// Why it stands as it does, in one line: what was unexpected first.
  var explanation: String {
    var text = unexpected.map { "\($0): \(reason)" } ?? reason
    if let plays, plays.isFlaky { text += " (\(plays.unmet) of \(plays.total) plays)" }
    return text
  }
}

/// Cases that test what a peer does not support, told once with their number.
struct UnsupportedGroup: Equatable {
  var reason: String
  var sections: [String]
  var count: Int

  /// One line: how many, why, where.
  var text: String {
    let places = sections.count > 3 ? sections.prefix(3) + ["…"] : sections[...]
    return
      "\(count) \(count == 1 ? "case" : "cases") of \(places.joined(separator: ", ")): \(reason)"
  }

  /// The groups of an agent's results, by reason, in the order of the cases.
  static func all(of agent: AgentResults, in conformance: ConformanceResults) -> [Self] {
    var groups: [Self] = []
    for (description, result) in CaseGroups(conformance, agent: agent).groups.flatMap(\.results)
    where result.verdict.overall == .unsupported {
      let index = groups.firstIndex { $0.reason == result.reason } ?? groups.count
      if index == groups.count {
        groups.append(UnsupportedGroup(reason: result.reason, sections: [], count: 0))
      }
      groups[index].count += 1
      if !groups[index].sections.contains(description.section) {
        groups[index].sections.append(description.section)
      }
    }
    return groups
  }
}

extension AgentResults {
  /// How many results have which grade.
  var gradeCounts: [Grade: Int] {
    results.reduce(into: [:]) { $0[$1.verdict.overall, default: 0] += 1 }
  }
}
