import ArgumentParser
import CaseLanguage
import Conformance
import FoundationEssentials
import Glibc
import Reports
import Synchronization
import Transport

/// A conformance server as the command line shows it: clients, progress, reports, exit code.
final class ConformClientRun: Sendable {
  /// Who is to play.
  enum Client: Sendable {
    /// Whoever connects, until we are told to end.
    case anyone
    /// A driver that is run once.
    case driver(String)
    /// A command that is run for each case.
    case exec(String, agent: String, jobs: Int, timeLimit: Duration)
  }

  /// What the results are held against.
  struct Judgement: Sendable {
    var gate: GateOptions
    var expectations: ExpectationFile?
    var corpus: [CaseDescription]
  }

  private let judgement: Judgement
  private let options: ConformanceServerOptions
  private let server: ConformanceServer
  private let schemes: [String]
  private let out: String?
  private let readyFile: String?
  private let started = ContinuousClock.now
  private let startedAt = Timestamp.now()
  private let progress: ClientProgress
  private let writing = Mutex(false)

  init(
    _ options: ConformanceServerOptions, schemes: [String], out: String?, readyFile: String?,
    judging judgement: Judgement
  ) throws {
    self.options = options
    self.judgement = judgement
    self.schemes = schemes
    self.out = out
    self.readyFile = readyFile
    progress = ClientProgress(total: options.cases.count)
    do {
      server = try ConformanceServer(options)
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  /// Plays until the client is through or the end is asked for; returns the exit code.
  func play(_ client: Client) async throws -> ExitCode {
    let signals = TerminationSignals()
    let (server, progress) = (self.server, self.progress)
    do {
      try server.start(
        observer: { progress.show($0) }, writeReports: { [weak self] in self?.write() ?? true })
    } catch {
      throw couldNotRun("\(error)")
    }
    try announce(client)
    let interruption = Task {
      for await _ in signals.stream {
        server.end()
        return
      }
    }
    defer { interruption.cancel() }
    try await withClient(client) { await server.waitForEnd() }
    await server.stop()
    progress.end()
    if let readyFile { ReadyFile.remove(readyFile) }
    var run = results(isComplete: true)
    if var conformance = run.conformance {
      try judgement.gate.write(&conformance, corpus: judgement.corpus)
      run.conformance = conformance
    }
    printToStandardOutput(SummaryText.render(run, colored: isatty(STDOUT_FILENO) != 0))
    guard write(run) else { return GauntletExit.couldNotRun }
    return exitCode(run)
  }

  // MARK: Clients

  /// Runs the client beside `waiting`; whichever ends first ends the other.
  private func withClient(
    _ client: Client, waiting: @escaping @Sendable () async -> Void
  ) async throws {
    let failure = Mutex<String?>(nil)
    let work: (@Sendable () async -> Void)? =
      switch client {
      case .anyone: nil
      case .driver(let command):
        { [self] in if let line = await drive(command) { failure.withLock { $0 = line } } }
      case .exec(let command, let agent, let jobs, let timeLimit):
        { [self] in
          let line = await execute(command, agent: agent, jobs: jobs, timeLimit: timeLimit)
          if let line { failure.withLock { $0 = line } }
        }
      }
    await withTaskGroup(of: Void.self) { group in
      if let work {
        group.addTask { [server] in
          await work()
          server.end()
        }
      }
      group.addTask { await waiting() }
      if work == nil {
        await group.next()
      } else {
        await waiting()
        group.cancelAll()
      }
      await group.waitForAll()
    }
    if let line = failure.withLock({ $0 }) {
      progress.end()
      _ = write()
      throw couldNotRun(line)
    }
  }

  /// Runs a driver to its end, its output on ours; a line says why it could not be run.
  private func drive(_ command: String) async -> String? {
    let url = urls[0]
    let path = outputFolder + "/driver.log"
    let process: ChildProcess
    do {
      try makeOutputFolder()
      process = try ChildProcess(
        command: ClientCommand.expanded(command), environment: ["GAUNTLET_URL": url],
        outputPath: path)
    } catch {
      return "\(error)"
    }
    let ending = await withTaskCancellationHandler {
      await process.waitForEnd()
    } onCancel: {
      Task { await process.stop() }
    }
    for line in process.lastLines(8) where ending != .exited(0) {
      printToStandardError("driver: \(String(peerOctets: line))")
    }
    if ending == .exited(126) || ending == .exited(127) { return "cannot run '\(command)'" }
    if ending != .exited(0), !Task.isCancelled {
      printToStandardError("warning: the driver \(ending); its output is in \(path)")
    }
    return nil
  }

  private func execute(
    _ text: String, agent: String, jobs: Int, timeLimit: Duration
  ) async -> String? {
    var command = ClientCommand(text: text, agent: agent, outputFolder: outputFolder)
    command.jobs = jobs
    command.timeLimit = timeLimit
    do {
      try makeOutputFolder()
      let base = urls[0]
      let positions = Dictionary(
        options.cases.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
      try await command.play(options.cases, with: server) { item in
        let name = ClientCommand.percentEncoded(agent)
        return "\(base)/runCase?case=\(positions[item.id] ?? 0)&agent=\(name)"
      }
    } catch {
      return "\(error)"
    }
    return nil
  }

  /// Where the output of commands goes.
  private var outputFolder: String {
    out.map { "\($0)/output" } ?? "/tmp/gauntlet-output-\(getpid())"
  }

  private func makeOutputFolder() throws {
    try FileManager.default.createDirectory(
      atPath: outputFolder, withIntermediateDirectories: true)
  }

  // MARK: Telling

  /// The URLs of the listeners, without a path.
  private var urls: [String] {
    zip(schemes, server.addresses).map { scheme, address in
      if case .unix(let path) = address { return "\(scheme)+unix:\(path)" }
      return "\(scheme)://\(address)"
    }
  }

  private func announce(_ client: Client) throws {
    printToStandardOutput("listening on \(urls.joined(separator: " "))")
    if let readyFile {
      do {
        try ReadyFile.write(urls, to: readyFile)
      } catch {
        throw couldNotRun("cannot write \(readyFile): check that its folder exists and is writable")
      }
    }
    guard case .anyone = client else { return }
    printToStandardError(
      "\(options.cases.count) cases are ready for clients; end with Ctrl-C")
  }

  // MARK: Results

  private func results(isComplete: Bool) -> Run {
    var results = server.results()
    results.gate = Gate(failOn: judgement.gate.failOn)
    judgement.expectations?.apply(to: &results, corpus: judgement.corpus)
    return Run(
      started: startedAt, elapsed: .now - started, isComplete: isComplete, conformance: results)
  }

  /// Writes the reports as they are now.
  private func write() -> Bool { write(results(isComplete: false)) }

  private func write(_ run: Run) -> Bool {
    guard let out else { return true }
    return writing.withLock { _ in
      do {
        for path in try ReportWriter.write(run, toFolder: out) where run.isComplete {
          printToStandardOutput("report: \(path)")
        }
        return true
      } catch {
        printToStandardError("gauntlet: \(error); name a folder that can be written with --out")
        return false
      }
    }
  }

  /// What the results of this run come to; those of earlier runs do not count.
  private func exitCode(_ run: Run) -> ExitCode {
    let played = server.played()
    guard !played.isEmpty, let conformance = run.conformance else {
      printToStandardError("gauntlet: no client has played a case")
      return GauntletExit.couldNotRun
    }
    let levels = Dictionary(
      conformance.cases.map { ($0.id, $0.level) }, uniquingKeysWith: { first, _ in first })
    var broken: [CaseResult] = []
    var isComplete = true
    for (name, cases) in played {
      let results = conformance.agents.first { $0.name == name }?.results ?? []
      broken += results.filter { result in
        cases.contains(result.caseID)
          && conformance.standing(of: result, level: levels[result.caseID] ?? .must) == .broken
      }
      let due = options.cases.filter { !options.skips(name, $0) }
      let missing = due.count { !cases.contains($0.id) }
      guard missing > 0 else { continue }
      isComplete = false
      printToStandardError(
        "gauntlet: \(name) has left out \(missing) of \(due.count) cases; "
          + "choose with --cases and --exclude what it is to play")
    }
    let isStale = conformance.gate?.staleExpectations.isEmpty == false
    if isStale || broken.contains(where: { $0.verdict.overall != .error || $0.unexpected != nil }) {
      return GauntletExit.requirementNotMet
    }
    return !isComplete || !broken.isEmpty ? GauntletExit.couldNotRun : GauntletExit.success
  }
}

/// How far the clients have come: one line on a terminal, one for each hundred cases elsewhere.
final class ClientProgress: Sendable {
  private struct State {
    var counts: [String: (played: Int, failed: Int)] = [:]
    var hasLine = false
    var refusals = 0
  }

  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) != 0
  private let state = Mutex(State())

  init(total: Int) {
    self.total = total
  }

  func show(_ event: ConformanceServer.Event) {
    switch event {
    case .began: break
    case .refused(let reason):
      let count = state.withLock { state in
        state.refusals += 1
        return state.refusals
      }
      if count <= 20 { printToStandardError("refused: \(reason)") }
    case .finished(let agent, let result):
      let (line, isDue) = state.withLock { state in
        var counts = state.counts[agent] ?? (0, 0)
        counts.played += 1
        if !result.verdict.isMet { counts.failed += 1 }
        state.counts[agent] = counts
        if isTerminal { state.hasLine = true }
        return (
          "\(agent): \(counts.played)/\(total) cases, \(counts.failed) failed",
          counts.played % 100 == 0
        )
      }
      if isTerminal {
        writeToStandardError("\r\u{1B}[K\(line)  \(result.caseID)")
      } else if isDue {
        printToStandardError(line)
      }
    }
  }

  /// Leaves the terminal's line clean.
  func end() {
    if state.withLock({ $0.hasLine }) { writeToStandardError("\r\u{1B}[K") }
  }
}

/// Prints one line that says what to do, and ends with the exit code for it.
func wrongUse(_ message: String) -> ExitCode {
  printToStandardError("gauntlet: \(message)")
  return GauntletExit.wrongUse
}
