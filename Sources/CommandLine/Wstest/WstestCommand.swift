import ArgumentParser
import CaseLibrary
import FoundationEssentials
import Reports
import Transport
import WebSocketProtocol

/// What `wstest -m` can be.
enum WstestMode: String, ExpressibleByArgument, CaseIterable {
  case fuzzingclient, fuzzingserver, echoserver, echoclient, broadcastserver, broadcastclient
  case testeeserver, testeeclient, massconnect
}

/// `gauntlet wstest`: the command line of the established suite, with its spec files and reports.
struct WstestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wstest",
    abstract: "Does what the Autobahn testsuite's wstest does, with its files.",
    discussion: """
      Takes the place of `wstest` in scripts as they are; also when the program is called wstest.

      fuzzingclient    tests servers, as a spec file says (fuzzingclient.json)
      fuzzingserver    tests clients, as a spec file says (fuzzingserver.json)
      testeeserver     an echo server with compression, to be tested by fuzzingclient
      testeeclient     an echo client that plays all cases of a fuzzingserver
      echoserver       a plain echo server
      echoclient       connects and sends back what it gets
      broadcastserver  sends every message to all clients, and a tick each second
      broadcastclient  says hello every two seconds, and prints what it gets
      massconnect      opens many connections, as a spec file says (massconnect.json)

      Without -s the file MODE.json of this folder is read, and written first if it is not there. \
      The servers listen on all interfaces, as wstest does; --interface chooses one.

      As with wstest, fuzzingclient goes on where a server cannot be reached, and the exit code says \
      nothing of that and of the verdicts, unless --exit-code is given.

      EXIT CODES
        0  done
        1  with --exit-code: a case failed
        2  wrong use: an unknown flag, a malformed spec file
        3  could not run: address in use, host unreachable, folder not writable
      """)

  @Option(name: [.customShort("m"), .long], help: "What to be; see above.")
  var mode: WstestMode?

  @Option(name: [.customShort("s"), .long], help: ArgumentHelp("The spec.", valueName: "FILE"))
  var spec: String?

  @Option(
    name: [.customShort("w"), .long],
    help: ArgumentHelp("Where to connect or listen (ws://127.0.0.1:9000).", valueName: "URL"))
  var wsuri: String?

  @Option(
    name: [.customShort("u"), .long],
    help: ArgumentHelp(
      "The port of the web page of fuzzingserver and broadcastserver (8080); 0: none.",
      valueName: "PORT"))
  var webport: UInt16 = 8080

  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp("The name of testeeclient in the reports.", valueName: "NAME"))
  var ident: String?

  @Option(
    name: [.customShort("k"), .long],
    help: ArgumentHelp("The key of a server at a wss URL, as PEM.", valueName: "FILE"))
  var key: String?

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp("The certificate of a server at a wss URL, as PEM.", valueName: "FILE"))
  var cert: String?

  @Option(name: [.customShort("o"), .long], help: .hidden)
  var outfile: String?

  @Option(name: [.customShort("t"), .long], help: .hidden)
  var testset: String?

  @Flag(
    name: [.customShort("d"), .long], help: "Accepted for the sake of scripts; changes nothing.")
  var debug = false

  @Flag(name: [.customShort("a"), .long], help: "Print the version.")
  var autobahnversion = false

  @Option(help: ArgumentHelp("The address that servers listen on.", valueName: "ADDRESS"))
  var interface: String?

  @Flag(help: "End with 1 if a case failed, with 3 if a server could not be reached.")
  var exitCode = false

  func validate() throws {
    guard mode != nil || autobahnversion else {
      let modes = WstestMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("give a mode with -m: \(modes)")
    }
    guard (key == nil) == (cert == nil) else {
      throw ValidationError("--key and --cert belong together: give both")
    }
  }

  func run() async throws {
    guard let mode else {
      return printToStandardOutput("\(Tool.gauntlet.name) \(Tool.gauntlet.version)")
    }
    do {
      switch mode {
      case .fuzzingclient: throw try await runFuzzingClient()
      case .fuzzingserver: throw try await runFuzzingServer()
      case .echoserver, .testeeserver, .broadcastserver: try await runServer(mode)
      case .echoclient: try await runEchoClient()
      case .broadcastclient: try await runBroadcastClient()
      case .testeeclient: try await runTesteeClient()
      case .massconnect: try await runMassConnect()
      }
    } catch let error as SpecError {
      printToStandardError("\(error)")
      throw GauntletExit.wrongUse
    }
  }

  // MARK: Specs

  /// The spec of a mode; without --spec that of this folder, written first if need be.
  func specObject(default text: String) throws -> SpecObject {
    let path = spec ?? "\(mode?.rawValue ?? "spec").json"
    if spec == nil, !FileManager.default.fileExists(atPath: path) {
      do {
        try Data(text.utf8).write(to: URL(filePath: path))
      } catch {
        throw couldNotRun("cannot write \(path): name a spec file with -s")
      }
      printToStandardOutput("Auto-generated spec file '\(path)'")
    } else {
      printToStandardOutput("Using spec file '\(path)'")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw wrongUse("\(path): no such file, or it cannot be read; name a spec file with -s")
    }
    let value = try SpecParser.parse([UInt8](data), path: path)
    return try SpecObject(value, path: path, name: "a spec")
  }

  // MARK: Places

  /// A URL of the command line or a spec, as a value.
  func parsedURL(_ text: String, from spec: SpecObject? = nil) throws -> WebSocketURL {
    do {
      return try WebSocketURL(text)
    } catch {
      if let spec { throw spec.mistake("\(error)", at: spec.value("url")) }
      throw wrongUse("\(error)")
    }
  }

  /// The URL of modes that have no spec.
  var place: String { wsuri ?? "ws://127.0.0.1:9000" }

  /// The address to listen at for a port: all interfaces, unless one was chosen.
  func address(port: Int) throws -> SocketAddress {
    let host = interface ?? (Self.hasIPv6 ? "::" : "0.0.0.0")
    guard let address = SocketAddress(host: host, port: UInt16(clamping: port)) else {
      throw wrongUse("--interface \(host) is no address: write 127.0.0.1, 0.0.0.0 or ::")
    }
    return address
  }

  /// Whether there is an address of IPv6 on this machine.
  private static var hasIPv6: Bool {
    FileManager.default.contents(atPath: "/proc/net/if_inet6").map { !$0.isEmpty } ?? false
  }

  /// The TLS of a server at `url`.
  func serverTLS(
    for url: WebSocketURL, key: String?, certificate: String?
  ) throws -> TLSContext? {
    guard url.isSecure else { return nil }
    guard let key, let certificate else {
      throw wrongUse("a wss URL needs a key and a certificate: give -k and -c, two PEM files")
    }
    do {
      return try TLSContext(
        server: TLSServerOptions(certificateChainFile: certificate, privateKeyFile: key))
    } catch {
      throw couldNotRun("\(error)")
    }
  }
}
