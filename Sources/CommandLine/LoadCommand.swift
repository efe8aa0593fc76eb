import ArgumentParser
import FoundationEssentials
import LoadTesting
import Reports

/// `gauntlet load`: puts a server under load and says how it answers.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Puts a server that echoes under load, verifies every reply, and measures.",
    discussion: """
      Closed loop (--depth) finds out how much a server carries; open loop (--rate) how fast it \
      answers, stalls included. Ctrl-C ends the run with a report; a second one ends at once.

      EXIT CODES
        0  every message came back in order and unharmed; with --slo: all objectives were met
        1  replies were lost, late or wrong, messages could not be sent, or connections failed or \
      ended before their time; with --slo: an objective was missed
        2  wrong use
        3  could not run: no connection could be established, a folder is not writable
      """)

  @Argument(help: ArgumentHelp("The server: ws:// or wss://.", valueName: "URL"))
  var url: String

  @OptionGroup(title: "Load") var workload: LoadWorkloadOptions
  @OptionGroup(title: "Messages") var payload: LoadPayloadOptions
  @OptionGroup(title: "Connections") var connection: LoadConnectionOptions

  @Option(
    help: ArgumentHelp(
      "What is required, for example 'p99<20ms,errors<0.1%,reach=100%'.",
      discussion: """
        Metrics: p50, p99, p99.9 and so on; connect-p99 and so on; mean, max, errors (a count or %), \
        reach (replies of planned messages, %), rate (messages/s), connected (%).
        """,
      valueName: "OBJECTIVES"), transform: { try ServiceLevel($0) })
  var slo: ServiceLevel?

  @Option(help: ArgumentHelp("A name for the server in reports.", valueName: "NAME"))
  var agent: String?

  @Option(help: ArgumentHelp("Write run.json, index.html and more here.", valueName: "DIR"))
  var out: String?

  @Option(help: ArgumentHelp("Write run.json here; - for standard output.", valueName: "FILE"))
  var json: String?

  @Option(help: ArgumentHelp("The server's process, to sample what it uses.", valueName: "PID"))
  var pid: Int32?

  @Flag(help: "No progress and no summary.")
  var quiet = false

  func validate() throws {
    do {
      try plan().validate()
    } catch let error as LoadPlanError {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    let plan = try self.plan()
    let runner: LoadRunner
    do {
      runner = try LoadRunner(plan)
    } catch {
      guard case .wrongPlan(let text) = error else { throw couldNotRun(error.description) }
      throw ValidationError(text)
    }
    if let out {
      do {
        try ReportWriter.prepare(folder: out)
      } catch {
        throw couldNotRun("\(error)")
      }
    }
    let run = Run(title: agent)
    var outcome = try await play(runner)
    outcome.results.objectives = slo?.outcomes(of: outcome.results)
    try report(outcome, run)
    throw exitCode(outcome)
  }

  /// The plan that the flags describe.
  func plan() throws -> LoadPlan {
    var plan = LoadPlan(url: url)
    workload.apply(to: &plan)
    try payload.apply(to: &plan)
    connection.apply(to: &plan)
    plan.agent = agent
    plan.observedProcess = pid
    return plan
  }

  /// Runs while watching for signals: the first ends the run early, the second the program.
  private func play(_ runner: LoadRunner) async throws -> LoadOutcome {
    let watching = TerminationSignals.each { count in
      guard count == 1 else { LoadTerminal.endAtOnce() }
      printToStandardError("gauntlet: ending the run; once more ends at once")
      runner.stop()
    }
    defer { watching.cancel() }
    let display: LoadDisplay? = quiet ? nil : LoadDisplay(isTerminal: LoadTerminal.isTerminal)
    do {
      return try await runner.run { progress in display?.show(progress) }
    } catch {
      throw couldNotRun(error.description)
    }
  }

  private func report(_ outcome: LoadOutcome, _ started: Run) throws {
    var run = started
    run.elapsed = outcome.elapsed
    run.isComplete = outcome.ending == .completed
    var results = outcome.results
    results.replay = CommandLine.arguments.joined(separator: " ")
    run.load = [results]
    if json == "-" {
      if let text = try? RunFile.encode(run) {
        printToStandardOutput(String(decoding: text.dropLast(), as: UTF8.self))
      }
    } else if !quiet {
      printToStandardOutput(
        SummaryText.render(run, colored: LoadTerminal.isColored).trimmingNewlines)
    }
    do throws(FileError) {
      if let json, json != "-" { try RunFile.write(run, to: json) }
      guard let out else { return }
      let paths = try ReportWriter.write(run, toFolder: out)
      guard !quiet, json != "-" else { return }
      for path in paths { printToStandardOutput("  \(path)") }
    } catch {
      throw couldNotRun(error.description)
    }
  }

  private func exitCode(_ outcome: LoadOutcome) -> ExitCode {
    if case .notConnected(let reason) = outcome.ending { return couldNotRun(reason) }
    return outcome.isAsRequired ? GauntletExit.success : GauntletExit.requirementNotMet
  }
}

/// Files that the command line names.
enum LoadFiles {
  static func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("--payload-file \(path): it cannot be read")
    }
    return [UInt8](data)
  }
}

extension String {
  fileprivate var trimmingNewlines: String {
    var text = self[...]
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
