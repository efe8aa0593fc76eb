import ArgumentParser
import Reports

/// When a difference counts, and where the comparison goes: what `compare` and `ab` share.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Load: what runs are compared by (\(Self.usualMetrics)).",
      discussion: "Each further metric makes the verdict on all of them less sure.",
      valueName: "METRICS"), transform: { try Self.metrics($0) })
  var metrics: [LoadMetric] = []

  @Option(
    help: ArgumentHelp("Load: smaller changes are none (default: 2%).", valueName: "PERCENT"))
  var minEffect: Share?

  @Option(
    help: ArgumentHelp(
      "Load: how sure a verdict on all metrics together is, and intervals are (default: 95%).",
      valueName: "PERCENT"))
  var confidence: Share?

  @Flag(help: "Conformance: every change for the worse counts, not only what stops a gate.")
  var strict = false

  @Option(help: ArgumentHelp("Write the comparison in Markdown.", valueName: "FILE"))
  var markdown: String?

  @Option(
    help: ArgumentHelp("Write the comparison in JSON; - for standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Print no comparison; the exit code tells.")
  var quiet = false

  func validate() throws {
    if let minEffect, minEffect.value > 10 {
      throw ValidationError("--min-effect is a change in percent: 0% to 1000%")
    }
    if let confidence, !(0.5..<1).contains(confidence.value) {
      throw ValidationError("--confidence is between 50% and 100%, 100% excluded")
    }
  }

  /// What the flags say.
  var rules: ComparisonRules {
    var rules = ComparisonRules()
    if !metrics.isEmpty { rules.metrics = metrics }
    if let minEffect { rules.minimumEffect = minEffect.value }
    if let confidence { rules.confidence = confidence.value }
    rules.isStrict = strict
    return rules
  }

  /// Prints and writes a comparison; the exit code is its verdict.
  func report(_ comparison: RunComparison) throws -> ExitCode {
    if json == "-" {
      writeToStandardOutput(ComparisonJSON.text(for: comparison))
    } else if !quiet {
      writeToStandardOutput(
        ComparisonText.render(comparison, colored: LoadTerminal.isColored))
    }
    try orCouldNotRun {
      if let json, json != "-" {
        try ReportWriter.write(ComparisonJSON.text(for: comparison), to: json)
      }
      if let markdown {
        try ReportWriter.write(ComparisonMarkdown.text(for: comparison), to: markdown)
      }
    }
    if comparison.isRegression { return GauntletExit.requirementNotMet }
    return comparison.isJudged ? GauntletExit.success : GauntletExit.couldNotRun
  }

  private static var usualMetrics: String {
    ComparisonRules.usualMetrics.map(\.name).joined(separator: ",")
  }

  /// Metrics by their names, separated by commas.
  static func metrics(_ text: String) throws -> [LoadMetric] {
    var metrics: [LoadMetric] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let metric = LoadMetric(String(name)) else {
        throw ValidationError("--metrics knows no '\(name)': \(LoadMetric.namesInWords)")
      }
      guard !metrics.contains(metric) else {
        throw ValidationError("--metrics names \(name) twice")
      }
      metrics.append(metric)
    }
    return metrics
  }
}

/// A share on the command line: `2%`, `0.5%`, or a bare number of percent.
struct Share: ExpressibleByArgument, Hashable {
  /// 1 for 100 %.
  let value: Double

  init?(argument: String) {
    let number = argument.hasSuffix("%") ? argument.dropLast() : argument[...]
    guard let percent = Double(number), percent.isFinite, percent >= 0 else { return nil }
    value = percent / 100
  }
}
