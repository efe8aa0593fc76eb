import ArgumentParser
import Reports

/// `gauntlet report merge`: makes one run of the parts that several processes or machines played.
struct ReportMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Makes one load run of the parts that 'gauntlet load --shard' played.",
    discussion: """
      Histograms are merged without loss, counts and errors added, intervals laid side by side by the \
      time on the wall, and objectives judged on the whole. The whole is as valid as its worst part.

      EXIT CODES
        as of 'gauntlet load', of the whole: 0, 1 or 4; and
        2  wrong use, and parts that are not one run: another scenario, a part missing or double
        3  a file cannot be read or written
      """)

  @Argument(help: ArgumentHelp("A run.json, or a folder with one or several.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "What is required of the whole, as of 'gauntlet load' (default: what was required of part 1).",
      valueName: "OBJECTIVES"), transform: { try ServiceLevel($0) })
  var slo: ServiceLevel?

  @Option(help: "What the run must be at least, so that the exit code is not 4.")
  var trust = LoadTrust.suspect

  @Flag(help: "Merge also what is no whole run; what is wrong is told all the same.")
  var force = false

  @Flag(help: "Print no summary.")
  var quiet = false

  mutating func validate() throws {
    if runs.isEmpty { throw ValidationError("Name the parts to merge.") }
  }

  mutating func run() throws {
    var parts: [RunMerge.Part] = []
    for path in runs { parts += try read(path) }
    let merge = RunMerge(parts)
    let problems = merge.problems
    for problem in problems { printToStandardError("gauntlet: \(problem)") }
    guard problems.isEmpty || force else {
      printToStandardError(
        "gauntlet: these parts are not one run; --force merges them all the same")
      throw GauntletExit.wrongUse
    }
    var whole: Run
    do throws(RunMerge.Failure) {
      whole = try merge.run(objectives: slo)
    } catch {
      printToStandardError("gauntlet: \(error)")
      throw GauntletExit.wrongUse
    }
    for index in whole.load.indices { whole.load[index].generator.tolerated = trust.tolerated }
    let paths = try orCouldNotRun { [whole] in
      try ReportWriter.prepare(folder: out)
      return try ReportWriter.write(whole, toFolder: out)
    }
    if !quiet {
      writeToStandardOutput(SummaryText.render(whole, colored: LoadTerminal.isColored))
      for path in paths { printToStandardOutput("  \(path)") }
    }
    throw exitCode(whole)
  }

  private func read(_ path: String) throws -> [RunMerge.Part] {
    do throws(RunFileError) {
      return try RunFile.readAll(path).map { RunMerge.Part(path: path, run: $0) }
    } catch {
      printToStandardError("gauntlet: \(error)")
      if case .unreadable = error { throw GauntletExit.couldNotRun }
      throw GauntletExit.wrongUse
    }
  }

  private func exitCode(_ whole: Run) -> ExitCode {
    guard whole.load.allSatisfy(\.generator.isTrusted) else {
      return GauntletExit.invalid
    }
    return whole.isComplete && whole.load.allSatisfy(\.isAsRequired)
      ? GauntletExit.success : GauntletExit.requirementNotMet
  }
}
