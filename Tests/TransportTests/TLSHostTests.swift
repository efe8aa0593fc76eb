import Foundation
import Synchronization
import Testing

@testable import Transport

@Suite("Names, protocols and reloads of TLS")
struct TLSHostTests {
  private let files: Certificates

  init() throws { files = try Certificates.shared.get() }

  private func client(_ protocols: [String] = []) throws -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = files.authority
    options.applicationProtocols = protocols
    return try TLSContext(client: options)
  }

  private func secondHost() throws -> TLSHost {
    var options = TLSServerOptions(
      certificateChainFile: files.second.chain, privateKeyFile: files.second.key)
    options.maximumVersion = .v1_2
    return TLSHost(
      names: ["second.test", "*.wild.test"], context: try TLSContext(server: options))
  }

  @Test func `the name asked for selects the certificate and its versions`() async throws {
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.hosts = [try secondHost()]
    let server = try TLSContext(server: options)
    let trust = try client()
    for (name, common, version) in [
      ("localhost", "localhost", "TLSv1.3"), ("second.test", "second.test", "TLSv1.2"),
      ("any.WILD.test", "second.test", "TLSv1.2"),
    ] {
      let meeting = try await TLSMeeting.hold(server, trust, name: name)
      #expect(meeting.clientFacts?.peerCertificate?.commonName == common, "\(name)")
      #expect(meeting.clientFacts?.version == version)
    }
    options.refusesUnknownNames = true
    let strict = try TLSContext(server: options)
    let refused = try await TLSMeeting.hold(strict, trust, name: "localhost")
    #expect(refused.clientError?.detail.contains("unrecognized name") == true)
  }

  @Test func `a hook selects a host`() async throws {
    let host = try secondHost()
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.selectHost = { $0 == "second.test" ? host.context : nil }
    let meeting = try await TLSMeeting.hold(
      try TLSContext(server: options), try client(), name: "second.test")
    #expect(meeting.clientFacts?.peerCertificate?.commonName == "second.test")
  }

  @Test func `names match one label of a wildcard`() throws {
    let host = try secondHost()
    #expect(host.matches("A.wild.test"))
    #expect(!host.matches("a.b.wild.test"))
    #expect(!host.matches("wild.test"))
    #expect(!host.matches(".wild.test"))
  }

  @Test func `a hook selects the application protocol`() async throws {
    let offers = Mutex<[TLSOffer]>([])
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.selectApplicationProtocol = { offer in
      offers.withLock { $0.append(offer) }
      return offer.applicationProtocols.last
    }
    let meeting = try await TLSMeeting.hold(
      try TLSContext(server: options), try client(["one", "two"]))
    #expect(meeting.clientFacts?.applicationProtocol == "two")
    #expect(offers.withLock { $0.first?.applicationProtocols } == ["one", "two"])
    #expect(offers.withLock { $0.first?.serverName } == "localhost")
  }

  @Test func `a reload serves what the files hold now, and fails without harm`() async throws {
    let folder = NSTemporaryDirectory() + "gauntlet-reload-\(getpid())"
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    func install(_ pair: (chain: String, key: String)) throws {
      for (source, name) in [(pair.chain, "chain"), (pair.key, "key")] {
        try Data(contentsOf: URL(filePath: source)).write(to: URL(filePath: "\(folder)/\(name)"))
      }
    }
    try install(files.server)
    let server = try TLSContext(
      server: TLSServerOptions(
        certificateChainFile: "\(folder)/chain", privateKeyFile: "\(folder)/key"))
    let trust = try client()
    #expect(try await TLSMeeting.hold(server, trust).clientError == nil)
    try install(files.second)
    try server.reload()
    let second = try await TLSMeeting.hold(server, trust, name: "second.test")
    #expect(second.clientFacts?.peerCertificate?.commonName == "second.test")
    #expect(second.clientFacts?.isResumed == false)
    try Data("nonsense".utf8).write(to: URL(filePath: "\(folder)/chain"))
    #expect(throws: TransportError.self) { try server.reload() }
    #expect(try await TLSMeeting.hold(server, trust, name: "second.test").clientError == nil)
  }

  @Test func `a reload that fails for one host leaves all as they were`() throws {
    let folder = NSTemporaryDirectory() + "gauntlet-reload-hosts-\(getpid())"
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    let names = ["own", "first", "second"]
    func install(_ name: String) throws {
      let issued = try IssuedCertificate(.init(commonName: name, hostNames: [name]))
      try Data((issued.certificate + issued.key).utf8).write(
        to: URL(filePath: "\(folder)/\(name).pem"))
    }
    func options(_ name: String) throws -> TLSServerOptions {
      try install(name)
      return TLSServerOptions(identity: .bundle(file: "\(folder)/\(name).pem"))
    }
    var own = try options("own")
    own.hosts = try names.dropFirst().map {
      TLSHost(names: [$0], context: try TLSContext(server: try options($0)))
    }
    let server = try TLSContext(server: own)
    func shown() -> [TLSCertificate?] {
      [server.certificates.first] + server.hosts.map { $0.context.certificates.first }
    }
    let before = shown()
    for name in names { try install(name) }
    try Data("nonsense".utf8).write(to: URL(filePath: "\(folder)/second.pem"))
    #expect(throws: TransportError.self) { try server.reload() }
    #expect(shown() == before)
    try install("second")
    try server.reload()
    #expect(zip(shown(), before).allSatisfy { $0 != $1 })
  }

  @Test func `an end that is near is told`() throws {
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.hosts = [try secondHost()]
    let server = try TLSContext(server: options)
    let until = try #require(server.certificates.first?.validUntil)
    #expect(server.expiryWarnings(withinDays: 1, from: until - 3 * 86_400).isEmpty)
    let lines = server.expiryWarnings(withinDays: 2, from: until - 86_400 - 1)
    #expect(lines.count == 2)
    #expect(lines.first?.contains("server.pem (CN=localhost) expires on ") == true)
    #expect(lines.first?.hasSuffix("in 1 day") == true)
    #expect(
      server.expiryWarnings(withinDays: 1, from: until + 10).first?.contains("expired on") == true)
  }

  @Test(arguments: TLSVersion.allCases)
  func `sessions are kept here where that is asked for`(version: TLSVersion) async throws {
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.maximumVersion = version
    options.sessionCacheCount = 100
    options.sessionLifetime = .seconds(300)
    let server = try TLSContext(server: options)
    let trust = try client()
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    var listening = Listener.Options()
    listening.tls = server
    let listener = try Listener(
      loop: group.loops[0], address: .loopback(port: 0), options: listening
    ) { EchoSocket(loop: $0.loop) }
    var connecting = Connector.Options()
    connecting.tls = trust
    connecting.serverName = "localhost"
    let connector = Connector(to: .address(listener.localAddress), options: connecting)
    for round in 0..<2 {
      let log = connect(on: group.loops[0], connector) { socket in
        socket.onConnected = { socket in
          let isResumed = socket.tlsFacts?.isResumed ?? false
          socket.log.change { $0.notes = ["\(isResumed)"] }
          socket.write([1].span)
        }
        socket.onReceive = { socket, _ in socket.close() }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(log.now.notes == ["\(round == 1)"])
    }
  }

  @Test func `the messages of a handshake are logged without their contents`() async throws {
    let lines = Mutex<[String]>([])
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    options.messageLog = { line in lines.withLock { $0.append(line) } }
    _ = try await TLSMeeting.hold(try TLSContext(server: options), try client())
    let all = lines.withLock { $0 }
    #expect(all.contains { $0.hasPrefix("received handshake message 1, ") })
    #expect(all.contains { $0.hasPrefix("sent handshake message 2, ") })
  }
}
