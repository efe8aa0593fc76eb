import ArgumentParser
import CaseLanguage
import CaseLibrary
import Conformance
import FoundationEssentials
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

      DIR gets run.json, index.html, junit.xml, summary.md, and autobahn/index.json with a file for \
      each case in the shape of the Autobahn testsuite.

      EXIT CODES
        0  every case passed, or is informational, or tests what the server does not support
        1  a case failed
        2  wrong use: an unknown flag or case pattern, a broken case file or URL
        3  could not run: server unreachable, TLS not trusted, folder not writable, interrupted
      """)

  @Argument(help: ArgumentHelp("Where the server is: ws:// or wss://.", valueName: "url"))
  var address: String

  @Option(
    help: ArgumentHelp(
      """
      Play only these: an id (5.5/*), an alias (autobahn:2.*) or its number (7.1.*). \
      A folder or .case file adds its cases to the corpus, or takes the place of those there.
      """, valueName: "GLOB|DIR"))
  var cases: [String] = []

  @Option(help: ArgumentHelp("Leave these out.", valueName: "GLOB"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "How many light cases play at once; of the heavy ones at most eight do.", valueName: "N"))
  var jobs = 32

  @Option(
    help: ArgumentHelp(
      "The server's name in the reports (default: its Server field, or else its host).",
      valueName: "NAME"))
  var agent: String?

  @Option(help: ArgumentHelp("Write the reports to this folder.", valueName: "DIR"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Keep the transcripts of these cases: failing, all or none.", valueName: "WHICH"))
  var transcripts = TranscriptChoice.failing

  @Option(
    help: ArgumentHelp("How long TCP and TLS may take for each connection.", valueName: "TIME"))
  var connectTimeout = TimeSpan(.seconds(10))

  @Option(
    help: ArgumentHelp("Trust the certificate authorities in this PEM file.", valueName: "FILE"))
  var caFile: String?

  @Flag(help: "Do not verify the server's certificate.")
  var insecure = false

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("--jobs is at least 1") }
  }

  func run() async throws {
    let url: WebSocketURL
    do {
      url = try WebSocketURL(address)
    } catch {
      throw wrongUse("\(error)")
    }
    let corpus = try corpus()
    var options = ConformanceOptions(url: url, cases: try selected(from: corpus))
    options.caseNumbers = ConformanceOptions.numbers(of: corpus)
    options.agent = agent
    options.jobs = jobs
    options.heavyJobs = min(jobs, 8)
    options.transcripts = transcripts.transcripts
    options.connectTimeout = connectTimeout.duration
    options.replayCommand = "gauntlet conform server \(address) --cases '{id}'"
    if url.isSecure { options.tls = try tlsContext() }
    if let out { try prepare(out) }

    let run = ConformRun(options, out: out)
    throw try await run.play()
  }

  // MARK: What the arguments mean

  /// The built-in cases, with those of the folders and files among the arguments.
  private func corpus() throws -> [Case] {
    var corpus = CaseLibrary.all
    for path in cases where Self.isPath(path) {
      do {
        corpus = CaseLibrary.merging(try CaseLibrary.load(path: path), into: corpus)
      } catch {
        throw wrongUse("\(error)")
      }
    }
    return corpus
  }

  private func selected(from corpus: [Case]) throws -> [Case] {
    let include = cases.filter { !Self.isPath($0) }
    let playable = corpus.filter { $0.peers.contains(.server) }
    do {
      return try CaseSelection(include: include, exclude: exclude).select(from: playable)
    } catch {
      throw wrongUse("\(error)")
    }
  }

  private static func isPath(_ argument: String) -> Bool {
    argument.hasSuffix(".case") || argument.hasPrefix("/") || argument.hasPrefix("./")
      || argument.hasPrefix("../") || FileManager.default.fileExists(atPath: argument)
  }

  private func tlsContext() throws -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = caFile
    options.verifiesPeer = !insecure
    do {
      return try TLSContext(client: options)
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  private func prepare(_ folder: String) throws {
    do {
      try ReportWriter.prepare(folder: folder)
    } catch {
      throw couldNotRun("\(error); name a folder that can be written with --out")
    }
  }

  /// Prints one line that says what to do, and ends with the exit code for it.
  private func wrongUse(_ message: String) -> ExitCode {
    printToStandardError("gauntlet: \(message)")
    return GauntletExit.wrongUse
  }
}

/// Which transcripts are kept, on the command line.
enum TranscriptChoice: String, ExpressibleByArgument, CaseIterable {
  case failing, all, none

  var transcripts: ConformanceOptions.Transcripts {
    switch self {
    case .failing: .failing
    case .all: .all
    case .none: .none
    }
  }
}
