import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on TLS.
enum TLSHowTo {
  static func server(_ certificates: HowToCertificates) throws -> ServerConfiguration {
    let (chain, key) = (certificates.file("server.pem"), certificates.file("server.key"))
    let options = TLSServerOptions(certificateChainFile: chain, privateKeyFile: key)
    let tls = try TLSContext(server: options)
    let configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0), tls: tls)])
    return configuration
  }

  static func identities(_ folder: String) -> [TLSIdentity] {
    let identities: [TLSIdentity] = [
      .files(certificateChain: "\(folder)/server.pem", privateKey: "\(folder)/server.key"),
      .bundle(file: "\(folder)/all.pem"),
      .pkcs12(file: "\(folder)/server.p12"),
      .store(
        certificate: "file:\(folder)/server.pem", privateKey: "file:\(folder)/server.key"),
      .selfSigned(hostNames: ["localhost"]),
    ]
    return identities
  }

  static func clients(_ given: TLSServerOptions, _ folder: String) -> TLSServerOptions {
    var options = given
    options.clientCertificates = .required
    options.clientTrust.files = ["\(folder)/clients.pem"]
    options.verifyClient = { verification in
      verification.isTrusted && verification.chain.first?.commonName != "mallory"
    }
    return options
  }

  static func strict(_ given: TLSServerOptions) -> TLSServerOptions {
    var options = given
    options.minimumVersion = .v1_2
    options.cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20"
    options.cipherSuites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    options.groups = "X25519:P-256"
    options.signatureAlgorithms = "ECDSA+SHA256:RSA-PSS+SHA256"
    options.securityLevel = 2
    options.sessionTicketCount = 2
    options.sessionLifetime = .seconds(3600)
    return options
  }

  static func hosts(_ given: TLSServerOptions, _ folder: String) throws -> TLSServerOptions {
    var options = given
    let second = TLSServerOptions(
      certificateChainFile: "\(folder)/second.pem", privateKeyFile: "\(folder)/second.key")
    options.hosts = [
      TLSHost(
        names: ["second.test", "*.second.test"], context: try TLSContext(server: second))
    ]
    options.applicationProtocols = ["http/1.1"]
    return options
  }

  static var facts: HandlerFactory {
    .asynchronous { connection in
      if let tls = connection.request.tls {
        let who = tls.peerCertificate?.commonName ?? "nobody"
        try await connection.send("\(tls.version), \(tls.cipherBits) bits, \(who)")
      }
      for try await _ in connection.messages {}
    }
  }

  static func reload(_ server: WebSocketServer) {
    do {
      try server.reloadCertificates()
    } catch {
      print("\(error); the certificates stay as they were")
    }
  }

  static func debugging(
    _ given: TLSServerOptions, _ log: @escaping @Sendable (String) -> Void
  ) -> TLSServerOptions {
    var options = given
    options.keyLog = { line in log("secret: \(line)") }
    options.messageLog = { line in log("message: \(line)") }
    options.commands = [TLSCommand("Options", "ServerPreference")]
    return options
  }
}

@Suite("How to speak TLS", .timeLimit(.minutes(5)))
struct TLSHowToTests {
  private func client(
    _ certificates: HowToCertificates, showing identity: TLSIdentity? = nil
  ) throws -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = certificates.file("server.pem")
    options.identity = identity
    return try TLSContext(client: options)
  }

  @Test func `a server shows its certificate, and reads it again`() async throws {
    let certificates = try HowToCertificates()
    var configuration = try TLSHowTo.server(certificates)
    // Tests may share the machine with much else.
    configuration.timeouts.tlsHandshake = .seconds(50)
    configuration.timeouts.openingHandshake = .seconds(50)
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    try server.start()
    TLSHowTo.reload(server)
    let client = try await TestClient(
      to: try #require(server.addresses.first), tls: try client(certificates))
    try await client.open()
    await server.abort()
    for identity in TLSHowTo.identities(certificates.folder) {
      _ = try TLSContext(server: TLSServerOptions(identity: identity))
    }
  }

  @Test func `a client shows its certificate, and the facts are told`() async throws {
    let certificates = try HowToCertificates()
    let told = Record<String>()
    var options = TLSServerOptions(
      certificateChainFile: certificates.file("server.pem"),
      privateKeyFile: certificates.file("server.key"))
    options = TLSHowTo.strict(TLSHowTo.clients(options, certificates.folder))
    options = try TLSHowTo.hosts(options, certificates.folder)
    options = TLSHowTo.debugging(options) { told.append($0) }
    let tls = try TLSContext(server: options)
    try await withServer(
      TLSHowTo.facts,
      configure: {
        $0.listeners[0].tls = tls
        $0.compression = nil
      }
    ) { _, address async throws in
      let identity = TLSIdentity.files(
        certificateChain: certificates.file("clients.pem"),
        privateKey: certificates.file("clients.key"))
      let client = try await TestClient(
        to: address, tls: try client(certificates, showing: identity))
      try await client.open()
      let answer = Array("TLSv1.3, 256 bits, alice".utf8)
      #expect(try await client.readFrame()?.payload == answer)
      #expect(told.all.contains { $0.hasPrefix("secret: ") })
      #expect(told.all.contains { $0.hasPrefix("message: ") })
    }
  }
}
