import CaseLanguage
import CaseLibrary
import Conformance
import Reports
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("RFC 6455 §4.2 Cases of the opening handshake, on loopback")
struct OpeningCasesTests {
  /// The cases about the handshake that a server plays, but for those that move much or take long.
  static let cases = CaseLibrary.all.filter { item in
    item.peers.contains(.server) && item.tags.contains("handshake")
      && !item.tags.contains("limits") && !item.tags.contains("slow")
  }

  @Test func `our own server does what each of them wants`() async throws {
    #expect(Self.cases.count > 150)
    let server = WebSocketServer(
      configuration: ServerConfiguration(
        listeners: [ListenerConfiguration(address: .loopback(port: 0))]),
      handler: .echo)
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let url = try WebSocketURL("ws://127.0.0.1:\(port)/")
    let outcome = try await ConformanceClient(
      ConformanceOptions(url: url, cases: Self.cases)
    ).run { _ in }
    await server.abort()
    #expect(outcome.agent.results.count == Self.cases.count)
    for result in outcome.agent.results {
      #expect(
        [.pass, .informational].contains(result.verdict.overall),
        "\(result.caseID): \(result.reason)")
    }
  }

  @Test func `a server that refuses, talks nonsense or says nothing fails`() async throws {
    for (quirk, ids) in [
      (QuirkServer.Quirk.refuses, ["4.2.2/one-accept-field", "4.2.1/obs-text"]),
      (.garbage, ["4.2.1/method-post", "4.2.2/one-accept-field"]),
      (.silent, ["4.2.2/in-writes-of-64"]),
    ] {
      let server = try QuirkServer(quirk)
      var options = ConformanceOptions(
        url: try server.url, cases: try CaseSelection(include: ids).select(from: Self.cases))
      options.transcripts = .all
      let outcome = try await ConformanceClient(options).run { _ in }
      for result in outcome.agent.results {
        #expect(result.verdict.overall == .fail, "\(quirk) \(result.caseID)")
        #expect(result.transcript.contains { $0.kind == .handshake && $0.direction == .sent })
      }
    }
  }
}
