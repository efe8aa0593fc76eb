import Foundation
import Synchronization
import Testing

@testable import Transport

/// What became of one connection over TLS.
struct TLSMeeting: Sendable {
  var serverFacts: TLSFacts?
  var clientFacts: TLSFacts?
  var serverError: TransportError?
  var clientError: TransportError?

  /// Connects once and waits until the server has let the client in, or one side has refused.
  static func hold(
    _ server: TLSContext, _ client: TLSContext, name: String = "localhost"
  ) async throws -> TLSMeeting {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let meeting = Mutex(TLSMeeting())
    let serverLog = SocketLog()
    var options = Listener.Options()
    options.tls = server
    let listener = try Listener(
      loop: group.loops[0], address: .loopback(port: 0), options: options
    ) {
      let socket = ScriptSocket(loop: $0.loop, log: serverLog)
      socket.onConnected = { socket in
        let facts = socket.tlsFacts
        meeting.withLock { $0.serverFacts = facts }
        socket.write([1].span)
      }
      return socket
    }
    var connectorOptions = Connector.Options()
    connectorOptions.tls = client
    connectorOptions.serverName = name
    let log = connect(
      on: group.loops[0],
      Connector(to: .address(listener.localAddress), options: connectorOptions)
    ) { socket in
      socket.onReceive = { socket, _ in
        let facts = socket.tlsFacts
        meeting.withLock { $0.clientFacts = facts }
        socket.close()
      }
    }
    try await log.wait(for: "the client's end") { !$0.closed.isEmpty }
    try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
    meeting.withLock {
      $0.serverError = serverLog.now.closed.first?.connectError
      $0.clientError = log.now.closed.first?.connectError
    }
    return meeting.withLock { $0 }
  }
}

@Suite("TLS of a server")
struct TLSServerOptionsTests {
  private let files: Certificates

  init() throws { files = try Certificates.shared.get() }

  private func options(_ change: (inout TLSServerOptions) -> Void = { _ in }) -> TLSServerOptions {
    var options = TLSServerOptions(
      certificateChainFile: files.server.chain, privateKeyFile: files.server.key)
    change(&options)
    return options
  }

  private func client(_ change: (inout TLSClientOptions) -> Void = { _ in }) throws -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = files.authority
    change(&options)
    return try TLSContext(client: options)
  }

  @Test func `an identity comes from files, text, a bundle, PKCS#12 or a store`() async throws {
    let identities: [(TLSIdentity, String?)] = [
      (
        .files(certificateChain: files.server.chain, privateKey: files.file("encrypted.key")),
        files.passPhrase
      ),
      (.bundle(file: files.file("bundle.pem")), nil),
      (
        .pem(
          certificateChain: try files.text("server.pem"),
          privateKey: try files.text("encrypted.key")), files.passPhrase
      ),
      (.pkcs12(file: files.file("server.p12")), files.passPhrase),
      (
        .pkcs12Octets([UInt8](try Data(contentsOf: URL(filePath: files.file("server.p12"))))),
        files.passPhrase
      ),
      (
        .store(
          certificate: "file:\(files.server.chain)", privateKey: "file:\(files.server.key)"), nil
      ),
    ]
    for (identity, passPhrase) in identities {
      var options = TLSServerOptions(identity: identity)
      options.passPhrase = passPhrase
      let context = try TLSContext(server: options)
      #expect(context.certificates.first?.commonName == "localhost", "\(identity)")
      let meeting = try await TLSMeeting.hold(context, try client())
      #expect(meeting.clientFacts?.peerCertificate?.commonName == "localhost", "\(identity)")
      #expect(meeting.clientError == nil)
    }
  }

  @Test func `what cannot be used is said before anything listens`() throws {
    func message(_ change: (inout TLSServerOptions) -> Void) -> String {
      do {
        _ = try TLSContext(server: options(change))
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      message {
        $0.identity = .files(certificateChain: files.expired.chain, privateKey: files.expired.key)
      }
      .contains("expired.pem: it expired on "))
    let encrypted = TLSIdentity.files(
      certificateChain: files.server.chain, privateKey: files.file("encrypted.key"))
    #expect(
      message { $0.identity = encrypted }.hasSuffix("it is encrypted: give its pass phrase"))
    #expect(
      message {
        $0.identity = encrypted
        $0.passPhrase = "wrong"
      }.hasSuffix("the pass phrase is wrong"))
    #expect(
      message {
        $0.identity = .pkcs12(file: files.file("server.p12"))
        $0.passPhrase = "wrong"
      }.hasSuffix("the pass phrase is wrong"))
    #expect(
      message { $0.identity = .pkcs12(file: files.server.chain) }.hasSuffix("it is no PKCS#12"))
    #expect(
      message {
        $0.identity = .files(certificateChain: files.server.key, privateKey: files.server.key)
      }
      .hasSuffix("no PEM block of that kind in it"))
    #expect(message { $0.cipherList = "NOSUCH" }.contains("cipher list NOSUCH: no cipher match"))
    #expect(message { $0.cipherSuites = "NOSUCH" }.contains("cipher suites NOSUCH"))
    #expect(message { $0.groups = "NOSUCH" }.contains("groups NOSUCH: one of them is unknown"))
    #expect(message { $0.signatureAlgorithms = "NOSUCH" }.contains("signature algorithms NOSUCH"))
    #expect(message { $0.securityLevel = 9 }.hasSuffix("security level 9: use 0 to 5"))
    #expect(
      message { $0.diffieHellman = .file(files.server.key) }
        .contains("Diffie-Hellman parameters \(files.server.key)"))
    #expect(message { $0.clientCertificates = .required }.contains("nobody is trusted"))
    #expect(
      message {
        $0.clientCertificates = .required
        $0.clientTrust.files = ["/nowhere.pem"]
      }.hasSuffix("/nowhere.pem: no such file or directory"))
    #expect(
      message {
        $0.clientCertificates = .required
        $0.clientTrust.files = [files.authority]
        $0.clientTrust.revocationFiles = [files.authority]
      }.contains("cannot use the revocation list"))
    #expect(
      message {
        $0.minimumVersion = .v1_3
        $0.maximumVersion = .v1_2
      }.contains("TLSv1.3, is newer than the newest, TLSv1.2"))
    #expect(
      message { $0.commands = [TLSCommand("Nonsense", "1")] }.contains("knows no such command"))
  }

  @Test func `the algorithms asked for are those agreed on`() async throws {
    let meeting = try await TLSMeeting.hold(
      try TLSContext(
        server: options {
          $0.cipherSuites = "TLS_CHACHA20_POLY1305_SHA256"
          $0.groups = "P-384"
          $0.signatureAlgorithms = "ECDSA+SHA256"
        }), try client())
    let facts = try #require(meeting.serverFacts)
    #expect(facts.version == "TLSv1.3")
    #expect(facts.cipher == "TLS_CHACHA20_POLY1305_SHA256")
    #expect(facts.cipherBits == 256)
    #expect(facts.group == "secp384r1")
    #expect(facts.serverName == "localhost")
    let older = try await TLSMeeting.hold(
      try TLSContext(
        server: options {
          $0.maximumVersion = .v1_2
          $0.cipherList = "ECDHE-ECDSA-AES128-GCM-SHA256"
          $0.securityLevel = 2
          $0.diffieHellman = .file(files.file("dh.pem"))
        }), try client())
    #expect(older.serverFacts?.version == "TLSv1.2")
    #expect(older.serverFacts?.cipher == "ECDHE-ECDSA-AES128-GCM-SHA256")
    let configured = try await TLSMeeting.hold(
      try TLSContext(
        server: options { $0.commands = [TLSCommand("MaxProtocol", "TLSv1.2")] }), try client())
    #expect(configured.serverFacts?.version == "TLSv1.2")
  }

  @Test func `Diffie-Hellman over numbers is agreed on where it has parameters`() async throws {
    let trust = try client { $0.verifiesPeer = false }
    for (parameters, isIn) in [
      (nil, false), (.automatic, true), (.file(files.file("dh.pem")), true),
      (.pem(try files.text("dh.pem")), true),
    ] as [(TLSDiffieHellman?, Bool)] {
      let meeting = try await TLSMeeting.hold(
        try TLSContext(
          server: options {
            $0.identity = .files(certificateChain: files.rsa.chain, privateKey: files.rsa.key)
            $0.maximumVersion = .v1_2
            $0.cipherList = "DHE-RSA-AES128-GCM-SHA256"
            $0.diffieHellman = parameters
          }), trust)
      #expect(
        meeting.serverFacts?.cipher == (isIn ? "DHE-RSA-AES128-GCM-SHA256" : nil),
        "\(String(describing: parameters))")
    }
  }

  @Test(arguments: [false, true])
  func `a client may agree anew only where that is allowed`(isAllowed: Bool) async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    var listening = Listener.Options()
    listening.tls = try TLSContext(
      server: options {
        $0.maximumVersion = .v1_2
        $0.allowsRenegotiation = isAllowed
      })
    let listener = try Listener(
      loop: group.loops[0], address: .loopback(port: 0), options: listening
    ) { EchoSocket(loop: $0.loop) }
    // A line with R alone is a command of the program; what follows it comes back over TLS.
    let line =
      "(echo R; sleep 1; echo after; sleep 1) | timeout 20 openssl s_client "
      + "-connect \(listener.localAddress) -CAfile \(files.authority) 2>&1"
    guard let pipe = unsafe popen(line, "r") else { throw Certificates.Failed(arguments: [line]) }
    var output: [UInt8] = []
    while true {
      let octet = unsafe fgetc(pipe)
      guard octet >= 0 else { break }
      output.append(UInt8(truncatingIfNeeded: octet))
    }
    unsafe pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.contains("RENEGOTIATING"), "\(text)")
    #expect(text.contains("no renegotiation") == !isAllowed, "\(text)")
    #expect(text.contains("\nafter\n") == isAllowed, "\(text)")
  }

  @Test(arguments: TLSClientCertificates.allCases)
  func `clients show a certificate where they must`(mode: TLSClientCertificates) async throws {
    let server = try TLSContext(
      server: options {
        $0.clientCertificates = mode
        $0.clientTrust.folders = [files.file("authorities")]
      })
    let alice = try client {
      $0.identity = .files(certificateChain: files.client.chain, privateKey: files.client.key)
    }
    let known = try await TLSMeeting.hold(server, alice)
    #expect(known.serverFacts?.peerCertificate?.commonName == (mode == .none ? nil : "alice"))
    let anonymous = try await TLSMeeting.hold(server, try client())
    #expect((anonymous.serverFacts != nil) == (mode != .required))
    let stranger = try await TLSMeeting.hold(
      server, try client { $0.identity = .selfSigned(hostNames: ["eve"]) })
    #expect((stranger.serverFacts != nil) == (mode == .none))
  }

  @Test func `a revoked certificate is refused`() async throws {
    let server = try TLSContext(
      server: options {
        $0.clientCertificates = .required
        $0.clientTrust.pem = [(try? files.text("ca.pem")) ?? ""]
        $0.clientTrust.revocationFiles = [files.file("revoked.pem")]
      })
    for (identity, isIn) in [(files.client, true), (files.revoked, false)] {
      let meeting = try await TLSMeeting.hold(
        server,
        try client {
          $0.identity = .files(certificateChain: identity.chain, privateKey: identity.key)
        })
      #expect((meeting.serverFacts != nil) == isIn)
    }
  }

  @Test func `a hook decides on clients after OpenSSL`() async throws {
    let seen = Mutex<[TLSVerification]>([])
    let server = try TLSContext(
      server: options {
        $0.clientCertificates = .required
        $0.clientTrust.files = [files.authority]
        $0.verifyClient = { verification in
          seen.withLock { $0.append(verification) }
          return verification.chain.first?.commonName != "mallory"
        }
      })
    let stranger = try await TLSMeeting.hold(
      server, try client { $0.identity = .selfSigned(hostNames: ["eve"]) })
    #expect(stranger.serverFacts?.peerCertificate?.commonName == "eve")
    let mallory = try await TLSMeeting.hold(
      server,
      try client {
        $0.identity = .files(certificateChain: files.revoked.chain, privateKey: files.revoked.key)
      })
    #expect(mallory.serverFacts == nil)
    #expect(seen.withLock { $0.map(\.isTrusted) } == [false, true])
  }
}
