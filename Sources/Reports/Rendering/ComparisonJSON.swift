/// A comparison as JSON, for other programs.
public enum ComparisonJSON {
  /// The document: indented, ASCII, ending in a newline.
  public static func text(for comparison: RunComparison) -> String {
    let rules = comparison.rules
    let document = JSONText.object([
      ("schemaVersion", .int(1)),
      ("isRegression", .bool(comparison.isRegression)),
      ("isJudged", .bool(comparison.isJudged)),
      ("forced", strings(comparison.forced)),
      (
        "rules",
        .object([
          ("confidence", .double(rules.confidence)),
          ("minimumEffect", .double(rules.minimumEffect)),
          ("seed", .string("\(rules.seed)")),
          ("isStrict", .bool(rules.isStrict)),
        ])
      ),
      ("conformance", comparison.conformance.map { section($0) } ?? .null),
      ("load", comparison.load.map { section($0) } ?? .null),
    ])
    return document.text(indent: 2) + "\n"
  }

  private static func section(_ conformance: ConformanceComparison) -> JSONText {
    .object([
      (
        "agents",
        .array(
          conformance.agents.map { agent in
            .object([
              ("baseName", .string(agent.baseName)),
              ("headName", .string(agent.headName)),
              ("sharedCount", .int(agent.sharedCount)),
              (
                "changes",
                .array(agent.changes.map { section($0, isStrict: conformance.isStrict) })
              ),
              ("onlyInBase", strings(agent.onlyInBase)),
              ("onlyInHead", strings(agent.onlyInHead)),
            ])
          })
      ),
      ("onlyInBase", strings(conformance.onlyInBase)),
      ("onlyInHead", strings(conformance.onlyInHead)),
    ])
  }

  private static func section(_ change: CaseChange, isStrict: Bool) -> JSONText {
    .object([
      ("caseID", .string(change.description.id)),
      ("aliases", strings(change.description.aliases)),
      ("section", .string(change.description.section)),
      ("direction", .string(change.direction.rawValue)),
      ("isRegression", .bool(change.isRegression(isStrict: isStrict))),
      ("base", section(change.base.verdict)),
      ("head", section(change.head.verdict)),
      ("reason", .string(change.head.reason)),
      ("knownFailure", .optional(change.head.knownFailure)),
      ("unexpected", .optional(change.head.unexpected)),
      ("replay", .optional(change.head.replay)),
    ])
  }

  private static func section(_ verdict: Verdict) -> JSONText {
    .object([
      ("behaviour", .string(verdict.behaviour.rawValue)),
      ("closing", .string(verdict.closing.rawValue)),
    ])
  }

  private static func section(_ load: LoadComparison) -> JSONText {
    .object([
      (
        "scenarios",
        .array(
          load.scenarios.map { scenario in
            .object([
              ("name", .string(scenario.name)),
              ("baseCount", .int(scenario.baseCount)),
              ("headCount", .int(scenario.headCount)),
              ("metrics", .array(scenario.metrics.map { section($0) })),
              ("remarks", strings(scenario.remarks)),
            ])
          })
      ),
      ("onlyInBase", strings(load.onlyInBase)),
      ("onlyInHead", strings(load.onlyInHead)),
    ])
  }

  private static func section(_ metric: MetricComparison) -> JSONText {
    var reason: String?
    if case .notJudged(let text) = metric.judgement { reason = text }
    return .object([
      ("metric", .string(metric.metric.name)),
      ("judgement", .string(metric.judgementInWords)),
      ("reason", .optional(reason)),
      ("base", .array(metric.base.map { .double($0) })),
      ("head", .array(metric.head.map { .double($0) })),
      (
        "effect",
        metric.effect.map { effect in
          .object([
            ("isRelative", .bool(effect.isRelative)),
            ("size", .double(effect.size)),
            ("lower", .optional(effect.interval?.lower)),
            ("upper", .optional(effect.interval?.upper)),
          ])
        } ?? .null
      ),
      ("pValue", .optional(metric.pValue)),
    ])
  }

  private static func strings(_ texts: [String]) -> JSONText { .array(texts.map { .string($0) }) }
}
