import CaseLanguage
import CaseLibrary
import Conformance
import Reports
import Synchronization
import Testing
import Transport
import WebSocketProtocol

@Suite("Cases with clients on loopback", .serialized)
struct ConformanceServerTests {
  let group: EventLoopGroup

  init() throws {
    group = try EventLoopGroup(count: 1, name: "driven")
  }

  func server(
    _ patterns: [String], tls: TLSContext? = nil,
    change: (inout ConformanceServerOptions) -> Void = { _ in }
  ) throws -> ConformanceServer {
    let cases = try CaseSelection(include: patterns.map { "autobahn:" + $0 })
      .select(from: CaseLibrary.all)
    var options = ConformanceServerOptions(
      places: [.init(address: .loopback(port: 0), tls: tls)], cases: cases)
    change(&options)
    return try ConformanceServer(options)
  }

  /// Does what drivers do, and returns the verdicts by case number.
  func drive(
    _ server: ConformanceServer, agent: String, manner: DrivenClient.Manner = .echoes,
    tls: TLSContext? = nil
  ) async throws -> [String: String] {
    let port = try #require(server.addresses.first?.port)
    let count = try await DrivenClient.visit(
      "/getCaseCount", port: port, manner: .listens, tls: tls, on: group)
    #expect(count.texts == ["\(server.options.cases.count)"])
    for number in 1...server.options.cases.count {
      let outcome = try await DrivenClient.visit(
        "/runCase?case=\(number)&agent=\(agent)", port: port, manner: manner, tls: tls, on: group)
      #expect(outcome.opened)
    }
    let results = server.results().agents.first { $0.name == agent }?.results ?? []
    return Dictionary(
      uniqueKeysWithValues: zip(server.options.cases, results).map { item, result in
        let view = result.aliasView
        return (
          item.number(in: "autobahn") ?? item.id,
          "\(view?.behavior.rawValue ?? "-")/\(view?.behaviorClose.rawValue ?? "-")"
        )
      })
  }

  @Test func `our own client passes a case of each kind`() async throws {
    let server = try server([
      "1.1.1", "1.2.6", "2.4", "2.5", "2.11", "3.4", "4.1.5", "5.3", "5.15", "6.2.3", "6.3.1",
      "7.1.1", "7.3.6", "7.5.1", "7.9.1", "9.7.1", "10.1.1", "12.1.1", "13.3.1", "13.4.1",
    ]) {
      // Each of these cases ends by what the client does, so that on a busy machine it may wait.
      $0.player.allowance = .seconds(30)
    }
    try server.start()
    for (number, verdict) in try await drive(server, agent: "ours") {
      #expect(verdict == "OK/OK", "\(number)")
    }
    let agent = try #require(server.results().agents.first)
    #expect(agent.serverHeader == "driven")
    #expect(agent.results.allSatisfy { $0.verdict.isMet && $0.aliasView?.isServer == true })
    #expect(server.results().role == .server)
    await server.stop()
  }

  @Test func `several agents play over TLS, and a bad one is found`() async throws {
    let tls = try TLSContext.selfSigned(hostNames: ["localhost"])
    let server = try server(["1.1.2", "1.2.2", "5.3"], tls: tls)
    try server.start()
    var insecure = TLSClientOptions()
    insecure.verifiesPeer = false
    let trust = try TLSContext(client: insecure)
    let good = try await drive(server, agent: "good", tls: trust)
    let bad = try await drive(server, agent: "bad", manner: .flips, tls: trust)
    #expect(good == ["1.1.2": "OK/OK", "1.2.2": "OK/OK", "5.3": "OK/OK"])
    #expect(bad["1.1.2"] == "FAILED/WRONG CODE")
    #expect(server.results().agents.map(\.name) == ["good", "bad"])
    #expect(server.played().map(\.cases.count) == [3, 3])
    await server.stop()
  }

  @Test func `the other questions of drivers are answered`() async throws {
    let written = Mutex(0)
    let server = try server(["2.5", "7.1.1"])
    try server.start(writeReports: {
      written.withLock { $0 += 1 }
      return true
    })
    let port = try #require(server.addresses.first?.port)
    func ask(_ path: String) async throws -> DrivenClient.Outcome {
      try await DrivenClient.visit(path, port: port, manner: .listens, on: group)
    }
    let information = try await ask("/getCaseInfo?case=1")
    #expect(information.texts.first?.contains(#""id":"2.5""#) == true)
    async let early = ask("/getCaseStatus?casetuple=7.1.1&agent=a")
    _ = try await DrivenClient.visit("/runCase?case=2&agent=a", port: port, on: group)
    #expect(try await early.texts == [#"{"behavior":"OK"}"#])
    #expect(try await ask("/getCaseStatus?case=2&agent=a").texts == [#"{"behavior":"OK"}"#])
    let update = try await ask("/updateReports?agent=a&shutdownOnComplete=true")
    #expect(update.opened)
    #expect(update.closeCode == .noStatusReceived)
    #expect(written.withLock { $0 } == 1)
    await server.waitForEnd()
    await server.stop()
  }

  @Test func `frames are sent as a client commands`() async throws {
    let server = try server(["2.5"]) { $0.obeysCommands = true }
    try server.start()
    let port = try #require(server.addresses.first?.port)
    func say(_ texts: String...) async throws -> DrivenClient.Outcome {
      try await DrivenClient.visit("/", port: port, manner: .says(texts), on: group)
    }
    let good = try await say(
      #"["echo", {"payload": "ab", "payload_len": 5}]"#,
      #"["sendframes", [{"opcode": 1, "payload": "one ", "fin": false, "chopsize": 1}, "#
        + #"{"opcode": 0, "payload": "message", "sync": true}]]"#,
      #"["close", {"code": 3001, "reason": "enough"}]"#)
    #expect(good.texts == ["ababa", "one message"])
    #expect(good.closeCode?.rawValue == 3001)
    let illegal = try await say(#"["sendframe", {"opcode": 3, "rsv": 7}]"#)
    #expect(illegal.opened && illegal.hasFailed && !good.hasFailed)
    for text in ["hello", #"["sing", {}]"#, #"["sendframe", {"opcode": 16}]"#] {
      #expect(try await say(text).closeCode?.rawValue == 1008, "\(text)")
    }
    #expect(server.results().agents.isEmpty)
    await server.stop()
  }

  @Test func `a status that nobody is working at is missing`() async throws {
    let server = try server(["2.5"]) { $0.statusPatience = .milliseconds(50) }
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let outcome = try await DrivenClient.visit(
      "/getCaseStatus?case=1&agent=nobody", port: port, manner: .listens, on: group)
    #expect(outcome.texts == [#"{"behavior":"MISSING"}"#])
    await server.stop()
  }

  @Test(arguments: [
    ("/runCase?case=1", "400"), ("/runCase?case=99&agent=a", "400"), ("/chat", "404"),
    ("/runCase?case=x&agent=a", "400"), ("/getCaseInfo", "400"),
  ])
  func `a request that makes no sense is refused`(path: String, status: String) async throws {
    let server = try server(["2.5"])
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let outcome = try await DrivenClient.visit(path, port: port, on: group)
    #expect(!outcome.opened)
    #expect(outcome.refusal?.hasPrefix("HTTP/1.1 \(status)") == true)
    #expect(server.results().agents.isEmpty)
    await server.stop()
  }

  @Test func `a client that never answers does not stop the others`() async throws {
    let server = try server(["1.1.1", "7.1.1"])
    try server.start()
    let port = try #require(server.addresses.first?.port)
    async let sleeper = DrivenClient.visit(
      "/runCase?case=1&agent=sleeper", port: port, manner: .sleeps, on: group)
    let found = try await drive(server, agent: "awake")
    #expect(found == ["1.1.1": "OK/OK", "7.1.1": "OK/OK"])
    _ = try await sleeper
    let slept = server.results().agents.first { $0.name == "sleeper" }
    #expect(slept?.results.first?.verdict.overall == .fail)
    await server.stop()
  }

  @Test func `cases may be kept from an agent`() async throws {
    let server = try server(["1.1.1", "7.1.1"]) { options in
      options.skips = { agent, item in agent == "kept" && item.number(in: "autobahn") == "1.1.1" }
    }
    try server.start()
    let port = try #require(server.addresses.first?.port)
    for number in 1...2 {
      _ = try await DrivenClient.visit(
        "/runCase?case=\(number)&agent=kept", port: port, on: group)
    }
    #expect(server.results().agents.first?.results.count == 1)
    await server.stop()
  }
}
