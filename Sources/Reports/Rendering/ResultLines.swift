/// JSON Lines: one object a line, for programs that follow a run or keep many.
///
/// The members of each line begin with `type`: `start`, `peer`, `result`, `trouble`, `end`.
public enum ResultLines {
  /// The whole run.
  static func text(for run: Run) -> String {
    var output = start(run.started, caseCount: run.conformance?.cases.count ?? 0)
    for item in FlatResult.all(run.conformance) {
      output += result(item.result, of: item.description, agent: item.agent.name)
    }
    for agent in run.conformance?.agents ?? [] {
      for trouble in agent.troubles ?? [] { output += self.trouble(trouble, agent: agent.name) }
    }
    return output + end(run)
  }

  /// The first line.
  public static func start(_ started: Timestamp, caseCount: Int) -> String {
    line([
      ("type", .string("start")), ("schemaVersion", .int(Run.currentSchemaVersion)),
      ("started", .string("\(started)")), ("cases", .int(caseCount)),
    ])
  }

  /// A peer is about to be tested.
  public static func peer(_ name: String, url: String) -> String {
    line([("type", .string("peer")), ("agent", .string(name)), ("url", .string(url))])
  }

  /// A result; a case that is played again gets another line, and the last one counts.
  public static func result(
    _ result: CaseResult, of description: CaseDescription, agent: String
  ) -> String {
    var members: [(String, JSONText)] = [
      ("type", .string("result")), ("agent", .string(agent)), ("case", .string(result.caseID)),
      ("aliases", .array(description.aliases.map { .string($0) })),
      ("section", .string(description.section)), ("level", .string(description.level.rawValue)),
      ("verdict", .string(result.verdict.overall.rawValue)),
      ("behaviour", .string(result.verdict.behaviour.rawValue)),
      ("closing", .string(result.verdict.closing.rawValue)),
      ("reason", .string(result.reason)), ("started", .string("\(result.started)")),
      ("elapsedNanoseconds", .int(Int(result.elapsedNanoseconds))),
    ]
    for (key, value) in [
      ("expected", result.expected), ("received", result.received),
      ("knownFailure", result.knownFailure), ("unexpected", result.unexpected),
      ("replay", result.replay),
    ] {
      if let value { members.append((key, .string(value))) }
    }
    return line(members)
  }

  /// Something that went wrong with a peer as a whole.
  public static func trouble(_ text: String, agent: String) -> String {
    line([("type", .string("trouble")), ("agent", .string(agent)), ("text", .string(text))])
  }

  /// The last line.
  public static func end(_ run: Run) -> String {
    var totals: [Grade: Int] = [:]
    for agent in run.conformance?.agents ?? [] {
      totals.merge(agent.gradeCounts) { $0 + $1 }
    }
    let counts = Grade.allCases.map { ($0.rawValue, JSONText.int(totals[$0] ?? 0)) }
    return line([
      ("type", .string("end")), ("isComplete", .bool(run.isComplete)),
      ("isMet", .bool(run.conformance?.isMet ?? true)),
      ("elapsedNanoseconds", .int(Int(run.elapsedNanoseconds))), ("totals", .object(counts)),
    ])
  }

  private static func line(_ members: [(String, JSONText)]) -> String {
    JSONText.object(members).text(indent: nil) + "\n"
  }
}
