import ArgumentParser
import CaseLanguage
import CaseLibrary
import Conformance
import HTTP
import Reports
import Synchronization
import Transport
import WebSocketProtocol

/// The modes that test somebody.
extension WstestCommand {
  /// The cases that have a number in the established suite.
  private static var corpus: [Case] {
    CaseLibrary.all.filter { $0.number(in: "autobahn") != nil }
  }

  // MARK: fuzzingclient

  /// Tests one server after the other; one that cannot be reached does not keep the others from it.
  func runFuzzingClient() async throws -> ExitCode {
    let corpus = Self.corpus
    let spec = try specObject(default: FuzzingClientSpec.text)
    let fuzzing = try FuzzingClientSpec(spec, corpus: corpus, defaultURL: wsuri)
    for remark in Set(fuzzing.remarks).sorted() { printToStandardError("warning: \(remark)") }
    try prepare(fuzzing.folder)
    printToStandardOutput(
      "Ok, will run \(fuzzing.choice.cases.count) test cases against "
        + "\(fuzzing.servers.count) servers: "
        + fuzzing.servers.map(\.url).joined(separator: ", "))
    var results = ConformanceResults(
      role: .client, cases: fuzzing.choice.cases.map(CaseDescription.init))
    var isComplete = true
    for server in fuzzing.servers {
      do {
        if let agent = try await test(server, fuzzing, numbers: corpus) {
          results.agents.append(agent)
        }
      } catch let error as TransportError {
        printToStandardError("gauntlet: \(server.url): \(error); going on with the next server")
        isComplete = false
      }
      try write(results, to: fuzzing.folder)
    }
    return exitCode(for: results, isComplete: isComplete)
  }

  /// The results of one server; nil if it is spared all cases.
  private func test(
    _ server: FuzzingClientSpec.Server, _ fuzzing: FuzzingClientSpec, numbers corpus: [Case]
  ) async throws -> AgentResults? {
    let url: WebSocketURL
    do {
      url = try WebSocketURL(server.url)
    } catch {
      throw SpecError(path: spec ?? "fuzzingclient.json", place: server.place, message: "\(error)")
    }
    let cases = fuzzing.choice.cases.filter { item in
      server.agent.map { !fuzzing.choice.isExcluded(item, for: $0) } ?? true
    }
    var options = ConformanceOptions(url: url, cases: cases)
    options.caseNumbers = ConformanceOptions.numbers(of: corpus)
    options.agent = server.agent
    options.player = server.options.player
    options.replayCommand = ShellText.command(
      ["gauntlet", "conform", "server", server.url, "--cases", "{id}"])
    if let origin = server.origin { options.fields[.origin] = origin }
    if !server.protocols.isEmpty {
      options.fields[.secWebSocketProtocol] = server.protocols.joined(separator: ", ")
    }
    if url.isSecure {
      // As with wstest, only a named host is verified.
      var tls = TLSClientOptions()
      tls.verifiesPeer = server.hostname != nil
      do {
        options.tls = try TLSContext(client: tls)
      } catch {
        throw couldNotRun("\(error)")
      }
      options.tlsName = server.hostname
    }
    guard !cases.isEmpty else { return nil }
    var agent = try await ConformanceClient(options).run { progress in
      guard case .finished(let result, let count, let total) = progress else { return }
      let number = cases.first { $0.id == result.caseID }?.number(in: "autobahn") ?? ""
      printToStandardOutput(
        "Ran test case ID \(number) against \(server.agent ?? server.url) (\(count)/\(total))")
    }.agent
    // An agent that names itself is known only now.
    let excluded = Set(
      fuzzing.choice.cases.filter { fuzzing.choice.isExcluded($0, for: agent.name) }.map(\.id))
    agent.results.removeAll { excluded.contains($0.caseID) }
    return agent
  }

  // MARK: fuzzingserver

  /// Tests the clients that come, until it is told to end.
  func runFuzzingServer() async throws -> ExitCode {
    let spec = try specObject(default: FuzzingServerSpec.text)
    let fuzzing = try FuzzingServerSpec(spec, corpus: Self.corpus)
    for remark in fuzzing.options.remarks { printToStandardError("warning: \(remark)") }
    let url = try parsedURL(fuzzing.url, from: spec)
    let tls = try serverTLS(
      for: url, key: fuzzing.key ?? key, certificate: fuzzing.certificate ?? cert)
    try prepare(fuzzing.folder)
    var options = ConformanceServerOptions(
      places: [.init(address: try address(port: url.port), tls: tls)], cases: fuzzing.choice.cases)
    if webport != 0, Int(webport) != url.port {
      options.places.append(.init(address: try address(port: Int(webport))))
    }
    options.player = fuzzing.options.player
    if let limit = fuzzing.options.connectionLimit { options.connectionLimit = limit }
    let choice = fuzzing.choice
    options.skips = { agent, item in choice.isExcluded(item, for: agent) }
    options.obeysCommands = true
    options.replayCommand = "gauntlet conform client --cases '{id}'"
    return try await serve(options, url: url, folder: fuzzing.folder)
  }

  private func serve(
    _ options: ConformanceServerOptions, url: WebSocketURL, folder: String
  ) async throws -> ExitCode {
    let server: ConformanceServer
    let writing = Mutex(())
    do {
      server = try ConformanceServer(options)
      try server.start(
        observer: { Self.tell($0, cases: options.cases) },
        writeReports: { [weak server] in
          guard let server else { return true }
          printToStandardOutput("Updating reports, requested by peer")
          return writing.withLock { _ in
            (try? write(server.results(), to: folder)) != nil
          }
        })
    } catch {
      let advice =
        error.kind == .addressInUse ? "; choose another port in the spec, or with -u (0: none)" : ""
      throw couldNotRun("\(error)\(advice)")
    }
    let addresses = server.addresses.map(\.description).joined(separator: " and ")
    printToStandardOutput(
      "Listening at \(addresses) for clients: \(options.cases.count) test cases at \(url)")
    let ending = TerminationSignals.each { _ in server.end() }
    await server.waitForEnd()
    ending.cancel()
    await server.stop()
    return exitCode(for: server.results())
  }

  private static func tell(_ event: ConformanceServer.Event, cases: [Case]) {
    switch event {
    case .began(let agent, let id):
      let number = cases.first { $0.id == id }?.number(in: "autobahn") ?? id
      printToStandardOutput("Running test case ID \(number) for agent \(agent)")
    case .finished: break
    case .refused(let reason): printToStandardError("refused: \(reason)")
    }
  }

  // MARK: Both

  private func prepare(_ folder: String) throws {
    do {
      try ReportWriter.prepare(folder: folder)
    } catch {
      throw couldNotRun("\(error); name a folder that can be written in \"outdir\"")
    }
  }

  private func write(_ results: ConformanceResults, to folder: String) throws {
    do {
      try ReportWriter.writeEstablished(results, toFolder: folder)
    } catch {
      throw couldNotRun("\(error); name a folder that can be written in \"outdir\"")
    }
  }

  /// What the results come to; `isComplete` is false where a server could not be reached.
  private func exitCode(for results: ConformanceResults, isComplete: Bool = true) -> ExitCode {
    guard exitCode else { return GauntletExit.success }
    let hasFailed = results.agents.contains { agent in
      agent.results.contains { !$0.verdict.isMet }
    }
    if hasFailed { return GauntletExit.requirementNotMet }
    return isComplete ? GauntletExit.success : GauntletExit.couldNotRun
  }
}
