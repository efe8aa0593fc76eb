import ArgumentParser
import FoundationEssentials
import Transport

/// The TLS of a server on the command line.
struct ServeTLSOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The certificate, then its chain, as PEM.", valueName: "FILE"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's key, as PEM.", valueName: "FILE"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("Certificate, chain and key as PKCS#12.", valueName: "FILE"))
  var tlsPkcs12: String?

  @Flag(help: "Make a certificate for localhost that nobody trusts, for tests.")
  var tlsSelfSigned = false

  @Option(
    help: ArgumentHelp(
      "A certificate for names of its own (SNI), repeatable: NAME,NAME=CHAIN,KEY.",
      valueName: "HOST"))
  var tlsHost: [String] = []

  @Option(
    help: ArgumentHelp("Ask clients for a certificate: optional, required.", valueName: "HOW"))
  var tlsClient: ClientCertificates?

  @Option(
    help: ArgumentHelp(
      "Who signs clients' certificates: a PEM file or a folder, repeatable.", valueName: "PATH"))
  var tlsClientCa: [String] = []

  @Option(
    help: ArgumentHelp("Revoked clients' certificates, as PEM, repeatable.", valueName: "FILE"))
  var tlsCrl: [String] = []

  @Option(help: ArgumentHelp("The oldest version: 1.2 or 1.3.", valueName: "VERSION"))
  var tlsMin: Version?

  @Option(help: ArgumentHelp("The newest version: 1.2 or 1.3.", valueName: "VERSION"))
  var tlsMax: Version?

  @Option(help: ArgumentHelp("The ciphers of TLS 1.2, as OpenSSL writes them.", valueName: "LIST"))
  var tlsCiphers: String?

  @Option(help: ArgumentHelp("The cipher suites of TLS 1.3, joined by colons.", valueName: "LIST"))
  var tlsSuites: String?

  @Option(help: ArgumentHelp("The groups of the key exchange: X25519:P-256.", valueName: "LIST"))
  var tlsGroups: String?

  @Option(help: ArgumentHelp("The signature algorithms: ECDSA+SHA256:…", valueName: "LIST"))
  var tlsSignatures: String?

  @Option(help: ArgumentHelp("The least strength of everything, 0 to 5.", valueName: "N"))
  var tlsSecurityLevel: Int?

  @Option(help: ArgumentHelp("Parameters of Diffie-Hellman, as PEM.", valueName: "FILE"))
  var tlsDh: String?

  @Flag(inversion: .prefixedNo, help: "Let clients resume sessions.")
  var tlsResumption = true

  @Option(
    help: ArgumentHelp(
      "One of OpenSSL's configuration commands, repeatable: RecordPadding=512.",
      valueName: "NAME=VALUE"))
  var tlsOption: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write the secrets of all connections here, for analysers: only for tests.",
      valueName: "FILE"))
  var tlsKeyLog: String?

  /// Whether a listener may speak TLS.
  var isOn: Bool { tlsCertificate != nil || tlsPkcs12 != nil || tlsSelfSigned }

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key belong together: give both")
    }
    let count = [tlsCertificate != nil, tlsPkcs12 != nil, tlsSelfSigned].count { $0 }
    guard count < 2 else {
      throw ValidationError(
        "--tls-self-signed, --tls-certificate and --tls-pkcs12 exclude each other")
    }
    if let tlsSecurityLevel, !(0...5 ~= tlsSecurityLevel) {
      throw ValidationError("--tls-security-level \(tlsSecurityLevel): use 0 to 5")
    }
    guard tlsClient == nil || !tlsClientCa.isEmpty else {
      throw ValidationError("--tls-client: say with --tls-client-ca who signs the certificates")
    }
    for text in tlsHost where host(text) == nil {
      throw ValidationError("--tls-host \(text): write NAME,NAME=CHAIN,KEY")
    }
    for text in tlsOption where !text.contains("=") {
      throw ValidationError("--tls-option \(text): write NAME=VALUE")
    }
  }

  /// The context, or nil without a certificate.
  ///
  /// `keyLog` is told the secrets of connections too.
  func makeContext(keyLog: (@Sendable (String) -> Void)? = nil) throws -> TLSContext? {
    do {
      guard let identity else { return nil }
      var options = try options(identity, keyLog)
      options.hosts = try tlsHost.compactMap { text in
        guard let (names, chain, key) = host(text) else { return nil }
        let own = try self.options(
          .files(certificateChain: chain, privateKey: key), keyLog)
        return TLSHost(names: names, context: try TLSContext(server: own))
      }
      return try TLSContext(server: options)
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  private var identity: TLSIdentity? {
    if tlsSelfSigned { return .selfSigned(hostNames: ["localhost", "127.0.0.1", "::1"]) }
    if let tlsPkcs12 { return .pkcs12(file: tlsPkcs12) }
    guard let tlsCertificate, let tlsKey else { return nil }
    return .files(certificateChain: tlsCertificate, privateKey: tlsKey)
  }

  private func options(
    _ identity: TLSIdentity, _ keyLog: (@Sendable (String) -> Void)?
  ) throws -> TLSServerOptions {
    var options = TLSServerOptions(identity: identity)
    options.passPhrase = ProcessInfo.processInfo.environment["GAUNTLET_TLS_PASS_PHRASE"]
    options.applicationProtocols = ["http/1.1"]
    options.minimumVersion = tlsMin?.version ?? .v1_2
    options.maximumVersion = tlsMax?.version ?? .v1_3
    options.cipherList = tlsCiphers
    options.cipherSuites = tlsSuites
    options.groups = tlsGroups
    options.signatureAlgorithms = tlsSignatures
    options.securityLevel = tlsSecurityLevel
    options.diffieHellman = tlsDh.map { .file($0) }
    options.resumesSessions = tlsResumption
    options.clientCertificates = tlsClient?.mode ?? .none
    for path in tlsClientCa {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if isFolder {
        options.clientTrust.folders.append(path)
      } else {
        options.clientTrust.files.append(path)
      }
    }
    options.clientTrust.revocationFiles = tlsCrl
    options.commands = tlsOption.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return TLSCommand(String(parts[0]), String(parts[1]))
    }
    options.keyLog = keyLog
    if let tlsKeyLog {
      let file = try LogFile(tlsKeyLog)
      options.keyLog = { line in
        file.append(line)
        keyLog?(line)
      }
    }
    return options
  }

  private func host(_ text: String) -> (names: [String], chain: String, key: String)? {
    let sides = text.split(separator: "=", maxSplits: 1)
    guard sides.count == 2 else { return nil }
    let files = sides[1].split(separator: ",")
    let names = sides[0].split(separator: ",").map(String.init)
    guard files.count == 2, !names.isEmpty else { return nil }
    return (names, String(files[0]), String(files[1]))
  }

  /// A version as users write it.
  struct Version: ExpressibleByArgument {
    let version: TLSVersion

    init?(argument: String) {
      switch argument {
      case "1.2": version = .v1_2
      case "1.3": version = .v1_3
      default: return nil
      }
    }
  }

  /// How clients are asked for certificates.
  struct ClientCertificates: ExpressibleByArgument {
    let mode: TLSClientCertificates

    init?(argument: String) {
      guard let mode = TLSClientCertificates(rawValue: argument) else { return nil }
      self.mode = mode
    }
  }
}
