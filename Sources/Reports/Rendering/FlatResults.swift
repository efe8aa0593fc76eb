/// The results of a run one after the other, each with all that a renderer of lists wants.
struct FlatResult {
  var agent: AgentResults
  var description: CaseDescription
  var result: CaseResult
  var standing: Standing

  static func all(_ conformance: ConformanceResults?) -> [FlatResult] {
    guard let conformance else { return [] }
    return conformance.agents.flatMap { agent in
      CaseGroups(conformance, agent: agent).groups.flatMap(\.results).map { description, result in
        FlatResult(
          agent: agent, description: description, result: result,
          standing: conformance.standing(of: result, level: description.level))
      }
    }
  }

  /// The id and the aliases.
  var names: String { ([description.id] + description.aliases).joined(separator: " ") }

  /// What was expected, what came, what was on the wire, and how it is played again.
  var evidence: [String] {
    var lines = ["\(description.section): \(description.why)"]
    if let expected = result.expected { lines.append("expected: \(expected)") }
    if let received = result.received { lines.append("received: \(received)") }
    lines += result.transcript.map { "\(TranscriptText.mark($0)) \($0.notation)" }
    if let replay = result.replay { lines.append("replay: \(replay)") }
    return lines
  }
}
