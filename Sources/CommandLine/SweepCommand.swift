import ArgumentParser
import LoadTesting
import Reports

/// `gauntlet sweep`: what compression costs and gains.
struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Plays the same load with every choice of permessage-deflate, and compares.",
    discussion: """
      For each payload one run without compression, then one for each window and with and without \
      context takeover, by turns. With --pid the server's processor time for each message and its \
      memory for each connection stand in the table. Ctrl-C ends the sweep with the runs so far.

      EXIT CODES
        0  every message of every run came back in order and unharmed
        1  replies were lost, late or wrong, or connections failed
        2  wrong use
        3  could not run: no connection could be established, a folder is not writable
        4  INVALID: the numbers of a run tell of the generator or its machine, not of the server (see --trust)
      """)

  @Argument(help: ArgumentHelp("The server: ws:// or wss://.", valueName: "URL"))
  var url: String

  @Option(
    help: ArgumentHelp("Payloads: json, text, random, zero.", valueName: "LIST"),
    transform: { try list($0, PayloadContent.init(rawValue:)) })
  var payloads: [PayloadContent] = [.json, .text, .random]

  @Option(
    help: ArgumentHelp("Windows of both sides, each of 9 to 15 bits.", valueName: "LIST"),
    transform: { try list($0) { Int($0) } })
  var windows: [Int] = [9, 12, 15]

  @Option(help: "Whether windows are kept from one message to the next.")
  var takeover = Takeover.both

  @Option(help: ArgumentHelp("zlib's level for what we send, 0 to 9.", valueName: "N"))
  var level = 6

  @Option(help: ArgumentHelp("Octets of a message: 200, 4K, 64K.", valueName: "BYTES"))
  var size = ByteSize(4096)

  @Option(help: ArgumentHelp("Connections to open.", valueName: "N"))
  var connections = 50

  @Option(help: ArgumentHelp("Messages under way on each connection.", valueName: "N"))
  var depth = 1

  @Option(help: ArgumentHelp("Of each run: time before recording begins.", valueName: "TIME"))
  var warmup = TimeSpan(.milliseconds(500))

  @Option(help: ArgumentHelp("Of each run: time of recording.", valueName: "TIME"))
  var duration = TimeSpan(.seconds(3))

  @OptionGroup var reach: ReachOptions

  @OptionGroup var reporting: LoadReportOptions

  @Option(help: "What each run must be at least, so that the exit code is not 4.")
  var trust = LoadTrust.suspect

  enum Takeover: String, ExpressibleByArgument, CaseIterable {
    case yes, no, both
  }

  func validate() throws {
    reach.warn(urls: [url])
    do {
      try sweep.validate()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    try reporting.prepare()
    let session = LoadSession(isQuiet: true)
    let interruption = session.watchSignals()
    defer { interruption.cancel() }
    let started = ContinuousClock.now
    let variants = sweep.variants
    var outcomes: [LoadOutcome] = []
    for variant in variants where !session.isInterrupted {
      var outcome = try await session.play(variant.plan).outcome
      if case .notConnected(let reason) = outcome.ending { throw couldNotRun(reason) }
      // Half a run compares with nothing.
      if outcome.ending == .interrupted { break }
      outcome.results.name = variant.name
      outcome.results.generator.tolerated = trust.tolerated
      outcomes.append(outcome)
      if !reporting.quiet {
        printToStandardError("gauntlet: \(outcomes.count) of \(variants.count): \(variant.name)")
      }
    }
    var run = Run(title: reporting.agent, elapsed: .now - started)
    run.isComplete = outcomes.count == variants.count
    run.load = outcomes.map(\.results)
    if !reporting.quiet { writeToStandardOutput(SweepText.render(run.load)) }
    try reporting.write(run)
    guard run.isComplete else {
      throw couldNotRun("interrupted after \(outcomes.count) of \(variants.count) runs")
    }
    guard run.load.allSatisfy(\.generator.isTrusted) else { throw GauntletExit.invalid }
    throw outcomes.allSatisfy(\.isFlawless)
      ? GauntletExit.success : GauntletExit.requirementNotMet
  }

  private var sweep: CompressionSweep {
    var load = LoadPlan(url: url)
    load.workload = .closedLoop(depth: depth)
    load.connections = connections
    load.payload = .generated(.json, byteCount: size.byteCount)
    load.warmUp = warmup.duration
    load.duration = duration.duration
    reach.apply(to: &load)
    reporting.apply(to: &load)
    var sweep = CompressionSweep(load)
    sweep.contents = payloads
    sweep.windowBits = windows
    sweep.takeovers = takeover == .both ? [true, false] : [takeover == .yes]
    sweep.level = level
    return sweep
  }

  /// The elements of a list that is written with commas.
  private static func list<Element>(
    _ text: String, _ element: (String) -> Element?
  ) throws -> [Element] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let value = element(String(word)) else {
        throw ValidationError("'\(word)' is not one of what the help names")
      }
      return value
    }
  }
}
