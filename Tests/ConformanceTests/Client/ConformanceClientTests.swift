import CaseLanguage
import CaseLibrary
import Conformance
import Reports
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Cases against servers on loopback", .serialized)
struct ConformanceClientTests {
  func play(
    _ patterns: [String], at url: WebSocketURL,
    change: (inout ConformanceOptions) -> Void = { _ in }
  ) async throws -> [String: CaseResult] {
    let cases = try CaseSelection(include: patterns.map { "autobahn:" + $0 })
      .select(from: CaseLibrary.all)
    var options = ConformanceOptions(url: url, cases: cases)
    change(&options)
    let outcome = try await ConformanceClient(options).run { _ in }
    #expect(outcome.isComplete)
    var results: [String: CaseResult] = [:]
    for (item, result) in zip(cases, outcome.agent.results) {
      results[item.number(in: "autobahn") ?? item.id] = result
    }
    return results
  }

  func verdicts(_ results: [String: CaseResult]) -> [String: String] {
    results.mapValues { result in
      guard let view = result.aliasView else { return "none" }
      return "\(view.behavior.rawValue)/\(view.behaviorClose.rawValue)"
    }
  }

  @Test func `our own server passes a case of each kind`() async throws {
    let server = WebSocketServer(
      configuration: ServerConfiguration(
        listeners: [ListenerConfiguration(address: .loopback(port: 0))]),
      handler: .echo)
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let results = try await play(
      [
        "1.1.1", "1.1.8", "1.2.6", "2.4", "2.5", "2.11", "3.4", "4.1.5", "5.3", "5.15", "5.19",
        "6.2.3", "6.3.1", "6.4.1", "6.4.3", "7.1.1", "7.3.6", "7.5.1", "7.9.1", "9.1.1", "9.7.1",
        "10.1.1", "12.1.1", "12.2.3", "12.4.11", "13.3.2", "13.7.1",
      ], at: WebSocketURL("ws://127.0.0.1:\(port)/"))
    await server.abort()
    #expect(results.count == 27)
    for (number, result) in results {
      #expect(result.verdict.overall == .pass, "\(number): \(result.reason)")
      #expect(result.aliasView?.behaviorClose == .ok, "\(number)")
      #expect(result.transcript.isEmpty)
    }
    #expect(results["12.1.1"]?.aliasView?.trafficStats?.outgoing.messageOctets == 16_000)
  }

  @Test func `TLS works, and is verified unless told otherwise`() async throws {
    let server = WebSocketServer(
      configuration: ServerConfiguration(
        listeners: [
          ListenerConfiguration(
            address: .loopback(port: 0), tls: try .selfSigned(hostNames: ["localhost"]))
        ]), handler: .echo)
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let url = try WebSocketURL("wss://127.0.0.1:\(port)/")
    var insecure = TLSClientOptions()
    insecure.verifiesPeer = false
    let context = try TLSContext(client: insecure)
    let results = try await play(["1.1.6", "7.1.1"], at: url) { $0.tls = context }
    #expect(results.values.allSatisfy { $0.verdict.overall == .pass })
    let strict = try TLSContext(client: TLSClientOptions())
    await #expect(throws: TransportError.self) {
      _ = try await play(["1.1.1"], at: url) { $0.tls = strict }
    }
    await server.abort()
  }

  @Test func `a server without checks fails where it should have failed`() async throws {
    let server = try QuirkServer(.none)
    let found = verdicts(
      try await play(["1.1.1", "2.2", "2.5", "5.3", "6.3.1", "12.1.1"], at: server.url))
    #expect(
      found == [
        "1.1.1": "OK/OK", "2.2": "OK/OK", "2.5": "FAILED/FAILED", "5.3": "OK/OK",
        "6.3.1": "FAILED/FAILED", "12.1.1": "UNIMPLEMENTED/OK",
      ])
  }

  @Test func `a changed echo fails, with a transcript`() async throws {
    let server = try QuirkServer(.flips)
    let results = try await play(["1.2.2", "9.7.2"], at: server.url)
    #expect(verdicts(results) == ["1.2.2": "FAILED/WRONG CODE", "9.7.2": "OK/OK"])
    let result = try #require(results["1.2.2"])
    #expect(result.transcript.contains { $0.kind == .handshake && $0.direction == .received })
    #expect(result.transcript.contains { $0.direction == .sent && $0.frame?.opcode == 2 })
    #expect(result.transcript.contains { $0.direction == .received && $0.frame?.opcode == 2 })
    #expect(results["9.7.2"]?.verdict.behaviour == .fail)
  }

  @Test(arguments: [
    (QuirkServer.Quirk.silent, "FAILED/UNCLEAN", "OK/FAILED"),
    (.keepsTCP, "OK/FAILED BY CLIENT", "FAILED/FAILED"),
    (.otherCode, "OK/WRONG CODE", "FAILED/FAILED"),
    (.refuses, "FAILED/FAILED", "FAILED/FAILED"),
    (.garbage, "FAILED/FAILED", "FAILED/FAILED"),
    (.drops, "FAILED/FAILED", "FAILED/FAILED"),
    (.speaksFirst, "FAILED/WRONG CODE", "FAILED/FAILED"),
  ])
  func `a quirk is found`(quirk: QuirkServer.Quirk, echo: String, offence: String) async throws {
    let server = try QuirkServer(quirk)
    let found = verdicts(try await play(["1.1.2", "2.5"], at: server.url))
    #expect(found == ["1.1.2": echo, "2.5": offence])
  }

  @Test func `nobody there is an error, not a verdict`() async throws {
    let server = try QuirkServer(.none)
    let url = try server.url
    server.group.stop()
    await #expect(throws: TransportError.self) { _ = try await play(["1.1.1"], at: url) }
  }

  @Test func `a run can be cancelled, and keeps its results`() async throws {
    let server = try QuirkServer(.silent)
    let cases = try CaseSelection(include: ["autobahn:1.1.1", "autobahn:6.4.1"])
      .select(from: CaseLibrary.all)
    let client = try ConformanceClient(ConformanceOptions(url: server.url, cases: cases))
    let run = Task {
      try await client.run { progress in
        if case .finished = progress { client.cancel() }
      }
    }
    let outcome = try await run.value
    #expect(!outcome.isComplete)
    #expect(outcome.agent.name == "quirk")
  }
}
