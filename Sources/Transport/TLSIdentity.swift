/// Where a certificate, its chain and its private key come from.
public enum TLSIdentity: Hashable, Sendable {
  /// A PEM file with the certificate and then those of its issuers, and one with the key.
  case files(certificateChain: String, privateKey: String)
  /// One PEM file with all of it, in any order.
  case bundle(file: String)
  /// The same as text.
  case pem(certificateChain: String, privateKey: String)
  /// A PKCS#12 file (RFC 7292), as `.p12` or `.pfx`.
  case pkcs12(file: String)
  /// The contents of a PKCS#12 file.
  case pkcs12Octets([UInt8])
  /// URIs of OpenSSL's object stores: `file:/…`, or `pkcs11:…` where its provider is set up.
  case store(certificate: String, privateKey: String)
  /// A certificate made anew for these names, which nobody trusts: for tests and trials.
  case selfSigned(hostNames: [String])
}

/// What is asked of a client by way of a certificate.
public enum TLSClientCertificates: String, Hashable, Sendable, CaseIterable {
  /// None.
  case none
  /// One, but a client without goes on; one that does not verify ends the handshake.
  case optional
  /// One that verifies.
  case required
}

/// Whom to trust to have signed a peer's certificate.
public struct TLSTrust: Hashable, Sendable {
  /// PEM files of authorities.
  public var files: [String] = []
  /// Folders of authorities, named by hash as `openssl rehash` makes them.
  public var folders: [String] = []
  /// Authorities as PEM text.
  public var pem: [String] = []
  /// Whether the system's authorities are trusted too.
  public var includesSystem = false
  /// PEM files of revocation lists (RFC 5280 §5).
  public var revocationFiles: [String] = []
  /// Whether the whole chain, not only the peer's own certificate, is looked up in the lists.
  public var checksRevocationOfChain = false

  /// Trusts nobody.
  public init() {}

  /// Whether nobody is trusted.
  public var isEmpty: Bool { files.isEmpty && folders.isEmpty && pem.isEmpty && !includesSystem }
}

/// The parameters of Diffie-Hellman in TLS 1.2.
public enum TLSDiffieHellman: Hashable, Sendable {
  /// Chosen by OpenSSL to fit the certificate's strength.
  case automatic
  /// A PEM file, as `openssl dhparam` makes it.
  case file(String)
  /// The same as text.
  case pem(String)
}

/// One of OpenSSL's configuration commands (`SSL_CONF_cmd`), for what has no option of its own.
public struct TLSCommand: Hashable, Sendable {
  /// The name as in OpenSSL's configuration files, such as `RecordPadding`.
  public var name: String
  /// The value.
  public var value: String

  /// Makes a command.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A named host with TLS of its own, chosen by the name that the client asks for (RFC 6066 §3).
public struct TLSHost: Sendable {
  /// Its names; `*.example.org` stands for any one label in front.
  public var names: [String]
  /// Its certificate and all else; can be reloaded by itself.
  public var context: TLSContext

  /// Makes a host.
  public init(names: [String], context: TLSContext) {
    self.names = names
    self.context = context
  }

  /// Whether one of the names stands for `serverName`.
  public func matches(_ serverName: String) -> Bool { Self.matches(serverName, names) }

  /// Whether one of some names stands for `serverName`.
  public static func matches(_ serverName: String, _ names: [String]) -> Bool {
    let wanted = serverName.lowercased()
    return names.contains { name in
      let name = name.lowercased()
      guard name.hasPrefix("*."), let dot = wanted.firstIndex(of: ".") else {
        return name == wanted
      }
      return dot > wanted.startIndex && wanted[dot...] == name.dropFirst()
    }
  }
}

/// What a client's first message asks for, for hooks that choose.
public struct TLSOffer: Hashable, Sendable {
  /// The name it asks for (SNI), or nil.
  public let serverName: String?
  /// The application protocols it speaks (ALPN), in its order.
  public let applicationProtocols: [String]
}

/// A peer's certificate, while it is decided whether to let it in.
public struct TLSVerification: Hashable, Sendable {
  /// What it has sent or what was built of it, its own certificate first.
  public let chain: [TLSCertificate]
  /// Whether OpenSSL takes it for good.
  public let isTrusted: Bool
  /// What OpenSSL says of it: `ok`, or why not.
  public let detail: String
}
