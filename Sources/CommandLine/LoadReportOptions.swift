import ArgumentParser
import LoadTesting
import Reports

/// Whom the report of a load is about, and where it goes: what `load`, `capacity` and `sweep` share.
struct LoadReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A name for the server in reports.", valueName: "NAME"))
  var agent: String?

  @Option(help: ArgumentHelp("The server's process, to sample what it uses.", valueName: "PID"))
  var pid: Int32?

  @Option(help: ArgumentHelp("Write run.json, index.html and more here.", valueName: "DIR"))
  var out: String?

  @Flag(help: "No progress and no summary.")
  var quiet = false

  func validate() throws {
    if let pid { try checkProcess(pid) }
  }

  func apply(to plan: inout LoadPlan) {
    plan.agent = agent
    plan.observedProcess = pid
  }

  /// Makes sure, before anything is played, that the report can be written.
  func prepare() throws {
    if let out { try orCouldNotRun { try ReportWriter.prepare(folder: out) } }
  }

  /// Writes the report, if it is wanted, and says where it is, unless standard output is for something else.
  func write(_ run: Run, keepingStandardOutput isKept: Bool = false) throws {
    guard let out else { return }
    let paths = try orCouldNotRun { try ReportWriter.write(run, toFolder: out) }
    guard !quiet, !isKept else { return }
    for path in paths { printToStandardOutput("  \(path)") }
  }
}
