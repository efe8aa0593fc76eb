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
  /// A PEM file: the server's certificate, then those of its issuers.
  public var certificateChainFile: String
  /// A PEM file with the certificate's private key.
  public var privateKeyFile: String
  /// The application protocols on offer (ALPN), the preferred one first; empty: no ALPN.
  public var applicationProtocols: [String] = []
  /// The oldest version spoken.
  public var minimumVersion = TLSVersion.v1_2
  /// The newest version spoken.
  public var maximumVersion = TLSVersion.v1_3
  /// Whether clients may resume sessions (with tickets, so that nothing is kept here).
  public var resumesSessions = true
  /// Is told each connection's secrets in the NSS key log format, for analysers; on any thread.
  public var keyLog: (@Sendable (String) -> Void)?

  /// Options with the two files, else as documented.
  public init(certificateChainFile: String, privateKeyFile: String) {
    self.certificateChainFile = certificateChainFile
    self.privateKeyFile = privateKeyFile
  }
}

/// What a client's TLS is made of.
public struct TLSClientOptions: Sendable {
  /// A PEM file of the authorities to trust; `nil` for the system's.
  public var authoritiesFile: String?
  /// Whether the server's chain and name are verified; without, anybody can pose as the server.
  public var verifiesPeer = true
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

/// What has been agreed on with the peer.
public struct TLSFacts: Hashable, Sendable {
  /// The version, as OpenSSL names it: `TLSv1.3`.
  public let version: String
  /// The cipher suite, as OpenSSL names it: `TLS_AES_256_GCM_SHA384`.
  public let cipher: String
  /// The application protocol chosen (ALPN).
  public let applicationProtocol: String?
  /// Whether an earlier session was resumed.
  public let isResumed: Bool
}
