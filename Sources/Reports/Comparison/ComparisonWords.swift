/// What comparisons say in words, for every rendering.

extension MetricComparison {
  /// The middle of each side, with its unit; a dash where nothing was measured.
  var middles: [String] {
    [base, head].map { values in
      values.isEmpty ? "–" : metric.words(isOfEvents ? values.mean : values.median)
    }
  }

  /// How the values changed: `+10.2 %`, `-1.50 ms`; empty where it cannot be told.
  var effectInWords: String { effect.map { words($0.size, of: $0) } ?? "" }

  /// Between what the change lies: `+9.1 % to +11.3 %`; empty where it cannot be told.
  var intervalInWords: String {
    guard let effect, let interval = effect.interval else { return "" }
    return [interval.lower, interval.upper].map { words($0, of: effect) }.joined(separator: " to ")
  }

  /// The corrected p value: `0.0123`, `<0.0001`.
  var pValueInWords: String {
    guard let pValue, !isConstant else { return "" }
    return pValue < 0.0001 ? "<0.0001" : NumberText.fixed(pValue, 4)
  }

  /// `better`, `worse`, `no change` or `not judged`.
  var judgementInWords: String {
    switch judgement {
    case .better: "better"
    case .worse: "worse"
    case .noChange: "no change"
    case .notJudged: "not judged"
    }
  }

  private func words(_ size: Double, of effect: Effect) -> String {
    let sign = size > 0 ? "+" : ""
    if effect.isRelative { return "\(sign)\(NumberText.fixed(100 * size, 1)) %" }
    return isOfEvents ? sign + NumberText.short(signed: size) : sign + metric.words(size)
  }
}

extension NumberText {
  /// About three significant digits of a number that may be negative.
  fileprivate static func short(signed value: Double) -> String {
    (value < 0 ? "-" : "") + short(value.magnitude)
  }
}

extension ScenarioComparison {
  /// How many runs there are on each side.
  var counts: String { "\(baseCount) and \(NumberText.counted(headCount, "run"))" }

  /// Why metrics are not judged, each reason once.
  var reasons: [String] {
    metrics.reduce(into: []) { reasons, metric in
      guard case .notJudged(let reason) = metric.judgement else { return }
      // What a side did not measure is seen in the table.
      if metric.pValue == nil, !metric.base.isEmpty, !metric.head.isEmpty,
        !reasons.contains(reason)
      {
        reasons.append(reason)
      }
    }
  }
}

extension CaseChange {
  /// `pass → fail`; both axes where the overall grade hides the change.
  var verdictsInWords: String {
    let grades = [base.verdict, head.verdict]
    let words = grades.map(\.overall.rawValue)
    guard words[0] == words[1] else { return words.joined(separator: " → ") }
    return grades.map { "\($0.behaviour.rawValue)/\($0.closing.rawValue)" }
      .joined(separator: " → ")
  }

  /// Its names: `5.5/payload-over-125  autobahn:2.5`.
  var names: [String] { [description.id] + description.aliases }

  /// Why head has its verdict, and whether that was expected.
  var explanation: String {
    guard let known = head.knownFailure else { return head.explanation }
    // Expectations that were written from results have their reasons.
    return head.explanation.hasPrefix(known)
      ? "known: \(head.explanation)" : "known: \(known); \(head.explanation)"
  }

  /// `worse`, `better`, `changed`, and `known` for a failure that is tolerated.
  var directionInWords: String {
    switch direction {
    case .better: "better"
    case .worse: isKnown ? "worse, known" : "worse"
    case .aside: "changed"
    }
  }
}

extension ConformanceComparison.Agent {
  /// Its name, or both.
  var name: String { baseName == headName ? headName : "\(baseName) → \(headName)" }

  /// `517 cases in both: 3 worse, 513 the same`.
  var summary: String {
    let counts = CaseChange.Direction.allCases.compactMap { direction -> String? in
      let count = changes.count { $0.direction == direction }
      let word = direction == .aside ? "changed otherwise" : direction.rawValue
      return count > 0 ? "\(count) \(word)" : nil
    }
    let same = "\(sharedCount - changes.count) the same"
    return "\(sharedCount) \(sharedCount == 1 ? "case" : "cases") in both: "
      + (counts + [same]).joined(separator: ", ")
  }
}

extension RunComparison {
  /// The whole in a line.
  var verdictInWords: String {
    var parts: [String] = []
    for agent in conformance?.agents ?? [] {
      let count = agent.changes.count { $0.isRegression(isStrict: rules.isStrict) }
      if count > 0 {
        parts.append(
          "\(count) \(count == 1 ? "case" : "cases") of \(VisibleText.line(agent.headName))")
      }
    }
    let worse = load?.metrics.filter { $0.judgement == .worse }.map(\.metric.name) ?? []
    if !worse.isEmpty { parts.append(worse.joined(separator: ", ")) }
    if isRegression { return "Regression: " + parts.joined(separator: "; ") }
    return isJudged ? "No regression." : "No verdict: there are too few runs to judge load."
  }

  /// From what on a difference in load counts.
  var rulesInWords: String {
    let questions = load?.scenarios.reduce(0) { $0 + $1.questionCount } ?? 0
    let correction = questions > 1 ? " over \(questions) metrics (Holm)" : ""
    let isPaired = load?.scenarios.contains { $0.metrics.contains(where: \.isPaired) } ?? false
    let pairs = isPaired ? ", judged by pairs of runs" : ""
    return "a change counts from \(percent(rules.minimumEffect)) on, at "
      + "\(percent(rules.confidence)) confidence\(correction)\(pairs)"
  }

  private func percent(_ share: Double) -> String {
    let text = NumberText.fixed(100 * share, 2)
    guard text.contains(".") else { return "\(text) %" }
    let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return "\(String(digits.reversed())) %"
  }
}
