import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import LoadTesting
import Reports
import Transport

/// The runs of `gauntlet ab`: each starts its server, plays, and ends it.
struct ABRun {
  private let commands: [InterleavedOrder.Side: String]
  private let url: String
  private let plan: LoadPlan
  private let readyTimeout: Duration
  private let isQuiet: Bool
  private let session: LoadSession
  private let folder: String?
  private let folders: [InterleavedOrder.Side: RunFolder]

  /// What is to be played; the folder and one for each side are made.
  init(
    commands: [InterleavedOrder.Side: String], url: String, plan: LoadPlan, readyTimeout: Duration,
    folder: String?, isQuiet: Bool
  ) throws {
    self.commands = commands
    self.url = url
    self.plan = plan
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
  func play(_ order: InterleavedOrder) async throws -> [InterleavedOrder.Side: [Run]] {
    let interruption = session.watchSignals()
    defer { interruption.cancel() }
    var runs: [InterleavedOrder.Side: [Run]] = [:]
    for (index, side) in order.enumerated() {
      var run = try await play(side)
      run.title = "\(side.rawValue) \(1 + (runs[side]?.count ?? 0))"
      runs[side, default: []].append(run)
      if !isQuiet, let results = run.load.first {
        printToStandardError(
          "run \(index + 1) of \(order.sides.count): \(side.rawValue)  \(RepetitionText.line(results))"
        )
      }
      if let place = folders[side]?.place(of: runs[side]?.count ?? 1) {
        _ = try orCouldNotRun { try ReportWriter.write(run, toFolder: place) }
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

  private func play(_ side: InterleavedOrder.Side) async throws -> Run {
    let process: PeerProcess
    do throws(PeerError) {
      process = try await PeerProcess.start(
        Peer(name: side.rawValue, url: url, command: commands[side]),
        outputPath: outputPath(of: side),
        within: readyTimeout, unless: { session.isInterrupted })
    } catch {
      throw couldNotRun(
        ([side.rawValue + ": \(error)"] + error.output.map { "  | \($0)" }).joined(separator: "\n"))
    }
    session.beforeEnding { process.process.killAtOnce() }
    var plan = plan
    plan.url = process.url
    plan.agent = side.rawValue
    plan.observedProcess = process.process.identifier
    plan.observesGroup = true
    let result: (run: Run, outcome: LoadOutcome)
    do {
      result = try await session.play(plan)
    } catch {
      await process.stop()
      throw error
    }
    // Known before we end it: whether it has ended by itself.
    let ending = process.process.ending
    await process.stop()
    switch result.outcome.ending {
    case .completed where ending == nil: return result.run
    case .interrupted: throw couldNotRun("interrupted")
    case .notConnected(let reason): throw couldNotRun("\(side.rawValue): \(reason)")
    case .completed, .connectionsLost:
      let words = ending.map { "\($0)" } ?? "ended all connections"
      throw couldNotRun(
        (["\(side.rawValue): the server \(words) while it was under load"]
          + process.lastLines(5).map { "  | \($0)" }).joined(separator: "\n"))
    }
  }

  /// Where a server's output goes: beside its runs, or to a file of the system's.
  private func outputPath(of side: InterleavedOrder.Side) -> String {
    folders[side].map { "\($0.path)/server.log" } ?? passingOutputPath(of: "\(side.rawValue).log")
  }
}
