import ArgumentParser
import Conformance
import LoadTesting
import Reports

/// `gauntlet ab`: compares two builds of a server by interleaved load runs.
struct ABCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ab",
    abstract: "Starts two builds of a server, puts both under load in turn, and compares them.",
    discussion: """
      Each run starts its server afresh, waits until it takes connections, and ends it with its \
      process group. {port} in a command stands for a free port, which is in $PORT too. Two runs, \
      one of each build, are played side by side: in --turns, in blocks of ABBA or BAAB drawn from \
      --seed, so that whatever the machine does meanwhile meets both alike. In each turn only its own \
      server is under load; the other one waits. With one turn, as with a fixed --url or a rate that \
      changes, only one of both servers lives at a time. The processor time that the server's whole \
      process group takes for each message is compared as well.

      How changes are judged: gauntlet compare --help. DIR/a and DIR/b hold the runs, for \
      'gauntlet compare DIR/a DIR/b'.

      EXIT CODES
        0  B is not worse than A
        1  B is worse
        2  wrong use
        3  could not run: a server cannot be started or ended before its time, a folder is not \
      writable, too few runs for a verdict
      """)

  @Option(
    help: ArgumentHelp("How the first build is started: the one before.", valueName: "COMMAND"))
  var a: String

  @Option(
    help: ArgumentHelp("How the second build is started: the one after.", valueName: "COMMAND"))
  var b: String

  @Option(help: ArgumentHelp("Where the servers are.", valueName: "URL"))
  var url = Peer.usualURL

  @Option(
    name: .customLong("repeat"), help: ArgumentHelp("Runs of each build.", valueName: "N"))
  var repetitions = 10

  @Option(
    help: ArgumentHelp(
      "Turns of each run: --duration is divided among them (default: 4, or 1 where it cannot be).",
      discussion: "The first turn has all of --warmup, each further one its part of it.",
      valueName: "N"))
  var turns: Int?

  @Option(
    help: ArgumentHelp(
      "How long a server may take until it is ready.", valueName: "TIME"))
  var readyTimeout = TimeSpan(.seconds(30))

  @Option(help: ArgumentHelp("Keep the runs, the comparison and a page here.", valueName: "DIR"))
  var out: String?

  @OptionGroup(title: "Load") var workload: LoadWorkloadOptions
  @OptionGroup(title: "Messages") var payload: LoadPayloadOptions
  @OptionGroup(title: "Connections") var connection: LoadConnectionOptions
  @OptionGroup(title: "Comparison") var comparison: ComparisonOptions

  /// The usual number of turns: with more, what new connections cost would be seen.
  private static let usualTurns = 4

  func validate() throws {
    connection.reach.warn(urls: [url])
    guard (4...1000).contains(repetitions) else {
      throw ValidationError("--repeat is between 4 and 1000: fewer runs cannot show anything")
    }
    do {
      var plan = try self.plan()
      plan.url = url.replacing("{port}", with: "1")
      try plan.validate()
      guard let turns else { return }
      guard (1...100).contains(turns) else { throw ValidationError("--turns is between 1 and 100") }
      if turns > 1, let reason = reasonForOneTurn(plan) { throw ValidationError(reason) }
    } catch let error as LoadPlanError {
      throw ValidationError(error.description)
    }
  }

  /// Why runs of this plan have one turn only; nil: they can have more.
  private func reasonForOneTurn(_ plan: LoadPlan) -> String? {
    if !url.contains("{port}") {
      "--turns needs both servers at once: leave {port} in --url, so that each has its own"
    } else if !plan.isSteady {
      "--turns needs a rate that stays: leave out ramps, steps, bursts and traces"
    } else {
      nil
    }
  }

  func run() async throws {
    let plan = try plan()
    let turns = turns ?? (reasonForOneTurn(plan) == nil ? Self.usualTurns : 1)
    let run = try ABRun(
      commands: [.a: a, .b: b], url: url, plan: plan, turns: turns,
      readyTimeout: readyTimeout.duration, folder: out, isQuiet: comparison.quiet)
    let runs = try await run.play(
      InterleavedOrder(repetitions: repetitions * turns, seed: payload.seed))
    var rules = comparison.rules
    rules.seed = payload.seed
    rules.isPaired = true
    let compared = try orCouldNotRun {
      try RunComparison(base: runs[.a] ?? [], head: runs[.b] ?? [], rules: rules)
    }
    try run.write(compared, of: (runs[.a] ?? []) + (runs[.b] ?? []))
    throw try comparison.report(compared)
  }

  /// The plan that the flags describe, without the server.
  func plan() throws -> LoadPlan {
    var plan = LoadPlan(url: url)
    workload.apply(to: &plan)
    try payload.apply(to: &plan)
    connection.apply(to: &plan)
    return plan
  }
}
