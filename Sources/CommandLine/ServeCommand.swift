import ArgumentParser
import FaultyTwins
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
      client and ends with exit code 0; a second signal ends at once.
      """)

  @OptionGroup(title: "Listening") var listening: ServeListeningOptions
  @OptionGroup(title: "Limits and timeouts") var limits: ServeLimitOptions
  @OptionGroup(title: "Compression") var compression: ServeCompressionOptions
  @OptionGroup(title: "Faults") var faults: FaultOptions

  @Option(
    help: ArgumentHelp("Event loops, each with a thread (default: processors).", valueName: "N"))
  var loops: Int?

  @Option(help: ArgumentHelp("A subprotocol to speak; the preferred one first.", valueName: "NAME"))
  var subprotocol: [String] = []

  @Flag(help: "Echo fragment by fragment instead of whole messages.")
  var fragments = false

  @Flag(help: "Echo with the async handler instead of the synchronous one.")
  var `async` = false

  @Option(help: ArgumentHelp("Write the URLs here once ready, one per line.", valueName: "FILE"))
  var readyFile: String?

  @Option(help: ArgumentHelp("What a graceful end may take, for example 5s.", valueName: "TIME"))
  var shutdownDeadline = TimeSpan(.seconds(5))

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning or error.", valueName: "LEVEL"))
  var logLevel = LogLevel(.warning)

  func validate() throws {
    if let loops, !(1...1024 ~= loops) {
      throw ValidationError("--loops \(loops): use 1 to 1024")
    }
    try limits.check()
    try compression.check()
    try faults.check(.server)
  }

  func run() async throws {
    if faults.listFaults { return faults.list(.server) }
    DescriptorLimit.raise()
    if let fault = faults.fault(of: .server) { return try await serve(fault) }
    let (configuration, schemes) = try makeConfiguration()
    var logger = Logger(label: "gauntlet.serve") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel.level
    let server = WebSocketServer(
      configuration: configuration, handler: self.async ? .asynchronousEcho : .echo,
      logger: logger)
    let signals = TerminationSignals()
    do {
      try server.start()
    } catch {
      throw couldNotRun("\(error)")
    }
    let announcement = Announcement(
      server.addresses, schemes: schemes, path: "/", readyFile: readyFile)
    try announcement.tell()
    await signals.next()
    let deadline = shutdownDeadline.duration
    let shutdown = Task { await server.shutdown(within: deadline) }
    let impatience = TerminationSignals.each { _ in await server.abort() }
    await shutdown.value
    impatience.cancel()
    announcement.withdraw()
  }

  private func makeConfiguration() throws -> (ServerConfiguration, schemes: [String]) {
    var configuration = ServerConfiguration()
    let listeners = try listening.listeners()
    configuration.listeners = listeners.map(\.configuration)
    configuration.loopCount = loops
    configuration.limits = limits.serverLimits
    configuration.timeouts = limits.serverTimeouts
    configuration.compression = compression.policy
    configuration.subprotocols = subprotocol
    configuration.delivery = fragments ? .fragments : .messages
    configuration.validatesUTF8 = !limits.noUtf8Validation
    return (configuration, listeners.map(\.scheme))
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
