import ArgumentParser
import CaseLanguage
import CaseLibrary
import Conformance
import Reports
import Transport
import WebSocketServer

/// `gauntlet conform client`: plays cases with the clients that connect.
struct ConformClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client",
    abstract: "Plays cases with WebSocket clients and gives verdicts.",
    discussion: """
      A client must send every message back. There are three ways:

      A driver, as libraries have it for the Autobahn testsuite, works unchanged: it asks for \
      /getCaseCount, then for /runCase?case=N&agent=NAME with N from 1, and for \
      /updateReports?agent=NAME at the end. /getCaseInfo?case=N, /getCaseStatus?case=N&agent=NAME \
      and /stopServer are there too. --driver 'node autobahn.js' starts it and ends with it. \
      (Where it assumes the 517 cases of that suite, add --cases 'autobahn:*'.)

      A client without a driver: --exec 'client {url}' runs it once for each case. With \
      --exec 'client --ca {ca} {url}' the client is also shown certificates that it must refuse; \
      {ca} is the file of the authority that it is to trust. --tls-test-authority has the \
      certificate of --listen wss://ADDRESS signed by it, too.

      A browser: open http://ADDRESS/ in it; with ?run in the URL it begins by itself. \
      --driver 'chromium --headless {page}' does all of it, and --driver-restarts 5 brings a browser \
      through that hangs or crashes on a case: the case is named, the rest is played.

      Without --driver and --exec the server runs until /stopServer, SIGTERM or Ctrl-C. The results \
      that DIR holds of earlier runs are kept until the same client plays the same case again. \
      DIR gets run.json, index.html, junit.xml, summary.md, results.sarif, results.tap, ctrf.json, \
      results.jsonl, metrics.om, the output of what was started, and autobahn/ with index.html, \
      index.json and files for each case in the shape of the Autobahn testsuite.

      EXIT CODES
        0  every case passed, or is informational, or tests what the client does not support
        1  a case failed, or did not come out as --expect says
        2  wrong use: an unknown flag or case pattern, a broken case file or file of expectations
        3  could not run: address in use, folder not writable, no client came, cases left out
      """)

  @OptionGroup(title: "LISTENING") var listening: ServeListeningOptions
  @OptionGroup(title: "WHICH CASES") var selection: SelectionOptions
  @OptionGroup(title: "THE GATE") var gate: GateOptions
  @OptionGroup(title: "REPORTS") var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "The name of clients that give none, and of the one that --exec runs.", valueName: "NAME"))
  var agent: String?

  @Flag(help: "Forget the results that --out holds of earlier runs.")
  var fresh = false

  @Option(help: ArgumentHelp("Write the URLs here once ready, one per line.", valueName: "FILE"))
  var readyFile: String?

  @Option(
    help: ArgumentHelp(
      """
      Run this driver, with the server's URL for {url} and in GAUNTLET_URL, and end with it. \
      A browser is one: {page} is the URL of a page that plays all cases and then ends the server.
      """, valueName: "COMMAND"))
  var driver: String?

  @Option(
    help: ArgumentHelp(
      "How long a driver may ask for nothing until it counts as hung and is ended (60s).",
      valueName: "TIME"))
  var driverSilence = TimeSpan(.seconds(60))

  @Option(
    help: ArgumentHelp(
      """
      How often a driver that hung or crashed is started again. The page then goes on with the cases \
      that are left, and plays those one at a time that may have been the cause.
      """, valueName: "N"))
  var driverRestarts = 0

  @Option(
    help: ArgumentHelp(
      """
      Run this for each case: {url}, {case}, {agent} and {ca} stand for what they say, and are in \
      GAUNTLET_URL, GAUNTLET_CASE, GAUNTLET_AGENT and GAUNTLET_CA too.
      """, valueName: "COMMAND"))
  var exec: String?

  @Option(help: ArgumentHelp("How many --exec commands run at a time.", valueName: "N"))
  var jobs = 4

  @Option(
    help: ArgumentHelp("How long one --exec command may run (60s).", valueName: "TIME"))
  var execTimeout = TimeSpan(.seconds(60))

  @Flag(help: "List what would be played, and play nothing.")
  var dryRun = false

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs is at least 1") }
    guard exec == nil || driver == nil else {
      throw ValidationError("--exec and --driver exclude each other: one runs per case, one once")
    }
    guard driverRestarts >= 0 else { throw ValidationError("--driver-restarts is at least 0") }
    guard driverSilence.duration > .zero else {
      throw ValidationError("--driver-silence is a time above 0")
    }
    guard output.out != nil || !fresh else {
      throw ValidationError("--fresh forgets what --out DIR holds: give --out too")
    }
  }

  func run() async throws {
    let corpus = try selection.corpus()
    let selected = try playable(try selection.selected(from: corpus, for: .client))
    if dryRun {
      _ = try gate.expectations()
      return CaseTable.print(selected)
    }
    let keyLog = try output.secretsFile()
    let listeners = try listening.listeners(keyLog: keyLog)
    let authority = try needsAuthority ? orCouldNotRun { try TestAuthority() } : nil
    let ownTLS =
      try listening.tls.tlsTestAuthority
      ? orCouldNotRun { try authority?.context(keyLog: keyLog) } : nil
    let sink = try ConformOutput(
      output, gate: gate, cases: selected, corpus: corpus.filter { $0.peers.contains(.client) })
    var options = ConformanceServerOptions(
      places: listeners.map {
        let tls = $0.configuration.tls
        return .init(address: $0.configuration.address, tls: tls == nil ? nil : ownTLS ?? tls)
      }, cases: selected)
    if exec != nil { options.ownPorts = .init(authority: authority, agent: agent ?? "client") }
    options.agent = agent
    options.transcripts = output.transcripts.transcripts
    options.captures = output.pcap.map { CaptureFolder(path: $0) }
    options.replayCommand = replayCommand
    options.earlier = try earlier()
    let run = try ConformClientRun(
      options, schemes: listeners.map(\.scheme), readyFile: readyFile, output: sink,
      authority: authority)
    throw try await run.play(client)
  }

  /// Whether the client is told of an authority that it is to trust.
  private var needsAuthority: Bool {
    listening.tls.tlsTestAuthority
      || [exec, driver].contains { command in
        command.map { $0.contains("{ca}") || $0.contains("GAUNTLET_CA") } ?? false
      }
  }

  /// The cases that can be played: some have ports of their own, which only --exec can tell a client,
  /// and where they show certificates, it must know whom to trust.
  private func playable(_ selected: [Case]) throws -> [Case] {
    guard exec == nil || !needsAuthority else { return selected }
    let playable = selected.filter { exec == nil ? !$0.needsOwnPort : $0.certificate == nil }
    let count = selected.count { $0.certificate != nil }
    let need = "need --exec with {ca}, the file with the authority that the client is to trust"
    guard !playable.isEmpty else {
      throw wrongUse(count == 0 ? "these cases need --exec" : "cases with certificates \(need)")
    }
    if count > 0 { printToStandardError("left out: \(count) with certificates, which \(need)") }
    let others = selected.count - playable.count - count
    if others > 0 {
      printToStandardError("left out: \(others) with credentials, which need --exec")
    }
    return playable
  }

  private var client: ConformClientRun.Client {
    if let exec {
      return .exec(exec, agent: agent ?? "client", jobs: jobs, timeLimit: execTimeout.duration)
    }
    return driver.map {
      .driver($0, silenceLimit: driverSilence.duration, restartLimit: driverRestarts)
    } ?? .anyone
  }

  private var replayCommand: String {
    let place = listening.listen.first.map { ["--listen", "\($0)"] } ?? []
    let command = exec.map { ["--exec", $0] } ?? driver.map { ["--driver", $0] } ?? []
    return ShellText.command(
      ["gauntlet", "conform", "client"] + place + ["--cases", "{id}"] + selection.replayWords
        + command)
  }

  /// The results of earlier runs, which the reports are to keep.
  private func earlier() throws -> ConformanceResults? {
    guard let out = output.out, !fresh else { return nil }
    do {
      return try EarlierResults.read(folder: out)
    } catch {
      throw wrongUse("\(error)")
    }
  }
}
