import CaseLanguage
import CaseLibrary
import Reports
import Testing
import Transport

@testable import Conformance

@Suite("Cases with certificates")
struct CertificateTrialTests {
  /// Plays all of them with a client that speaks TLS as `change` says; what failed, and why.
  private func failures(
    _ change: (inout TLSClientOptions) -> Void, knowsAuthority: Bool = true
  ) async throws -> [ServerCertificate: String] {
    let cases = CaseLibrary.all.filter { $0.certificate != nil && $0.credentials == nil }
    #expect(Set(cases.compactMap(\.certificate)) == Set(ServerCertificate.allCases))
    let authority = try TestAuthority()
    var options = ConformanceServerOptions(places: [], cases: cases)
    options.ownPorts = .init(authority: authority, agent: "client")
    let server = try ConformanceServer(options)
    try server.start()
    var client = TLSClientOptions()
    client.authorities = [knowsAuthority ? authority.certificate : try TestAuthority().certificate]
    change(&client)
    let tls = try TLSContext(client: client)
    let group = try EventLoopGroup(count: 1)
    for item in cases {
      let url = try #require(server.ownURL(of: item.id))
      let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
      _ = try await DrivenClient.visit("/", port: port, tls: tls, name: "localhost", on: group)
    }
    var failures: [ServerCertificate: String] = [:]
    for item in cases {
      let result = await server.result(of: item.id, agent: "client", within: .seconds(30))
      guard let kind = item.certificate, try #require(result).verdict.overall != .pass else {
        continue
      }
      failures[kind] = result?.reason
    }
    group.stop()
    await server.stop()
    return failures
  }

  @Test func `a client that verifies passes all of them`() async throws {
    #expect(try await failures { _ in }.isEmpty)
  }

  @Test func `what a client does not verify is found, and nothing else`() async throws {
    let bad = Set(ServerCertificate.allCases).subtracting([.trusted])
    #expect(Set(try await failures { $0.verifiesPeer = false }.keys) == bad)
    #expect(Set(try await failures { $0.unchecked = .name }.keys) == [.otherName, .commonName])
    #expect(Set(try await failures { $0.unchecked = .dates }.keys) == [.expired, .notYetValid])
    let chain = try await failures { $0.unchecked = .chain }
    #expect(
      Set(chain.keys)
        == [.unknownAuthority, .selfSigned, .forged, .issuedByServer, .forClients])
    #expect(chain[.forged] == "the client took the server's certificate, and sent its request")
  }

  @Test func `a client says which name it wants`() async throws {
    let found = try await failures { $0.sendsServerName = false }
    #expect(
      found == [
        .trusted: #"the server name in TLS (SNI) does not name "localhost": missing"#
      ])
  }

  @Test func `whoever refuses everything fails where it must not`() async throws {
    let found = try await failures({ _ in }, knowsAuthority: false)
    #expect(Set(found.keys) == [.trusted])
    #expect(found[.trusted]?.hasPrefix("no request came: cannot agree on TLS") == true)
  }

  @Test func `a connection without TLS says nothing of certificates`() async throws {
    let cases = CaseLibrary.all.filter { $0.certificate == .expired }
    var options = ConformanceServerOptions(
      places: [.init(address: .loopback(port: 0))], cases: cases)
    options.ownPorts = .init(authority: try TestAuthority(), agent: "client")
    let server = try ConformanceServer(options)
    try server.start()
    let item = try #require(cases.first)
    let group = try EventLoopGroup(count: 1)
    let port = try #require(
      server.ownURL(of: item.id)?.split(separator: ":").last.flatMap { UInt16($0) })
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      let loop = group.loops[0]
      loop.execute {
        Connector(to: .address(.loopback(port: port))).connect(
          Leaver(loop: loop) { done.resume() })
      }
    }
    var result = await server.result(of: item.id, agent: "client", within: .seconds(30))
    for _ in 0..<3000 where result == nil {
      try await Task.sleep(for: .milliseconds(10))
      result = await server.result(of: item.id, agent: "client", within: .seconds(30))
    }
    #expect(result?.verdict.overall == .error)
    #expect(result?.reason.hasSuffix("it ended TCP before it began TLS") == true)
    let ordinary = try #require(server.addresses.first?.port)
    let outcome = try await DrivenClient.visit(
      "/runCase?case=1&agent=a", port: ordinary, on: group)
    #expect(outcome.refusal?.contains("404") == true)
    group.stop()
    await server.stop()
  }
}

/// Connects, and leaves at once.
private final class Leaver: StreamSocket {
  private let left: () -> Void

  init(loop: EventLoop, left: @escaping () -> Void) {
    self.left = left
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) { close() }

  override func closed(_ reason: CloseReason) { left() }
}
