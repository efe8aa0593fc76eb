import ArgumentParser
import Reports

/// `gauntlet history`: says what became of a folder of runs over time.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Lists a folder of runs, plots trends, and finds since which commit they changed.",
    discussion: """
      DIR holds runs under any names: folders with a run.json, folders of repetitions as \
      'gauntlet load --repeat 10 --out DIR/NAME' leaves them, and .json files. A run knows when it \
      was made and for which commit: from CI's variables, from git, or from $GAUNTLET_COMMIT.

      Cases: which began or ceased to stop the gate. Load: for each scenario and machine, where the \
      metrics changed for good (E-divisive means: energy distances with a permutation test), in the \
      middle by more than --min-effect. Runs that did not end are listed and not judged.

      EXIT CODES
        0  no change for the worse began among the last runs (--recent), or all were made good
        1  one did, and stands
        2  wrong use: no run in DIR, a flag that does not fit
        3  could not run: a folder cannot be read or written
      A run that cannot be read is told in a line on standard error, and left out.
      """)

  @Argument(help: ArgumentHelp("The folder of runs.", valueName: "DIR"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "What load runs are judged by (\(Self.usualMetrics)).", valueName: "METRICS"),
    transform: { try ComparisonOptions.metrics($0) })
  var metrics: [LoadMetric] = []

  @Option(help: ArgumentHelp("Smaller changes are none (default: 2%).", valueName: "PERCENT"))
  var minEffect: Share?

  @Option(
    help: ArgumentHelp(
      "How sure it is that a history without a change shows none (default: 95%).",
      valueName: "PERCENT"))
  var confidence: Share?

  @Option(help: ArgumentHelp("Runs that there must be on both sides of a change.", valueName: "N"))
  var minRuns = 3

  @Option(
    help: ArgumentHelp("Changes for the worse among so many last runs fail.", valueName: "N"))
  var recent = 10

  @Flag(help: "Runs of different machines are one sequence.")
  var anyMachine = false

  @Option(help: ArgumentHelp("What the permutations begin from.", valueName: "NUMBER"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("List so many of the latest runs.", valueName: "N"))
  var last = HistoryText.usualLimit

  @Option(
    help: ArgumentHelp("Write the history in JSON; - for standard output.", valueName: "FILE"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Write the numbers as CSV, a line for each run; - for standard output.", valueName: "FILE"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Write a site of static files here, with a page for each run.", valueName: "DIR"))
  var site: String?

  @Flag(help: "Print nothing; the exit code tells.")
  var quiet = false

  @OptionGroup(title: "Pruning") var pruning: PruningOptions

  func validate() throws {
    if let minEffect, minEffect.value > 10 {
      throw ValidationError("--min-effect is a change in percent: 0% to 1000%")
    }
    if let confidence, !(0.5..<1).contains(confidence.value) {
      throw ValidationError("--confidence is between 50% and 100%, 100% excluded")
    }
    guard (2...1000).contains(minRuns) else {
      throw ValidationError("--min-runs is between 2 and 1000")
    }
    guard recent >= 0, last >= 0 else {
      throw ValidationError("--recent and --last are numbers of runs")
    }
    guard json != "-" || csv != "-" else {
      throw ValidationError("--json - and --csv - both want standard output: name a file for one")
    }
  }

  func run() throws {
    let rules = self.rules
    let contents: HistoryFolder.Contents
    do throws(RunFileError) {
      contents = try HistoryFolder(folder).read(metrics: rules.metrics)
    } catch {
      if case .unreadable = error { throw couldNotRun("\(error)") }
      throw wrongUse("\(error)")
    }
    for problem in contents.problems { printToStandardError("gauntlet: left out: \(problem)") }
    guard !contents.entries.isEmpty else {
      throw wrongUse("\(folder): no run in it can be read")
    }
    let entries = try pruning.prune(contents.entries, isQuiet: quiet)
    let history = History(entries, rules: rules)
    try report(history)
    throw history.isRegression ? GauntletExit.requirementNotMet : GauntletExit.success
  }

  private func report(_ history: History) throws {
    if json == "-" {
      writeToStandardOutput(HistoryJSON.text(for: history))
    } else if csv == "-" {
      writeToStandardOutput(HistoryCSV.text(for: history))
    } else if !quiet {
      writeToStandardOutput(
        HistoryText.render(history, limit: last, colored: LoadTerminal.isColored))
    }
    try orCouldNotRun {
      if let json, json != "-" { try ReportWriter.write(HistoryJSON.text(for: history), to: json) }
      if let csv, csv != "-" { try ReportWriter.write(HistoryCSV.text(for: history), to: csv) }
      guard let site else { return }
      let path = try HistorySite.write(history, toFolder: site)
      if !quiet, json != "-", csv != "-" { printToStandardOutput("  \(path)") }
    }
  }

  /// What the flags say.
  var rules: HistoryRules {
    var rules = HistoryRules()
    if !metrics.isEmpty { rules.metrics = metrics }
    if let minEffect { rules.minimumEffect = minEffect.value }
    if let confidence { rules.confidence = confidence.value }
    rules.minimumCount = minRuns
    rules.recentCount = recent
    rules.joinsMachines = anyMachine
    rules.seed = seed
    return rules
  }

  private static var usualMetrics: String {
    HistoryRules.usualMetrics.map(\.name).joined(separator: ",")
  }
}

/// What `gauntlet history` removes.
struct PruningOptions: ParsableArguments {
  @Flag(help: "Remove old runs, as --keep and --older-than say, before anything else.")
  var prune = false

  @Option(help: ArgumentHelp("With --prune: so many of the latest runs stay.", valueName: "N"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      "With --prune: only what is older goes, for example 90d or 12h.", valueName: "TIME"))
  var olderThan: TimeSpan?

  @Flag(help: "With --prune: only say what would be removed.")
  var dryRun = false

  func validate() throws {
    guard prune else {
      guard keep == nil, olderThan == nil, !dryRun else {
        throw ValidationError("--keep, --older-than and --dry-run go with --prune")
      }
      return
    }
    guard keep != nil || olderThan != nil else {
      throw ValidationError("--prune removes runs: say which with --keep or --older-than")
    }
    guard keep ?? 1 >= 1 else {
      throw ValidationError("--keep is at least 1: a history needs a run")
    }
  }

  /// Removes what is expired; gives what stays.
  func prune(_ entries: [HistoryEntry], isQuiet: Bool) throws -> [HistoryEntry] {
    guard prune else { return entries }
    let limit = olderThan.map { span in
      Timestamp(
        millisecondsSinceEpoch: Timestamp.now().millisecondsSinceEpoch
          - span.duration.wholeNanoseconds / 1_000_000)
    }
    // The latest stays whatever its age: without any run there is no history.
    let expired = HistoryFolder.expired(entries, keeping: keep ?? 1, olderThan: limit)
    for entry in expired {
      let hasRest = try dryRun ? false : orCouldNotRun { try HistoryFolder.remove(entry) }
      let word = dryRun ? "would remove" : "removed"
      let rest = hasRest ? ", but for what is not gauntlet's" : ""
      if !isQuiet { printToStandardError("\(word) \(entry.path)\(rest)") }
    }
    guard !dryRun else { return entries }
    let paths = Set(expired.map(\.path))
    return entries.filter { !paths.contains($0.path) }
  }
}
