import ArgumentParser
import LoadTesting
import Reports

/// `gauntlet capacity`: how much a server carries.
struct CapacityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capacity",
    abstract: "Searches for the greatest load at which a server meets its objectives.",
    discussion: """
      Doubles the load until an objective is missed, bisects, and plays the loads next to the capacity \
      again until it is sure of them. By rate, messages are sent when they are due whatever the server \
      does (an open loop), and latency counts from the planned time; by connections, they are opened \
      and held, with --rate-each under load. With --publishers the rate is that of publishing. Errors count only as --slo says, but connections that \
      cannot be opened are never carried, and no more are rates whose answers fall ever further behind. Ctrl-C ends the search with what is known.

      EXIT CODES
        0  the capacity was found, or the server carried all up to --to
        1  the server did not carry even the least load
        2  wrong use
        3  could not run: no connection could be established, a folder is not writable
        4  the generator gave out first: the capacity may be greater
      """)

  @Argument(help: ArgumentHelp("The server: ws:// or wss://.", valueName: "URL"))
  var url: String

  @Option(
    help: ArgumentHelp(
      "What is required of the server, as of 'gauntlet load', for example 'p99<20ms,errors<0.1%'.",
      valueName: "OBJECTIVES"), transform: { try ServiceLevel($0) })
  var slo: ServiceLevel

  @Option(help: "What is raised.")
  var by = Axis.rate

  @Option(help: ArgumentHelp("The first load (by rate 100, by connections 10).", valueName: "N"))
  var from: Double?

  @Option(
    help: ArgumentHelp(
      "No greater load is tried (by rate 10 million, by connections 100000).", valueName: "N"))
  var to: Double?

  @Option(
    help: ArgumentHelp("How exactly the capacity is to be known, in percent.", valueName: "PERCENT")
  )
  var precision = 2.0

  @Option(
    help: ArgumentHelp("How often the loads next to the capacity are played.", valueName: "N"))
  var confirm = 3

  @Option(help: ArgumentHelp("By rate: connections to open.", valueName: "N"))
  var connections = 50

  @Option(
    help: ArgumentHelp(
      "By connections: messages per second on each; 0: they are only held.", valueName: "N"))
  var rateEach = 0.0

  @Option(help: ArgumentHelp("Of each play: time before recording begins.", valueName: "TIME"))
  var warmup = TimeSpan(.milliseconds(500))

  @Option(help: ArgumentHelp("Of each play: time of recording.", valueName: "TIME"))
  var duration = TimeSpan(.seconds(2))

  @Option(help: ArgumentHelp("Of each play: what replies may take at the end.", valueName: "TIME"))
  var drain = TimeSpan(.seconds(2))

  @Option(help: ArgumentHelp("Event loops, each with a thread.", valueName: "N"))
  var loops = 1

  @OptionGroup(title: "Messages") var payload: LoadPayloadOptions
  @OptionGroup(title: "Instead of an echo") var traffic: LoadTrafficOptions
  @OptionGroup(title: "Connections") var connection: LoadConnectionOptions

  @OptionGroup var reporting: LoadReportOptions

  enum Axis: String, ExpressibleByArgument, CaseIterable {
    case rate, connections
  }

  func validate() throws {
    connection.reach.warn(urls: [url])
    do {
      try plan().validate()
    } catch let error as LoadPlanError {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    let plan = try plan()
    try reporting.prepare()
    let session = LoadSession(isQuiet: true)
    let interruption = session.watchSignals()
    defer { interruption.cancel() }
    let started = ContinuousClock.now
    var runner = CapacityRunner(plan)
    if !reporting.quiet { printToStandardOutput(CapacityText.header) }
    let outcome = try await runner.run(
      play: { load in
        session.isInterrupted ? nil : try await session.perform(LoadTest(load)).outcomes.first
      },
      observer: { probe in
        if !reporting.quiet { printToStandardOutput(CapacityText.line(probe)) }
      })
    if let failure = outcome.failure { throw couldNotRun(failure) }
    var run = Run(title: reporting.agent, elapsed: .now - started)
    run.isComplete = outcome.results.ending != .interrupted
    run.capacity = outcome.results
    run.load = [outcome.best].compactMap { $0 }
    // What was carried although the generator was hindered was carried.
    for index in run.load.indices { run.load[index].generator.tolerated = .invalid }
    if !reporting.quiet { writeToStandardOutput("\n" + CapacityText.conclusion(outcome.results)) }
    try reporting.write(run)
    throw exitCode(outcome.results)
  }

  private func plan() throws -> CapacityPlan {
    var load = LoadPlan(url: url)
    try payload.apply(to: &load, message: traffic.message)
    connection.apply(to: &load)
    load.connections = connections
    load.workload = .openLoop(messagesPerSecond: 1)
    try traffic.apply(to: &load)
    load.warmUp = warmup.duration
    load.duration = duration.duration
    load.drain = drain.duration
    load.loops = loops
    reporting.apply(to: &load)
    var plan = CapacityPlan(load, by: by == .rate ? .rate : .connections, objectives: slo)
    plan.start = from ?? plan.start
    plan.limit = to ?? max(plan.limit, plan.start)
    plan.precision = precision / 100
    plan.confirmations = confirm
    plan.ratePerConnection = rateEach
    return plan
  }

  private func exitCode(_ results: CapacityResults) -> ExitCode {
    switch results.ending {
    case .found, .limitReached: GauntletExit.success
    case .nothingCarried: GauntletExit.requirementNotMet
    case .generatorExhausted: GauntletExit.invalid
    case .interrupted: couldNotRun("interrupted before the capacity was known")
    }
  }
}
