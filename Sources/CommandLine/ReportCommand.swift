import ArgumentParser
import Reports

/// `gauntlet report`: renders stored runs again, or merges them.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Renders stored runs again; several become one page, or one run.",
    discussion: "'gauntlet report RUN…' is 'gauntlet report render RUN…'.",
    subcommands: [ReportRenderCommand.self, ReportMergeCommand.self],
    defaultSubcommand: ReportRenderCommand.self)
}

/// `gauntlet report RUN…`: renders stored runs again.
struct ReportRenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Renders stored runs again; several become one page.",
    discussion: """
      A run is a run.json or the folder that holds one. Of one run all reports are rendered: \
      index.html, junit.xml, summary.md, and autobahn/ in the established suite's shape. Of \
      several runs one page is made that shows them side by side.
      """)

  @Argument(help: ArgumentHelp("A run.json, or a folder with one.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "The folder to write to. Default: the folder of the run, if it is only one.",
      valueName: "folder"))
  var out: String?

  @Flag(help: "Print no summary.")
  var quiet = false

  mutating func validate() throws {
    if runs.isEmpty { throw ValidationError("Name at least one run.") }
    if runs.count > 1, out == nil {
      throw ValidationError("Several runs become one page: say with --out where it shall be.")
    }
  }

  mutating func run() throws {
    let loaded = try runs.map(read)
    do {
      if let run = loaded.first, loaded.count == 1 {
        try render(run)
      } else if let out {
        printToStandardOutput(try ReportWriter.writePage(for: loaded, toFolder: out))
      }
    } catch let error as FileError {
      printToStandardError("gauntlet: \(error)")
      throw GauntletExit.couldNotRun
    }
  }

  private func read(_ path: String) throws -> Run {
    do throws(RunFileError) {
      return try RunFile.read(path)
    } catch {
      printToStandardError("gauntlet: \(error)")
      if case .unreadable = error { throw GauntletExit.couldNotRun }
      throw GauntletExit.wrongUse
    }
  }

  private func render(_ run: Run) throws {
    var formats = ReportFormats.all
    if out == nil { formats.remove(.json) }
    let paths = try ReportWriter.write(run, toFolder: out ?? folder(of: runs[0]), formats: formats)
    if !quiet { writeToStandardOutput(SummaryText.render(run) + "\n") }
    for path in paths { printToStandardOutput(path) }
  }

  /// The folder that a run's path names, or in which the file lies.
  private func folder(of path: String) -> String {
    guard path.hasSuffix(".json") else { return path }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
