import ArgumentParser
import CaseLanguage
import FoundationEssentials
import LoadTesting
import Reports

/// `gauntlet load`: puts a server under load and says how it answers.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Puts a server under load, verifies every message, and measures.",
    discussion: """
      Without more, the server echoes; --ping, --correlate (request/response), --push and --publishers \
      (fan-out) are for others, and --lifetime, --storm and --slow make connections come, go and \
      lag behind. A scenario file has several such groups of connections, which play at once.

      Closed loop (--depth) finds out how much a server carries; open loop (--rate) how fast it \
      answers, stalls included. Ctrl-C ends the run with a report; a second one ends at once.

      EXIT CODES
        0  every message came back in order and unharmed; with --slo: all objectives were met
        1  replies were lost, late or wrong, messages could not be sent, or connections failed or \
      ended before their time; with --slo: an objective was missed, with --abort-on-slo early
        2  wrong use
        3  could not run: no connection could be established, a folder is not writable, or somebody \
      ended the run before its time
        4  INVALID: the numbers tell of the generator or its machine, not of the server (see --trust)
      """)

  @Argument(help: ArgumentHelp("The server: ws:// or wss://.", valueName: "URL"))
  var url: String?

  @Option(
    help: ArgumentHelp(
      "Play this scenario, several groups of connections at once, instead of what flags say.",
      discussion: "JSON, as Documentation/scenarios.md says; its URLs take the place of URL.",
      valueName: "FILE"))
  var scenario: String?

  @Flag(help: "With --scenario: only say whether the file can be played.")
  var check = false

  @OptionGroup(title: "Load") var workload: LoadWorkloadOptions
  @OptionGroup(title: "Messages") var payload: LoadPayloadOptions
  @OptionGroup(title: "Instead of an echo") var traffic: LoadTrafficOptions
  @OptionGroup(title: "Connections") var connection: LoadConnectionOptions
  @OptionGroup(title: "Connections that come, go and read slowly") var behaviour:
    LoadBehaviourOptions
  @OptionGroup(title: "Several processes or machines") var sharding: LoadShardOptions
  @OptionGroup(title: "The server, and what is told meanwhile") var watching: LoadWatchOptions

  @Flag(
    help: ArgumentHelp(
      "Play conformance cases on the connections, one after the other without end.",
      discussion: """
        Verdicts count as in 'gauntlet conform server', but for how long the server takes: that is \
        the matter of latencies, and its limit --reply-timeout.
        """))
  var replay = false

  @OptionGroup(title: "Which cases, with --replay") var selection: SelectionOptions

  @Option(
    help: ArgumentHelp(
      "What is required, for example 'p99<20ms,errors<0.1%,reach=100%'.",
      discussion: """
        Metrics: p50, p99, p99.9 and so on; connect-p99 and so on; mean, max, errors (a count or %), \
        reach (replies of planned messages, or what came to subscribers of what should, %), rate (messages/s; of cases with --replay), connected (%), cpu (the \
        server's time per message, with --pid).
        """,
      valueName: "OBJECTIVES"), transform: { try ServiceLevel($0) })
  var slo: ServiceLevel?

  @OptionGroup var reporting: LoadReportOptions

  @Option(help: ArgumentHelp("Write run.json here; - for standard output.", valueName: "FILE"))
  var json: String?

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp(
      "Play so often, each time as a run of its own: DIR/run-1 and so on, for 'gauntlet compare'.",
      valueName: "N"))
  var repetitions = 1

  @Option(
    help: ArgumentHelp(
      "What the run must be at least, so that the exit code is not 4: valid, suspect, any.",
      discussion: """
        Each run says of itself whether its generator kept up: VALID; SUSPECT, its numbers may be the \
        generator's; INVALID, they are.
        """))
  var trust = LoadTrust.suspect

  func validate() throws {
    guard url == nil || scenario == nil else {
      throw ValidationError("--scenario says where the servers are: leave out URL")
    }
    guard url != nil || scenario != nil else {
      throw ValidationError("name a server, ws:// or wss://, or a file with --scenario")
    }
    guard scenario != nil || !check else {
      throw ValidationError("--check is for a file: add --scenario")
    }
    guard watching.exec != nil || watching.readyTimeout == nil else {
      throw ValidationError("--ready-timeout is for a server that --exec starts: leave it out")
    }
    if let url {
      try PeerOptions.checkPort(command: watching.exec, urls: [url])
      connection.reach.warn(urls: [url])
    }
    do {
      try validatePlan()
    } catch let error as LoadPlanError {
      throw ValidationError(error.description)
    }
    guard (1...10_000).contains(repetitions) else {
      throw ValidationError("--repeat is between 1 and 10000")
    }
    guard repetitions == 1 || sharding.startAt == nil else {
      throw ValidationError("--start-at is the start of one run: leave out --repeat")
    }
    guard !watching.abortOnSlo || slo != nil || scenario != nil else {
      throw ValidationError("--abort-on-slo ends a run that misses --slo: say what is required")
    }
    guard watching.exec == nil || reporting.pid == nil else {
      throw ValidationError("--exec starts the server and knows its process: leave out --pid")
    }
    guard json != "-" || watching.jsonl != "-" else {
      throw ValidationError("--json - and --jsonl - both write to standard output: name a file")
    }
    guard repetitions == 1 || json == nil else {
      throw ValidationError("--json holds one run: with --repeat use --out")
    }
  }

  private func validatePlan() throws {
    guard scenario != nil else {
      return try sharding.apply(to: LoadTest(try plan())).validate()
    }
    var plan = try plan()
    plan.agent = nil
    plan.observedProcess = nil
    guard plan == LoadPlan(url: "") else {
      throw ValidationError("--scenario says what is played: leave out other flags of the load")
    }
  }

  func run() async throws {
    var order = try LoadOrder(self)
    if check {
      printToStandardOutput(order.summary)
      return
    }
    let session = LoadSession(isQuiet: reporting.quiet)
    let interruption = session.watchSignals()
    defer { interruption.cancel() }
    let folder = repetitions > 1 ? try reporting.out.map { try RunFolder($0) } : nil
    if repetitions == 1 { try reporting.prepare() }
    if let json, json != "-" { try orCouldNotRun { try ReportWriter.prepare(file: json) } }
    let watch = try LoadWatch(watching)
    let server = try await start(order.test, session)
    server?.apply(to: &order.test)
    let code: ExitCode
    do {
      code =
        repetitions > 1
        ? try await playRepeatedly(order, session, watch, folder)
        : try await playOnce(order, session, watch)
    } catch {
      await server?.stop()
      await watch.end()
      throw error
    }
    await server?.stop()
    await watch.end()
    throw code
  }

  /// Starts the server, if we are to.
  private func start(_ test: LoadTest, _ session: LoadSession) async throws -> LoadServer? {
    guard let command = watching.exec else { return nil }
    let urls = test.groups.map(\.plan.url)
    return try await LoadServer.start(
      command, url: urls.first { $0.contains("{port}") } ?? urls[0],
      within: watching.readyTimeout?.duration ?? .seconds(30),
      outputPath: reporting.out.map { "\($0)/server.log" } ?? PassingOutput.path(of: "server.log"),
      session)
  }

  private func playOnce(
    _ order: LoadOrder, _ session: LoadSession, _ watch: LoadWatch
  ) async throws -> ExitCode {
    let (run, outcomes) = try await play(order, session, watch)
    let hasConnected = outcomes.contains { $0.results.totals.connectionsEstablished > 0 }
    try report(run, hasConnected: hasConnected)
    if let missed = outcomes[0].missedObjective {
      printToStandardError("gauntlet: ended early: \(missed)")
    }
    return exitCode(outcomes)
  }

  /// The plan that the flags describe.
  func plan() throws -> LoadPlan {
    var plan = LoadPlan(url: url ?? "")
    workload.apply(to: &plan)
    try payload.apply(to: &plan, message: traffic.message)
    connection.apply(to: &plan)
    try traffic.apply(to: &plan)
    try behaviour.apply(to: &plan)
    // Where the server sends there is nothing to pace.
    if traffic.push, workload.depth == nil, plan.workload == .closedLoop(depth: 1) {
      plan.workload = .idle
    }
    if workload.schedule.trace != nil {
      guard !payload.isGiven, traffic.message == nil, plan.traffic == .echo else {
        throw ValidationError(
          "--trace says what is sent, and takes an echo: leave out other messages")
      }
      plan.payload = .generated(
        .random, byteCount: workload.schedule.trace?.trace.meanByteCount ?? 0)
    }
    reporting.apply(to: &plan)
    if replay {
      plan.traffic = .cases(
        CaseReplay(try selection.selected(from: selection.corpus(), for: .server)))
    } else if !selection.isDefault {
      throw ValidationError("a choice of cases needs --replay")
    }
    return plan
  }

  /// Plays once, and holds what came of it against the objectives.
  private func play(
    _ order: LoadOrder, _ session: LoadSession, _ watch: LoadWatch
  ) async throws -> (run: Run, outcomes: [LoadOutcome]) {
    var (run, outcomes) = try await session.play(order.test, title: order.title) { watch.note($0) }
    for (index, objectives) in order.objectives.enumerated() {
      outcomes[index].results.objectives = objectives?.outcomes(of: outcomes[index].results)
      outcomes[index].results.generator.tolerated = trust.tolerated
    }
    run.load = outcomes.map(\.results)
    return (run, outcomes)
  }

  /// Plays again and again; the exit code is that of the worst run.
  private func playRepeatedly(
    _ order: LoadOrder, _ session: LoadSession, _ watch: LoadWatch, _ folder: RunFolder?
  ) async throws -> ExitCode {
    var runs: [Run] = []
    var code = GauntletExit.success
    for number in 1...repetitions {
      let (run, outcomes) = try await play(order, session, watch)
      let missed = outcomes[0].missedObjective
      // Half a run is no repetition.
      if outcomes[0].ending == .interrupted, missed == nil { break }
      runs.append(run)
      if !reporting.quiet {
        for results in run.load {
          let group = results.group.map { "\($0): " } ?? ""
          printToStandardOutput(
            "run \(number) of \(repetitions): \(group)\(RepetitionText.line(results))")
        }
      }
      if let folder {
        _ = try orCouldNotRun { try ReportWriter.write(run, toFolder: folder.place(of: number)) }
      }
      let own = exitCode(outcomes)
      if own != GauntletExit.success { code = own }
      if let missed { printToStandardError("gauntlet: run \(number) ended early: \(missed)") }
      if missed != nil || own == GauntletExit.couldNotRun || session.isInterrupted { break }
    }
    if let folder, !runs.isEmpty {
      let page = try orCouldNotRun { try ReportWriter.writePage(for: runs, toFolder: folder.path) }
      if !reporting.quiet { printToStandardOutput("  \(page)") }
    }
    for index in order.test.groups.indices where !reporting.quiet && !runs.isEmpty {
      if let group = runs[0].load[index].group { printToStandardOutput("\(group):") }
      writeToStandardOutput(RepetitionText.render(runs.map { $0.load[index] }))
    }
    guard session.isInterrupted, runs.count < repetitions else { return code }
    return couldNotRun("interrupted after \(runs.count) of \(repetitions) runs")
  }

  private func report(_ run: Run, hasConnected: Bool) throws {
    if json == "-" {
      if let text = try? RunFile.encode(run) {
        writeToStandardOutput(String(decoding: text, as: UTF8.self))
      }
    } else if hasConnected, !reporting.quiet, watching.jsonl != "-" {
      writeToStandardOutput(
        SummaryText.render(run, colored: LoadTerminal.isColored).trimmingNewlines + "\n")
    }
    try reporting.write(run, keepingStandardOutput: json == "-" || watching.jsonl == "-")
    if let json, json != "-" { try orCouldNotRun { try RunFile.write(run, to: json) } }
  }

  private func exitCode(_ outcomes: [LoadOutcome]) -> ExitCode {
    for outcome in outcomes {
      if case .notConnected(let reason) = outcome.ending { return couldNotRun(reason) }
    }
    guard outcomes.allSatisfy(\.results.generator.isTrusted) else {
      return GauntletExit.invalid
    }
    guard outcomes.allSatisfy(\.isAsRequired) else { return GauntletExit.requirementNotMet }
    // What was measured is in the report, but it is not the run that was asked for.
    return outcomes.contains { $0.ending == .interrupted }
      ? couldNotRun("interrupted before the run was over") : GauntletExit.success
  }
}

/// How much a run must trust its own numbers.
enum LoadTrust: String, ExpressibleByArgument, CaseIterable {
  case valid, suspect, any

  /// The least trust that is enough; nil for the usual one.
  var tolerated: GeneratorReport.Validity? {
    switch self {
    case .valid: .valid
    case .suspect: nil
    case .any: .invalid
    }
  }
}

/// Files that the command line names.
enum LoadFiles {
  static func read(_ path: String, flag: String = "--payload-file") throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(flag) \(path): it cannot be read")
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
