import ArgumentParser

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

  @Flag(
    help: ArgumentHelp(
      "Make one for localhost, signed by an authority whose file clients get as {ca}.",
      visibility: .hidden))
  var tlsTestAuthority = false

  @Option(
    help: ArgumentHelp(
      "A certificate for names of its own (SNI), repeatable: NAME,NAME=CHAIN,KEY.",
      valueName: "HOST"))
  var tlsHost: [String] = []

  @Option(
    help: ArgumentHelp("Ask clients for a certificate: optional, required.", valueName: "HOW"))
  var tlsClient: String?

  @Option(
    help: ArgumentHelp(
      "Who signs clients' certificates: a PEM file or a folder, repeatable.", valueName: "PATH"))
  var tlsClientCa: [String] = []

  @Option(
    help: ArgumentHelp("Revoked clients' certificates, as PEM, repeatable.", valueName: "FILE"))
  var tlsCrl: [String] = []

  @Option(help: ArgumentHelp("The oldest version: 1.2 or 1.3.", valueName: "VERSION"))
  var tlsMin: String?

  @Option(help: ArgumentHelp("The newest version: 1.2 or 1.3.", valueName: "VERSION"))
  var tlsMax: String?

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

  @Option(
    help: ArgumentHelp("Parameters of Diffie-Hellman, as PEM, or automatic.", valueName: "FILE"))
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
  var isOn: Bool { tlsCertificate != nil || tlsPkcs12 != nil || tlsSelfSigned || tlsTestAuthority }

  /// One of the flags that were given, or nil.
  var firstFlag: String? { members.lazy.compactMap(\.firstFlag).first }

  func validate() throws {
    for text in tlsHost where host(text) == nil {
      throw ValidationError("--tls-host \(text): write NAME,NAME=CHAIN,KEY")
    }
    for text in tlsOption where !text.contains("=") {
      throw ValidationError("--tls-option \(text): write NAME=VALUE")
    }
  }

  /// What a file has in `tls`.
  var members: [SpecValue.Member] {
    [
      .init("certificate", "--tls-certificate", tlsCertificate), .init("key", "--tls-key", tlsKey),
      .init("pkcs12", "--tls-pkcs12", tlsPkcs12),
      .init("selfSigned", "--tls-self-signed", tlsSelfSigned || tlsTestAuthority ? true : nil),
      .init("minimumVersion", "--tls-min", tlsMin), .init("maximumVersion", "--tls-max", tlsMax),
      .init("ciphers", "--tls-ciphers", tlsCiphers), .init("suites", "--tls-suites", tlsSuites),
      .init("groups", "--tls-groups", tlsGroups),
      .init("signatures", "--tls-signatures", tlsSignatures),
      .init("securityLevel", "--tls-security-level", tlsSecurityLevel),
      .init("diffieHellman", "--tls-dh", tlsDh),
      .init("sessions", "--no-tls-resumption", tlsResumption ? nil : false),
      .init("keyLog", "--tls-key-log", tlsKeyLog),
      .init(
        "clients",
        [
          .init("certificates", "--tls-client", tlsClient),
          .init("authorities", "--tls-client-ca", tlsClientCa),
          .init("revocations", "--tls-crl", tlsCrl),
        ]),
      .init("options", tlsOption.map(option)),
      .init("hosts", objects: tlsHost.compactMap(host)),
    ]
  }

  private func option(_ text: String) -> SpecValue.Member {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return .init(String(parts[0]), "--tls-option", parts.dropFirst().first.map(String.init))
  }

  private func host(_ text: String) -> [SpecValue.Member]? {
    let sides = text.split(separator: "=", maxSplits: 1)
    guard sides.count == 2 else { return nil }
    let files = sides[1].split(separator: ",").map(String.init)
    let names = sides[0].split(separator: ",").map(String.init)
    guard files.count == 2, !names.isEmpty else { return nil }
    return [
      .init("names", "--tls-host", names), .init("certificate", "--tls-host", files[0]),
      .init("key", "--tls-host", files[1]),
    ]
  }
}
