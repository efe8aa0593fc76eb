import ArgumentParser
import Conformance
import FaultyTwins
import Transport
import WebSocketProtocol

/// `gauntlet echo-client`: the reference client, which echoes until the server closes.
struct EchoClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-client",
    abstract: "Connects to a server and sends every message back until it closes.",
    discussion: """
      With --driver it plays all cases of a conformance server: it asks URL/getCaseCount, connects \
      to URL/runCase?case=N&agent=NAME for each, and asks for URL/updateReports?agent=NAME.

      EXIT CODES
        0  the connection was opened and has ended; with --driver: all cases were played
        2  wrong use
        3  could not connect, or the opening handshake failed
      """)

  @Argument(help: ArgumentHelp("Where the server is: ws:// or wss://.", valueName: "url"))
  var address: String?

  @Flag(help: "Play all cases of the conformance server at URL.")
  var driver = false

  @Option(help: ArgumentHelp("The name to play under, with --driver.", valueName: "NAME"))
  var agent = "gauntlet-echo-client"

  @Option(help: ArgumentHelp("How many cases play at once, with --driver.", valueName: "N"))
  var jobs = 1

  @Option(
    name: [.customLong("ca-file"), .customLong("ca")],
    help: ArgumentHelp("Trust the certificate authorities in this PEM file.", valueName: "FILE"))
  var caFile: String?

  @Flag(help: "Do not verify the server's certificate.")
  var insecure = false

  @OptionGroup(title: "Faults") var faults: FaultOptions

  func validate() throws {
    try faults.check(.client)
    guard 1...1024 ~= jobs else { throw ValidationError("--jobs \(jobs): use 1 to 1024") }
    guard address != nil || faults.listFaults else {
      throw ValidationError("name the server's URL: ws://host:port/")
    }
  }

  func run() async throws {
    guard !faults.listFaults, let address else { return faults.list(.client) }
    DescriptorLimit.raise()
    let destination = try parsed(address)
    let client: TwinClient
    do {
      client = try TwinClient(
        faults.fault(of: .client), tls: destination.url.isSecure ? tlsOptions : nil)
    } catch {
      throw couldNotRun("\(error)")
    }
    defer { client.stop() }
    if driver { return try await drive(client, base: address) }
    do {
      guard try await client.echo(destination).isOpened else {
        throw couldNotRun("\(address): the opening handshake failed")
      }
    } catch let error as TransportError {
      throw couldNotRun("\(error)")
    }
  }

  /// Plays all cases of a conformance server.
  private func drive(_ client: TwinClient, base: String) async throws {
    let base = base.hasSuffix("/") ? String(base.dropLast()) : base
    let payload = try await listen(client, "\(base)/getCaseCount").lastPayload
    guard let count = payload.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else {
      throw couldNotRun("\(base)/getCaseCount did not say how many cases there are")
    }
    let name = ClientCommand.percentEncoded(agent)
    let urls = try (0..<count).map { try parsed("\(base)/runCase?case=\($0 + 1)&agent=\(name)") }
    await client.echo(urls, jobs: jobs)
    _ = try await listen(client, "\(base)/updateReports?agent=\(name)")
  }

  private func listen(_ client: TwinClient, _ text: String) async throws -> TwinClient.Outcome {
    let url = try parsed(text)
    do {
      return try await client.listen(url.url)
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  private func parsed(_ text: String) throws -> TwinDestination {
    do {
      return try TwinDestination(text)
    } catch {
      throw wrongUse("\(error)")
    }
  }

  private var tlsOptions: TLSClientOptions {
    var options = TLSClientOptions()
    options.authoritiesFile = caFile
    options.verifiesPeer = !insecure
    return options
  }
}

extension TwinClient {
  /// Echoes on each of `urls`, `jobs` at a time; a connection that fails is only over.
  func echo(
    _ urls: [TwinDestination], jobs: Int, while goesOn: @escaping () -> Bool = { true }
  ) async {
    await withTaskGroup(of: Void.self) { group in
      for (index, url) in urls.enumerated() {
        if index >= jobs { await group.next() }
        guard goesOn() else { break }
        group.addTask { _ = try? await self.echo(url) }
      }
    }
  }
}
