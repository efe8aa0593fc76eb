public import CaseLanguage
public import Transport

/// An authority made at run time, which signs the certificates that cases show to clients.
public struct TestAuthority: Sendable {
  private let authority: IssuedCertificate

  /// An authority of its own; nobody trusts it who is not told to.
  public init() throws(TransportError) {
    authority = try Self.makeAuthority("Gauntlet test authority")
  }

  /// Its certificate as PEM, for clients to trust.
  public var certificate: String { authority.certificate }

  private static func makeAuthority(_ name: String) throws(TransportError) -> IssuedCertificate {
    var description = IssuedCertificate.Description(commonName: name, hostNames: [])
    description.isAuthority = true
    return try IssuedCertificate(description)
  }

  /// A certificate of a server that is `localhost`, with what is wrong with it.
  public func identity(_ kind: ServerCertificate) throws(TransportError) -> TLSIdentity {
    var issuer: IssuedCertificate? = authority
    var description = IssuedCertificate.Description(
      commonName: "localhost", hostNames: ["localhost", "127.0.0.1", "::1"])
    var chain = ""
    switch kind {
    case .trusted: break
    case .otherName:
      description = .init(commonName: "other.example", hostNames: ["other.example"])
    case .commonName: description.hostNames = ["other.example"]
    case .expired: (description.firstDay, description.lastDay) = (-30, -1)
    case .notYetValid: (description.firstDay, description.lastDay) = (2, 30)
    case .unknownAuthority: issuer = try Self.makeAuthority("Another test authority")
    case .selfSigned: issuer = nil
    case .forged:
      let other = try Self.makeAuthority("Another test authority")
      issuer = IssuedCertificate(certificate: authority.certificate, key: other.key)
    case .issuedByServer:
      let server = IssuedCertificate.Description(
        commonName: "server.example", hostNames: ["server.example"])
      let made = try IssuedCertificate(server, issuedBy: authority)
      issuer = made
      chain = made.certificate
    case .forClients: description.purpose = "clientAuth"
    }
    let made = try IssuedCertificate(description, issuedBy: issuer)
    return .pem(certificateChain: made.certificate + chain, privateKey: made.key)
  }

  /// How a server speaks TLS with such a certificate.
  ///
  /// - Parameters:
  ///   - kind: What is wrong with the certificate.
  ///   - keyLog: Is told what decrypts the connections.
  ///   - messageLog: Is told of each message of the handshakes.
  /// - Throws: if OpenSSL cannot make it.
  /// - Returns: A context for a listener.
  public func context(
    _ kind: ServerCertificate = .trusted, keyLog: (@Sendable (String) -> Void)? = nil,
    messageLog: (@Sendable (String) -> Void)? = nil
  ) throws(TransportError) -> TLSContext {
    var options = TLSServerOptions(identity: try identity(kind))
    options.acceptsExpiredCertificate = true
    // Each connection is to look at the certificate anew.
    options.resumesSessions = false
    options.keyLog = keyLog
    options.messageLog = messageLog
    return try TLSContext(server: options)
  }
}
