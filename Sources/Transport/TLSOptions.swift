/// A version of TLS.
public enum TLSVersion: String, Hashable, Sendable, CaseIterable, Comparable {
  /// TLS 1.2 (RFC 5246).
  case v1_2 = "TLSv1.2"
  /// TLS 1.3 (RFC 8446).
  case v1_3 = "TLSv1.3"

  /// Whether `left` is the older version.
  public static func < (left: TLSVersion, right: TLSVersion) -> Bool {
    left == .v1_2 && right == .v1_3
  }
}

/// What a server's TLS is made of.
public struct TLSServerOptions: Sendable {
  /// The certificate, its chain and its key.
  public var identity: TLSIdentity
  /// What the private key or the PKCS#12 file is encrypted with.
  public var passPhrase: String?
  /// Whether a certificate that has expired, or is not valid yet, is served all the same.
  public var acceptsExpiredCertificate = false
  /// The application protocols on offer (ALPN), the preferred one first; empty: no ALPN.
  public var applicationProtocols: [String] = []
  /// Chooses the application protocol instead of the list; `nil` goes on without one.
  public var selectApplicationProtocol: (@Sendable (TLSOffer) -> String?)?
  /// The oldest version spoken.
  public var minimumVersion = TLSVersion.v1_2
  /// The newest version spoken.
  public var maximumVersion = TLSVersion.v1_3
  /// The ciphers of TLS 1.2 in OpenSSL's notation: `ECDHE+AESGCM:!aNULL`; `nil` for its own.
  public var cipherList: String?
  /// The suites of TLS 1.3, joined by colons: `TLS_AES_256_GCM_SHA384`; `nil` for OpenSSL's own.
  public var cipherSuites: String?
  /// The key exchange groups, joined by colons: `X25519:P-256`; `nil` for OpenSSL's own.
  public var groups: String?
  /// The signature algorithms, joined by colons: `ECDSA+SHA256:RSA-PSS+SHA256`; `nil` likewise.
  public var signatureAlgorithms: String?
  /// The least strength of everything, 0 to 5 (1 is 80 bits, 2 is 112, 3 is 128, 4 is 192, 5 is
  /// 256); `nil` for the system's.
  public var securityLevel: Int?
  /// The parameters of Diffie-Hellman in TLS 1.2; `nil`: elliptic curves only.
  public var diffieHellman: TLSDiffieHellman?
  /// Whether clients of TLS 1.2 may ask to agree anew, which costs the server more than them.
  public var allowsRenegotiation = false
  /// Whether clients may resume sessions.
  public var resumesSessions = true
  /// How many tickets a client of TLS 1.3 gets.
  public var sessionTicketCount = 1
  /// How many sessions are kept here instead of in the clients' tickets; 0: tickets.
  public var sessionCacheCount = 0
  /// For how long a session may be resumed; `nil` for OpenSSL's own.
  public var sessionLifetime: Duration?
  /// Whether clients show a certificate.
  public var clientCertificates = TLSClientCertificates.none
  /// Whom to trust to have signed the clients' certificates.
  public var clientTrust = TLSTrust()
  /// Decides on a client's certificate, after OpenSSL; on the connection's loop, must not block.
  public var verifyClient: (@Sendable (TLSVerification) -> Bool)?
  /// Named hosts with certificates of their own.
  public var hosts: [TLSHost] = []
  /// Chooses a host that is not in the list; `nil` stays with this one's certificate.
  public var selectHost: (@Sendable (String) -> TLSContext?)?
  /// Whether a client that asks for no known name is refused (`unrecognized_name`).
  public var refusesUnknownNames = false
  /// OpenSSL's configuration commands, carried out last, before the context is used.
  public var commands: [TLSCommand] = []
  /// Is told each connection's secrets in the NSS key log format, for analysers; on any thread.
  public var keyLog: (@Sendable (String) -> Void)?
  /// Is told each protocol message of a handshake in a line, never its contents; on any thread.
  public var messageLog: (@Sendable (String) -> Void)?

  /// Options with an identity, else as documented.
  public init(identity: TLSIdentity) {
    self.identity = identity
  }

  /// Options with two PEM files: the certificate with its issuers, and the key.
  public init(certificateChainFile: String, privateKeyFile: String) {
    self.init(
      identity: .files(certificateChain: certificateChainFile, privateKey: privateKeyFile))
  }
}

/// What a client's TLS is made of.
public struct TLSClientOptions: Sendable {
  /// A PEM file of the authorities to trust; `nil` for the system's.
  public var authoritiesFile: String?
  /// PEM text of authorities to trust, in place of the system's.
  public var authorities: [String] = []
  /// Whether the server's chain and name are verified; without, anybody can pose as the server.
  public var verifiesPeer = true
  /// What is not verified although the rest is: only for twins that prove that tests find it.
  public var unchecked: TLSUnchecked = []
  /// Whether the server is told the name that is wanted (SNI, RFC 6066 §3).
  public var sendsServerName = true
  /// The certificate to show to a server that asks for one.
  public var identity: TLSIdentity?
  /// What the identity is encrypted with.
  public var passPhrase: String?
  /// The application protocols on offer (ALPN), the preferred one first; empty: no ALPN.
  public var applicationProtocols: [String] = []
  /// The oldest version spoken.
  public var minimumVersion = TLSVersion.v1_2
  /// The newest version spoken.
  public var maximumVersion = TLSVersion.v1_3
  /// Whether a later connection to the same server resumes the session of an earlier one.
  public var resumesSessions = true
  /// Is told each connection's secrets in the NSS key log format, for analysers; on any thread.
  public var keyLog: (@Sendable (String) -> Void)?

  /// Options as documented.
  public init() {}
}

/// Parts of the verification of a server's certificate.
public struct TLSUnchecked: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// That it is for the name that was wanted.
  public static let name = TLSUnchecked(rawValue: 1)
  /// That it is valid today.
  public static let dates = TLSUnchecked(rawValue: 2)
  /// That somebody trusted has issued it, for this purpose.
  public static let chain = TLSUnchecked(rawValue: 4)
}

/// What has been agreed on with the peer.
public struct TLSFacts: Hashable, Sendable {
  /// The version, as OpenSSL names it: `TLSv1.3`.
  public let version: String
  /// The cipher suite, as OpenSSL names it: `TLS_AES_256_GCM_SHA384`.
  public let cipher: String
  /// The strength of the cipher in bits.
  public let cipherBits: Int
  /// The group of the key exchange, as OpenSSL names it: `x25519`; `nil` where there was none.
  public let group: String?
  /// The application protocol chosen (ALPN).
  public let applicationProtocol: String?
  /// The name that the client has asked for (SNI).
  public let serverName: String?
  /// Whether an earlier session was resumed.
  public let isResumed: Bool
  /// The certificate that the peer has shown.
  public let peerCertificate: TLSCertificate?
}
