/// Repeated load runs for a terminal: a line for each, and how far they lie apart.
public enum RepetitionText {
  /// What a run measured, in a line without its end.
  public static func line(_ results: LoadResults) -> String {
    let metrics: [LoadMetric] = [
      .rate, .percentile(50, ofSetUp: false), .percentile(99, ofSetUp: false), .serverCPU,
    ]
    var parts = metrics.compactMap { metric in
      metric.value(in: results).map { "\(metric.name) \(metric.words($0))" }
    }
    let errors = results.errorCount
    parts.append(errors == 0 ? "no errors" : errors == 1 ? "1 error" : "\(errors) errors")
    parts += results.missedObjectives.map { "MISSED \(VisibleText.line($0.objective))" }
    return parts.joined(separator: "  ")
  }

  /// A table of the metrics: the median, the least, the greatest, and how far these lie apart.
  ///
  /// The text ends in a newline.
  public static func render(_ results: [LoadResults]) -> String {
    let rows = ComparisonRules.usualMetrics.compactMap { metric -> [String]? in
      let values = results.compactMap { metric.value(in: $0) }.filter(\.isFinite)
      guard let least = values.min(), let greatest = values.max() else { return nil }
      let median = values.median
      let spread = median > 0 ? "\(NumberText.fixed(100 * (greatest - least) / median, 1)) %" : ""
      return [metric.name] + [median, least, greatest].map(metric.words) + [spread]
    }
    let header = [NumberText.counted(results.count, "run"), "median", "least", "greatest", "apart"]
    return TextTable.lines([header] + rows, leftColumns: [0]).map { "  \($0)\n" }.joined()
  }
}
