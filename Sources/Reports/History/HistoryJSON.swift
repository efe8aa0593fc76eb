/// A history as JSON, for other programs.
public enum HistoryJSON {
  /// The document: indented, ASCII, ending in a newline.
  public static func text(for history: History) -> String {
    let rules = history.rules
    let document = JSONText.object([
      ("schemaVersion", .int(1)),
      ("isRegression", .bool(history.isRegression)),
      (
        "rules",
        .object([
          ("confidence", .double(rules.confidence)),
          ("minimumEffect", .double(rules.minimumEffect)),
          ("minimumCount", .int(rules.minimumCount)),
          ("recentCount", .int(rules.recentCount)),
          ("joinsMachines", .bool(rules.joinsMachines)),
          ("seed", .string("\(rules.seed)")),
        ])
      ),
      ("entries", .array(history.entries.map(entry))),
      ("verdictChanges", .array(history.verdictChanges.map(change))),
      ("scenarios", .array(history.scenarios.map(scenario))),
    ])
    return document.text(indent: 2) + "\n"
  }

  private static func entry(_ entry: HistoryEntry) -> JSONText {
    .object([
      ("name", .string(entry.name)),
      ("started", .string("\(entry.started)")),
      ("commit", .optional(entry.source?.commit)),
      ("branch", .optional(entry.source?.branch)),
      ("runCount", .int(entry.runCount)),
      ("isComplete", .bool(entry.isComplete)),
      ("machine", .string(entry.machine)),
      (
        "agents",
        .array(
          entry.agents.map { agent in
            .object([
              ("name", .string(agent.name)),
              ("caseCount", .int(agent.caseCount)),
              ("brokenCount", .int(agent.brokenCount)),
              (
                "counts",
                .object(Grade.allCases.map { ($0.rawValue, .int(agent.counts[$0, default: 0])) })
              ),
            ])
          })
      ),
    ])
  }

  private static func change(_ change: History.VerdictChange) -> JSONText {
    .object([
      ("agent", .string(change.agent)),
      ("lastEntry", .int(change.lastEntry)),
      ("firstEntry", .int(change.firstEntry)),
      ("broken", .array(change.broken.map { .string($0) })),
      ("mended", .array(change.mended.map { .string($0) })),
      ("standingCount", .int(change.standingCount)),
    ])
  }

  private static func scenario(_ scenario: HistoryScenario) -> JSONText {
    .object([
      ("name", .string(scenario.name)),
      ("machine", .string(scenario.machine)),
      (
        "series",
        .array(
          scenario.series.map { series in
            .object([
              ("metric", .string(series.metric.name)),
              ("entries", .array(series.entries.map { .int($0) })),
              ("values", .array(series.values.map { .double($0) })),
              ("changes", .array(series.changes.map { change($0) })),
            ])
          })
      ),
    ])
  }

  private static func change(_ change: HistorySeries.Change) -> JSONText {
    .object([
      ("lastEntry", .int(change.lastEntry)),
      ("firstEntry", .int(change.firstEntry)),
      ("before", .double(change.before)),
      ("after", .double(change.after)),
      ("relativeSize", .optional(change.relativeSize)),
      ("pValue", .double(change.pValue)),
      ("isWorse", .bool(change.isWorse)),
      ("stands", .bool(change.stands)),
    ])
  }
}
