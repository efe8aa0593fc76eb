import ArgumentParser
import CaseLanguage
import Conformance
import Reports
import Transport
import WebSocketProtocol

/// `gauntlet conform server`: plays cases against a server.
struct ConformServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Plays cases against a server and gives verdicts.",
    discussion: """
      The server must send every message back, as an echo server does. Cases play in parallel, \
      each on a connection of its own: first the light ones, whose verdicts depend on fractions \
      of a second, then those that move much. Interrupted (Ctrl-C), it ends with what it has.

      DIR gets run.json, index.html, junit.xml, summary.md, results.sarif, results.tap, ctrf.json, \
      results.jsonl, metrics.om, the output of servers that were started, and autobahn/ with \
      index.html, index.json and files for each case in the shape of the Autobahn testsuite.

      What --header and --subprotocol say is in every opening request, except where a case sets that \
      field itself, or looks for it in the answer.

      A server that dies is started again; each case that may have been to blame then plays alone.

      EXAMPLES
        gauntlet conform server ws://127.0.0.1:9001/
        gauntlet conform server --exec 'my-server --port {port}' --tier smoke
        gauntlet conform server --peer 'plain = ./echo {port}' --peer 'asio = ./echo --asio {port}'
        gauntlet conform server wss://api.example/ --header 'Authorization: Bearer …' --cert me.pem
        gauntlet conform server ws://127.0.0.1:9001/ --expect known.txt --github --out reports

      EXIT CODES
        0  every case passed, or is informational, or known to fail, or tests what the server lacks
        1  a case failed that counts, or is not as expected; or a server died
        2  wrong use: an unknown flag or case pattern, a broken case file or URL or expectation
        3  could not run: server unreachable, TLS not trusted, folder not writable, interrupted
      """)

  @OptionGroup var peer: PeerOptions
  @OptionGroup(title: "TO REACH THE SERVER") var reach: ReachOptions
  @OptionGroup(title: "WHICH CASES") var selection: SelectionOptions
  @OptionGroup(title: "THE GATE") var gate: GateOptions
  @OptionGroup(title: "REPORTS") var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "How many light cases play at once; of the heavy ones at most eight do.", valueName: "N"))
  var jobs = 32

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp(
      "Play every case so often; the report has the worst, and how often it was.", valueName: "N"))
  var repetitions: Int?

  @Flag(help: "Play the cases again and again until one fails that counts (or --repeat is up).")
  var untilFailure = false

  @Option(
    help: ArgumentHelp(
      "Draw masking keys, handshake keys and the order of cases from this number.",
      valueName: "NUMBER"))
  var seed: UInt64?

  @Flag(help: "List what would be played, and play nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("How long TCP and TLS may take for each connection.", valueName: "TIME"))
  var connectTimeout = TimeSpan(.seconds(10))

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs is at least 1") }
    guard (repetitions ?? 1) > 0 else { throw ValidationError("--repeat is at least 1") }
    guard connectTimeout.duration > .zero else {
      throw ValidationError("--connect-timeout is a time above 0")
    }
  }

  func run() async throws {
    let peers = try peer.all()
    reach.warn(urls: peers.map(\.url))
    for peer in peers where peer.command == nil { _ = try place(of: peer.url) }
    let corpus = try selection.corpus()
    let cases = try selection.selected(from: corpus, for: .server)
    if dryRun {
      _ = try gate.expectations()
      return CaseTable.print(cases)
    }
    let output = try ConformOutput(
      output, gate: gate, cases: cases, corpus: corpus.filter { $0.peers.contains(.server) })

    var plan = ConformRun.Plan(peers: peers, cases: cases)
    plan.numbers = ConformanceOptions.numbers(of: corpus)
    plan.jobs = jobs
    plan.repetitions = repetitions ?? (untilFailure ? .max : 1)
    plan.stopsAtFailure = untilFailure
    plan.seed = seed
    plan.readyTimeout = peer.readyTimeout?.duration ?? plan.readyTimeout
    plan.connectTimeout = connectTimeout.duration
    plan.replayFlags = replayFlags
    plan.processID = peer.pid
    plan.fields = try reach.fields()
    plan.subprotocols = reach.subprotocol
    let keyLog = try self.output.secretsFile()
    plan.place = { [self] url in
      let url = try WebSocketURL(url)
      let tls = url.isSecure ? try reach.tls(keyLog: keyLog) : nil
      return ConformanceOptions.Place(url: url, tls: tls)
    }
    throw try await ConformRun(plan, output: output).play()
  }

  // MARK: What the arguments mean

  private func place(of address: String) throws -> WebSocketURL {
    do {
      return try WebSocketURL(address)
    } catch {
      throw wrongUse("\(error)")
    }
  }

  /// The flags without which a case would not play as it did.
  private var replayFlags: String {
    var words = selection.replayWords
    if let seed { words += ["--seed", "\(seed)"] }
    words += reach.replayWords
    return words.map { " " + ShellText.quoted($0) }.joined()
  }
}

/// Cases as a table of text.
enum CaseTable {
  /// Prints a line for each case, and how many there are.
  static func print(_ cases: [Case]) {
    let rows = cases.map { item in
      [
        item.aliases.map(\.description).joined(separator: " "), item.id,
        item.citation.description, item.level.rawValue, item.tags.joined(separator: " "),
      ]
    }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for column in 0..<4 where widths[column] > 0 {
        line += row[column] + String(repeating: " ", count: widths[column] + 2 - row[column].count)
      }
      line += row[4]
      while line.last == " " { line.removeLast() }
      printToStandardOutput(line)
    }
    printToStandardError(
      "\(cases.count) case\(cases.count == 1 ? "" : "s") would be played; nothing was")
  }
}
