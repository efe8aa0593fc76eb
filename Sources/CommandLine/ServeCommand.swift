import ArgumentParser
import FaultyTwins
import Glibc
import Logging
import Transport
import WebSocketProtocol
import WebSocketServer

/// `gauntlet serve`: the reference server with an echo endpoint.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Runs the reference server, which sends every message back.",
    discussion: """
      Prints one line when all listeners are ready. SIGTERM or SIGINT sends Close 1001 to every \
      client and ends with exit code 0; a second signal ends at once. SIGHUP reads the certificates \
      again; nobody is disconnected. SIGUSR2 restarts: Close 1001 to every client, and the same \
      addresses anew.
      """)

  @OptionGroup(title: "Listening") var listening: ServeListeningOptions
  @OptionGroup(title: "Limits and timeouts") var limits: ServeLimitOptions
  @OptionGroup(title: "Peers") var peers: ServePeerOptions
  @OptionGroup(title: "HTTP and access") var http: ServeHTTPOptions
  @OptionGroup(title: "Compression") var compression: ServeCompressionOptions
  @OptionGroup(title: "Known behaviour") var law: ServeLawOptions
  @OptionGroup(title: "Faults") var faults: FaultOptions

  @Option(
    help: ArgumentHelp(
      "Take everything from this JSON file instead of flags; Documentation/serve.md has the keys.",
      valueName: "FILE"))
  var config: String?

  @Option(
    help: ArgumentHelp("Event loops, each with a thread (default: processors).", valueName: "N"))
  var loops: Int?

  @Option(
    help: ArgumentHelp(
      "Look for events so long before sleeping, and before a timer is due: lower latency, busy processors.",
      valueName: "TIME"))
  var busyPoll: TimeSpan?

  @Flag(
    help:
      "Run before all other programs and keep processors awake: lower latency; needs root or CAP_SYS_NICE."
  )
  var realTime = false

  @Option(help: ArgumentHelp("A subprotocol to speak; the preferred one first.", valueName: "NAME"))
  var subprotocol: [String] = []

  @Flag(help: "Echo fragment by fragment instead of whole messages.")
  var fragments = false

  @Flag(help: "Send every message to all clients instead of back.")
  var broadcast = false

  @Flag(help: "Echo with the async handler instead of the synchronous one.")
  var `async` = false

  @Option(help: ArgumentHelp("Write the URLs here once ready, one per line.", valueName: "FILE"))
  var readyFile: String?

  @Option(help: ArgumentHelp("What a graceful end may take (5s).", valueName: "TIME"))
  var shutdownDeadline: TimeSpan?

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning or error.", valueName: "LEVEL"))
  var logLevel = LogLevel(.warning)

  func validate() throws {
    try faults.check(.server)
    if broadcast, self.async {
      throw ValidationError("--broadcast and --async exclude each other")
    }
    if law.work != nil, broadcast || self.async {
      throw ValidationError("--work is of the synchronous echo: leave out --async and --broadcast")
    }
    if listening.tls.tlsTestAuthority {
      throw ValidationError("--tls-test-authority is for conform client: use --tls-self-signed")
    }
    if config != nil { try Self.checkBesideFile(CommandLine.arguments) }
  }

  /// Flags that may stand beside `--config`; what the others say belongs into the file.
  private static let besideFile = [
    "--config", "--ready-file", "--shutdown-deadline", "--log-level",
  ]

  private static func checkBesideFile(_ arguments: [String]) throws {
    for argument in arguments where argument.hasPrefix("--") {
      let name = String(argument.prefix { $0 != "=" })
      guard besideFile.contains(name) else {
        throw ValidationError("\(name) and --config exclude each other: the file says everything")
      }
    }
  }

  func run() async throws {
    if faults.listFaults { return faults.list(.server) }
    DescriptorLimit.raise()
    if let fault = faults.fault(of: .server) { return try await serve(fault) }
    let settings = try makeSettings()
    let (configuration, echo) = (settings.configuration, settings.echo)
    var logger = Logger(label: "gauntlet.serve") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel.level
    let court: LawfulEcho.Court? = if case .lawful(let law) = echo { .init(law) } else { nil }
    let server = WebSocketServer(
      configuration: configuration, handler: court?.factory ?? echo.factory, logger: logger)
    let signals = TerminationSignals()
    do {
      try server.start()
    } catch {
      throw couldNotRun("\(error)")
    }
    let announcement = Announcement(
      server.addresses, schemes: settings.schemes, path: "/", readyFile: readyFile)
    let errands = [reloads(server), restarts(server)]
    defer { for errand in errands { errand.cancel() } }
    try announcement.tell()
    await signals.next()
    let deadline = shutdownDeadline?.duration
    let shutdown = Task { await server.shutdown(within: deadline) }
    let impatience = TerminationSignals.each { _ in await server.abort() }
    await shutdown.value
    impatience.cancel()
    announcement.withdraw()
    if let counts = court?.counts, counts.mishaps > 0 {
      printToStandardError("\(counts.mishaps) mishaps in \(counts.messages) messages")
    }
  }

  /// What a file would say in place of the flags.
  var members: [SpecValue.Member] {
    let handler = broadcast ? "broadcast" : self.async ? "asynchronous" : "synchronous"
    return [
      listening.members, compression.member,
      .init("loops", "--loops", loops), .init("busyPoll", "--busy-poll", busyPoll),
      .init("realTime", "--real-time", realTime ? true : nil),
      .init("subprotocols", "--subprotocol", subprotocol),
      .init("delivery", "--fragments", fragments ? "fragments" : "messages"),
      .init("handler", "--async", handler),
      .init("http", http.webMembers),
      .init("access", http.accessMembers),
    ] + limits.members + peers.members + law.members
  }

  private func makeSettings() throws -> ServeSettings {
    if let config {
      do {
        return try ServeSettings(path: config)
      } catch {
        printToStandardError("\(error)")
        throw error.isUnusable ? GauntletExit.couldNotRun : GauntletExit.wrongUse
      }
    }
    return try ServeSettings.fromFlags { () throws(SpecError) in
      try ServeSettings(flags: members)
    }
  }

  /// Reads the certificates again at every SIGHUP; what cannot be used is said in a line.
  private func reloads(_ server: WebSocketServer) -> Task<Void, Never> {
    TerminationSignals.each(of: [SIGHUP]) { _ in
      do {
        try server.reloadCertificates()
        printToStandardError("certificates reloaded")
      } catch {
        printToStandardError("gauntlet: \(error); the certificates stay as they were")
      }
    }
  }

  /// Restarts at every SIGUSR2, at the same addresses; says so if one of them is taken meanwhile.
  private func restarts(_ server: WebSocketServer) -> Task<Void, Never> {
    let deadline = shutdownDeadline?.duration
    return TerminationSignals.each(of: [SIGUSR2]) { _ in
      do {
        try await server.restart(within: deadline)
        printToStandardError("restarted")
      } catch {
        printToStandardError("gauntlet: not restarted: \(error)")
      }
    }
  }

  /// Serves as a twin that breaks one rule; of the options only those for listening matter.
  private func serve(_ fault: Fault) async throws {
    let listeners = try listening.listeners()
    let signals = TerminationSignals()
    let server: TwinServer
    do {
      server = try TwinServer(
        fault, at: listeners.map { ($0.configuration.address, $0.configuration.tls) })
    } catch {
      throw couldNotRun("\(error)")
    }
    let announcement = Announcement(
      server.addresses, schemes: listeners.map(\.scheme), path: "/", readyFile: readyFile)
    try announcement.tell()
    printToStandardError("fault \(fault.name): \(fault.sentence) (\(fault.clause))")
    await signals.next()
    server.goAway()
    try? await Task.sleep(for: .milliseconds(200))
    server.stop()
    announcement.withdraw()
  }
}

extension ServeSettings.Echo {
  /// What does it.
  fileprivate var factory: HandlerFactory {
    switch self {
    case .synchronous, .lawful: return .echo
    case .asynchronous: return .asynchronousEcho
    case .broadcast:
      let room = BroadcastRoom()
      return .synchronous { _ in room }
    case .working(let work):
      let echo = WorkingEcho(work)
      return .synchronous { _ in echo }
    }
  }
}

extension HandlerFactory {
  /// Sends every message back, from a task.
  static var asynchronousEcho: HandlerFactory {
    .asynchronous { connection in
      for try await message in connection.messages {
        try await connection.send(message)
      }
    }
  }
}
