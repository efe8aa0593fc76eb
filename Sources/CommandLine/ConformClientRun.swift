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
    /// A driver, which plays all cases.
    case driver(String, silenceLimit: Duration, restartLimit: Int)
    /// A command that is run for each case.
    case exec(String, agent: String, jobs: Int, timeLimit: Duration)
  }

  private let options: ConformanceServerOptions
  private let server: ConformanceServer
  private let schemes: [String]
  private let readyFile: String?
  private let output: ConformOutput
  private let authority: TestAuthority?
  private let progress: ClientProgress
  private let known = Mutex<Set<String>>([])
  private let troubles = Mutex<[(agent: String?, text: String)]>([])
  private let isInterrupted = Mutex(false)

  init(
    _ options: ConformanceServerOptions, schemes: [String], readyFile: String?,
    output: ConformOutput, authority: TestAuthority? = nil
  ) throws {
    self.options = options
    self.schemes = schemes
    self.readyFile = readyFile
    self.output = output
    self.authority = authority
    progress = ClientProgress(total: options.cases.count)
    do {
      server = try ConformanceServer(options)
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  /// Plays until the client is through or the end is asked for; returns the exit code.
  func play(_ client: Client) async throws -> ExitCode {
    let interruption = TerminationSignals.eachEnding { [self] _ in
      // Who waits for anybody waits for this.
      if case .anyone = client {} else { isInterrupted.withLock { $0 = true } }
      server.end()
    }
    defer { interruption.cancel() }
    do {
      try server.start(
        observer: { [weak self] in self?.show($0) },
        writeReports: { [weak self] in self?.writeInterim() ?? true })
    } catch {
      throw couldNotRun("\(error)")
    }
    let announcement = Announcement(server.addresses, schemes: schemes, readyFile: readyFile)
    try announcement.tell(output.say)
    try writeAuthority()
    if case .anyone = client {
      let verb = options.cases.count == 1 ? "is" : "are"
      printToStandardError(
        "\(NumberText.counted(options.cases.count, "case")) \(verb) ready for clients; end with Ctrl-C"
      )
    }
    try await withClient(client, at: announcement.urls[0]) { [server] in await server.waitForEnd() }
    await server.stop()
    progress.end()
    announcement.withdraw()
    let isComplete = !isInterrupted.withLock { $0 }
    return exitCode(try output.finish(results(), isComplete: isComplete))
  }

  // MARK: Clients

  /// Runs the client beside `waiting`; whichever ends first ends the other.
  private func withClient(
    _ client: Client, at url: String, waiting: @escaping @Sendable () async -> Void
  ) async throws {
    let failure = Mutex<String?>(nil)
    let work: (@Sendable () async -> Void)? =
      switch client {
      case .anyone: nil
      case .driver(let command, let silenceLimit, let restartLimit):
        { [self] in
          var driver = DriverProcess(text: command, outputPath: outputFolder + "/driver.log")
          driver.silenceLimit = silenceLimit
          driver.restartLimit = restartLimit
          if let line = await drive(driver, url) { failure.withLock { $0 = line } }
        }
      case .exec(let command, let agent, let jobs, let timeLimit):
        { [self] in
          var command = ClientCommand(text: command, agent: agent, outputFolder: outputFolder)
          command.jobs = jobs
          command.timeLimit = timeLimit
          command.authorityPath = authorityPath
          if let line = await execute(command, url) { failure.withLock { $0 = line } }
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
      note(line, of: nil)
      _ = writeInterim()
      throw couldNotRun(line)
    }
  }

  /// Runs a driver to its end; a line says why it could not be run.
  private func drive(_ driver: DriverProcess, _ url: String) async -> String? {
    let last: (ending: DriverProcess.Ending, lastLines: [[UInt8]])
    do {
      try makeOutputFolder()
      last = try await driver.run(
        with: server,
        environment: {
          var environment = ["GAUNTLET_URL": url, "GAUNTLET_PAGE": page(at: url, isResuming: $0)]
          environment["GAUNTLET_CA"] = authorityPath
          return environment
        },
        observer: tell)
    } catch {
      return "\(error)"
    }
    guard case .ended(let ending) = last.ending, ending != .exited(0), !Task.isCancelled else {
      return nil
    }
    // Some drivers end with another code where a case failed.
    if !hasPlayedAll { note("the driver \(ending) before it had played all cases", of: nil) }
    for line in last.lastLines { printToStandardError("driver: \(String(peerOctets: line))") }
    if ending == .exited(126) || ending == .exited(127) { return "cannot run '\(driver.text)'" }
    PassingOutput.keep(driver.outputPath)
    printToStandardError("warning: the driver \(ending); its output is in \(driver.outputPath)")
    return nil
  }

  private func tell(_ event: DriverProcess.Event) {
    progress.end()
    switch event {
    case .lost(let ending, agent: let agent?, let cases):
      let what = "\(ending) while it played \(cases.joined(separator: ", "))"
      note("the client \(what)", of: agent)
      printToStandardError("warning: \(agent) \(what)")
    case .lost(let ending, agent: nil, _):
      note("the driver \(ending)", of: nil)
      printToStandardError("warning: the driver \(ending)")
    case .restarted: printToStandardError("the driver is started again")
    }
  }

  /// The page at `url` that plays all cases, or those that are left, and then ends the server.
  private func page(at url: String, isResuming: Bool) -> String {
    "http" + url.dropFirst(2) + "/?run&end" + (isResuming ? "&resume" : "")
      + (options.agent.map { "&agent=" + ClientCommand.percentEncoded($0) } ?? "")
  }

  private func execute(_ command: ClientCommand, _ base: String) async -> String? {
    do {
      try makeOutputFolder()
      let positions = Dictionary(
        options.cases.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
      try await command.play(options.cases, with: server) { [server] item in
        let name = ClientCommand.percentEncoded(command.agent)
        let base = server.ownURL(of: item.id) ?? base
        return "\(base)/runCase?case=\(positions[item.id] ?? 0)&agent=\(name)"
      }
    } catch {
      return "\(error)"
    }
    return nil
  }

  /// Where the output of commands goes.
  private var outputFolder: String {
    output.options.out.map { "\($0)/output" } ?? PassingOutput.path(of: "output")
  }

  /// Where the authority is that clients are to trust; nil: there is none.
  private var authorityPath: String? {
    guard authority != nil else { return nil }
    let path = "\(outputFolder)/test-authority.pem"
    return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  private func writeAuthority() throws {
    guard let authority, let path = authorityPath else { return }
    do {
      try makeOutputFolder()
      try Data(authority.certificate.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw couldNotRun("cannot write \(path): name a folder that can be written with --out")
    }
    printToStandardError("the authority that clients are to trust is in \(path)")
  }

  private func makeOutputFolder() throws {
    try FileManager.default.createDirectory(
      atPath: outputFolder, withIntermediateDirectories: true)
  }

  // MARK: Results

  private func show(_ event: ConformanceServer.Event) {
    switch event {
    case .began(let agent, _):
      if known.withLock({ $0.insert(agent).inserted }) { output.began(agent, url: "") }
    case .finished(let agent, let result): output.ended(result, agent: agent)
    case .refused: break
    }
    progress.show(event)
  }

  /// Writes the reports as they are now.
  private func writeInterim() -> Bool { output.writeInterim(results()) }

  /// The results so far, with what went wrong beside them.
  private func results() -> ConformanceResults {
    var results = server.results()
    let played = server.played().map(\.agent)
    for (agent, text) in troubles.withLock({ $0 }) {
      let name = agent ?? (played.count == 1 ? played[0] : options.agent ?? "driver")
      if !results.agents.contains(where: { $0.name == name }) {
        results.agents.append(AgentResults(name: name))
      }
      for index in results.agents.indices where results.agents[index].name == name {
        results.agents[index].troubles = (results.agents[index].troubles ?? []) + [text]
      }
    }
    return results
  }

  /// Something went wrong with a client as a whole; without its name, with the driver.
  private func note(_ trouble: String, of agent: String?) {
    troubles.withLock { $0.append((agent, trouble)) }
    output.wentWrong(trouble, agent: agent ?? options.agent ?? "driver")
  }

  /// Whether every client has played all that it should.
  private var hasPlayedAll: Bool {
    let played = server.played()
    return !played.isEmpty
      && played.allSatisfy { name, cases in
        options.cases.allSatisfy { options.skips(name, $0) || cases.contains($0.id) }
      }
  }

  /// What the results of this run come to; those of earlier runs do not count.
  private func exitCode(_ run: Run) -> ExitCode {
    let played = Dictionary(uniqueKeysWithValues: server.played())
    guard run.isComplete else {
      printToStandardError("gauntlet: interrupted; what had been played by then counts")
      return output.exitCode(run, isComplete: false) { agent, result in
        played[agent]?.contains(result.caseID) == true
      }
    }
    guard !played.isEmpty else {
      printToStandardError("gauntlet: no client has played a case")
      return GauntletExit.couldNotRun
    }
    var isComplete = true
    for (name, cases) in played.sorted(by: { $0.key < $1.key }) {
      let due = options.cases.filter { !options.skips(name, $0) }
      let missing = due.count { !cases.contains($0.id) }
      guard missing > 0 else { continue }
      isComplete = false
      printToStandardError(
        "gauntlet: \(name) has left out \(missing) of \(due.count) cases; "
          + "choose with --cases and --exclude what it is to play")
    }
    return output.exitCode(run, isComplete: isComplete) { agent, result in
      played[agent]?.contains(result.caseID) == true
    }
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
          "\(VisibleText.line(agent)): \(counts.played)/\(total) cases, \(counts.failed) failed",
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
