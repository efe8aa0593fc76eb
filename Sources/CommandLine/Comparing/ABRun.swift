import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import LoadTesting
import Reports
import Transport

/// The runs of `gauntlet ab`: each starts its server, plays, and ends it.
struct ABRun {
  typealias Side = InterleavedOrder.Side

  private let commands: [Side: String]
  private let url: String
  private let plan: LoadPlan
  private let turns: Int
  private let readyTimeout: Duration
  private let isQuiet: Bool
  private let session: LoadSession
  private let folder: String?
  private let folders: [Side: RunFolder]

  /// What is to be played, each run in so many turns; the folder and one for each side are made.
  init(
    commands: [Side: String], url: String, plan: LoadPlan, turns: Int, readyTimeout: Duration,
    folder: String?, isQuiet: Bool
  ) throws {
    self.commands = commands
    self.url = url
    self.plan = plan
    self.turns = turns
    self.readyTimeout = readyTimeout
    self.folder = folder
    self.isQuiet = isQuiet
    // A line each second is for people who wait; a log gets one for each run.
    session = LoadSession(isQuiet: isQuiet || !LoadTerminal.isTerminal)
    folders =
      try folder.map { folder in
        [.a: try RunFolder("\(folder)/a"), .b: try RunFolder("\(folder)/b")]
      } ?? [:]
  }

  /// Plays in this order; the runs of each side in theirs.
  func play(_ order: InterleavedOrder) async throws -> [Side: [Run]] {
    let interruption = session.watchSignals()
    defer { interruption.cancel() }
    var runs: [Side: [Run]] = [:]
    let rounds = order.rounds(of: turns)
    for (index, round) in rounds.enumerated() {
      for (side, var run) in try await play(round) {
        run.title = "\(side.rawValue) \(index + 1)"
        runs[side, default: []].append(run)
        if !isQuiet, let results = run.load.first {
          printToStandardError(
            "run \(index + 1) of \(rounds.count): \(side.rawValue)  \(RepetitionText.line(results))"
          )
        }
        if let place = folders[side]?.place(of: index + 1) {
          _ = try orCouldNotRun { try ReportWriter.write(run, toFolder: place) }
        }
      }
    }
    return runs
  }

  /// Writes the comparison, and a page that shows all runs side by side.
  func write(_ comparison: RunComparison, of runs: [Run]) throws {
    guard let folder else { return }
    try orCouldNotRun {
      try ReportWriter.write(
        ComparisonMarkdown.text(for: comparison), to: "\(folder)/comparison.md")
      try ReportWriter.write(ComparisonJSON.text(for: comparison), to: "\(folder)/comparison.json")
      try ReportWriter.writePage(for: runs, toFolder: folder)
    }
  }

  /// Plays one run of each side, in this order of turns; the runs in the order in which they ended.
  ///
  /// A server lives from its first turn to its last: with one turn it is alone on the machine.
  private func play(_ round: [Side]) async throws -> [(Side, Run)] {
    var servers: [Side: PeerProcess] = [:]
    var played: [Side: [Run]] = [:]
    var runs: [(Side, Run)] = []
    do {
      for side in round {
        let living = servers[side]
        let server = if let living { living } else { try await start(side) }
        servers[side] = server
        let processes = servers.values.map(\.process)
        session.beforeEnding { for process in processes { process.killAtOnce() } }
        let turn = try await play(side, on: server, isFirst: living == nil)
        played[side, default: []].append(turn)
        guard let turns = played[side], turns.count == self.turns else { continue }
        await server.stop()
        servers[side] = nil
        runs.append((side, try orCouldNotRun { try TurnMerge(turns).run() }))
      }
    } catch {
      for server in servers.values { await server.stop() }
      throw error
    }
    return runs
  }

  private func start(_ side: Side) async throws -> PeerProcess {
    do throws(PeerError) {
      return try await PeerProcess.start(
        Peer(name: side.rawValue, url: url, command: commands[side]),
        outputPath: outputPath(of: side),
        within: readyTimeout, unless: { session.isInterrupted })
    } catch {
      throw couldNotRun("\(side.rawValue): \(error)", output: error.output)
    }
  }

  /// Plays one turn of a side, which has its share of the time.
  private func play(_ side: Side, on server: PeerProcess, isFirst: Bool) async throws -> Run {
    var plan = plan
    plan.url = server.url
    plan.agent = side.rawValue
    plan.observedProcess = server.process.identifier
    plan.observesGroup = true
    plan.duration /= turns
    // A server that has been warm stays so; its connections are new.
    if !isFirst { plan.warmUp /= turns }
    let result = try await session.play(plan)
    // Known before we end it: whether it has ended by itself.
    let ending = server.process.ending
    switch result.outcome.ending {
    case .completed where ending == nil: return result.run
    case .interrupted: throw couldNotRun("interrupted")
    case .notConnected(let reason): throw couldNotRun("\(side.rawValue): \(reason)")
    case .completed, .connectionsLost:
      let words = ending.map { "\($0)" } ?? "ended all connections"
      throw couldNotRun(
        "\(side.rawValue): the server \(words) while it was under load",
        output: server.lastLines(5))
    }
  }

  /// Where a server's output goes: beside its runs, or to a file of the system's.
  private func outputPath(of side: Side) -> String {
    folders[side].map { "\($0.path)/server.log" } ?? PassingOutput.path(of: "\(side.rawValue).log")
  }
}
