import ArgumentParser
import CaseLanguage
import Conformance
import FaultyTwins
import FoundationEssentials
import Transport
import WebSocketProtocol

/// `gauntlet faults`: proves that the suite finds faults.
struct FaultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "Plays the suite against twins of our endpoints that each break one rule.",
    discussion: """
      DIR gets faults.md, the table of faults and the cases that find them, and faults.tsv, the \
      same for other programs. Heavy and slow cases are played with the honest twins, and with twins \
      that break a limit.

      EXIT CODES
        0  every fault was found by a case of its clause, and the honest twins passed everything
        1  a fault was not found, or an honest twin failed a case
        2  wrong use: an unknown fault or case pattern, a broken case file
        3  could not run: folder not writable
      """)

  @Option(help: ArgumentHelp("Only twins of this side: server or client.", valueName: "SIDE"))
  var side: FaultSide?

  @Option(
    name: .customLong("fault"),
    help: ArgumentHelp(
      "Only this fault, or honest for the twins without; repeatable.", valueName: "NAME"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp("Play only these cases, as in conform server.", valueName: "GLOB|DIR"))
  var cases: [String] = []

  @Option(help: ArgumentHelp("Where the tables go.", valueName: "DIR"))
  var out = "reports/faults"

  @Option(help: ArgumentHelp("How many twins are played at once.", valueName: "N"))
  var jobs = 16

  @Option(help: ArgumentHelp("What one twin may take.", valueName: "TIME"))
  var timeLimit = TimeSpan(.seconds(120))

  @Flag(help: "List all faults, with clause, area and side, and end.")
  var listFaults = false

  func validate() throws {
    for name in names where name != "honest" && Fault.all.allSatisfy({ $0.name != name }) {
      throw ValidationError("--fault \(name): there is no such fault; --list-faults lists them")
    }
    guard 1...64 ~= jobs else { throw ValidationError("--jobs \(jobs): use 1 to 64") }
  }

  func run() async throws {
    if listFaults {
      for fault in Fault.all {
        writeToStandardOutput(
          "\(fault.name)\t\(fault.clause)\t\(fault.area.rawValue)\t\(fault.sides.words)\t"
            + fault.sentence + "\n")
      }
      return
    }
    DescriptorLimit.raise()
    let selected = try CaseSources(arguments: cases).selected()
    let trials = playedSides.flatMap { self.trials(of: $0, selected) }
    // The honest ones must pass everything, so nothing else plays beside them.
    let faulty = trials.filter { $0.fault != nil }
    let honest = trials.filter { $0.fault == nil }
    var outcomes = await play(faulty, before: honest.count)
    outcomes += await play(honest, after: faulty.count)
    let table = FaultTable(outcomes: outcomes)
    try write(table)
    writeToStandardOutput(table.summary + "\n")
    for outcome in table.missed + table.foundElsewhere {
      guard let fault = outcome.fault else { continue }
      let what = outcome.findings.isEmpty ? "not found" : "found, but not by a case of its clause"
      printToStandardOutput(
        "\(what): \(outcome.side) \(fault.name) (\(fault.clause)): \(fault.sentence)")
    }
    for outcome in table.honest {
      if !outcome.isComplete {
        printToStandardOutput("honest \(outcome.side): not all of its cases could be played")
      }
      if let reason = outcome.reason { printToStandardOutput("honest \(outcome.side): \(reason)") }
    }
    if !table.isMet { throw GauntletExit.requirementNotMet }
  }

  private var playedSides: [Role] {
    switch side {
    case .server: [.server]
    case .client: [.client]
    case nil: [.server, .client]
    }
  }

  /// The honest twin, which plays everything, and those with a fault.
  private func trials(of side: Role, _ cases: [Case]) -> [FaultTrial] {
    let playable = cases.filter { $0.peers.contains(side == .server ? .server : .client) }
    guard !playable.isEmpty else { return [] }
    var trials: [FaultTrial] = []
    if names.isEmpty || names.contains("honest") {
      trials.append(
        FaultTrial(fault: nil, side: side, cases: playable, timeLimit: .seconds(3600), jobs: 32))
    }
    let light = playable.filter { !$0.isHeavy && !$0.tags.contains("slow") }
    for fault in Fault.all(of: side) where names.isEmpty || names.contains(fault.name) {
      // What shows only in heavy or slow cases is played with those of its clause.
      let heavy = playable.filter { item in
        [.limits, .resources].contains(fault.area) && item.citation.description == fault.clause
          && (item.isHeavy || item.tags.contains("slow"))
      }
      trials.append(
        FaultTrial(
          fault: fault, side: side, cases: light + heavy, timeLimit: timeLimit.duration,
          findingLimit: 200, confirmationLimit: 30))
    }
    return trials
  }

  /// Plays the trials, several at a time, and shows how far it is.
  private func play(
    _ trials: [FaultTrial], after playedCount: Int = 0, before waitingCount: Int = 0
  ) async -> [FaultTrial.Outcome] {
    await withTaskGroup(of: (Int, FaultTrial.Outcome).self) { group in
      var outcomes: [FaultTrial.Outcome?] = Array(repeating: nil, count: trials.count)
      var waiting = trials.enumerated().makeIterator()
      for _ in 0..<min(jobs, trials.count) {
        guard let (index, trial) = waiting.next() else { break }
        group.addTask { (index, await trial.run()) }
      }
      var count = 0
      while let (index, outcome) = await group.next() {
        outcomes[index] = outcome
        count += 1
        show(outcome, "[\(playedCount + count)/\(playedCount + trials.count + waitingCount)]")
        if let (index, trial) = waiting.next() {
          group.addTask { (index, await trial.run()) }
        }
      }
      return outcomes.compactMap { $0 }
    }
  }

  private func show(_ outcome: FaultTrial.Outcome, _ position: String) {
    printToStandardError(
      "\(position) \(outcome.side) \(outcome.fault?.name ?? "honest"): "
        + "\(outcome.findings.count) of \(outcome.playedCount) cases, "
        + "\(outcome.ownFindings.count) of its clause")
  }

  private func write(_ table: FaultTable) throws {
    do {
      try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
      for (name, text) in [("faults.md", table.markdown), ("faults.tsv", table.tabSeparated)] {
        try Data(text.utf8).write(to: URL(filePath: "\(out)/\(name)"), options: .atomic)
      }
    } catch {
      throw couldNotRun("cannot write \(out): name a folder that can be written with --out")
    }
  }
}

/// Which side's twins are played, on the command line.
enum FaultSide: String, ExpressibleByArgument, CaseIterable {
  case server, client
}
