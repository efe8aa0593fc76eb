internal import COpenSSL
internal import Glibc

/// One `SSL_CTX` with what its callbacks need; a reload makes a new one, and connections keep theirs.
///
/// `@unchecked Sendable`: an `SSL_CTX` may be used by many threads once it is set up.
@safe final class TLSHandle: @unchecked Sendable {
  let pointer: OpaquePointer
  let isServer: Bool
  let versions: (minimum: TLSVersion, maximum: TLSVersion)
  /// The protocols as ALPN writes them (RFC 7301 §3.1).
  let protocolList: [UInt8]
  let keyLog: (@Sendable (String) -> Void)?
  /// A server's options, for its hooks.
  let server: TLSServerOptions?
  /// A client's options, likewise.
  let client: TLSClientOptions?
  /// The certificates shown to peers, the own one first.
  private(set) var certificates: [TLSCertificate] = []
  /// Where they are from.
  private(set) var certificateName = ""

  init(
    isServer: Bool, protocols: [String], versions: (TLSVersion, TLSVersion),
    keyLog: (@Sendable (String) -> Void)?, server: TLSServerOptions? = nil,
    client: TLSClientOptions? = nil
  ) throws(TransportError) {
    TLSErrors.clear()
    let method = unsafe isServer ? TLS_server_method() : TLS_client_method()
    guard let context = unsafe SSL_CTX_new(method) else { throw TLSErrors.configuration("use TLS") }
    unsafe pointer = context
    self.isServer = isServer
    self.versions = versions
    self.keyLog = keyLog
    self.server = server
    self.client = client
    protocolList = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    // The context ends with this object, so the reference from it need not be counted.
    unsafe SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque())
    unsafe SSL_CTX_set_options(context, tls_common_options())
    let modes =
      SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
      | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(modes), nil)
    control(SSL_CTRL_SET_MIN_PROTO_VERSION, versions.0.number)
    control(SSL_CTRL_SET_MAX_PROTO_VERSION, versions.1.number)
    if keyLog != nil { unsafe SSL_CTX_set_keylog_callback(context, TLSCallbacks.keyLogLine) }
  }

  deinit { unsafe SSL_CTX_free(pointer) }

  /// The handle behind an `SSL`, which keeps it alive.
  static func of(_ ssl: OpaquePointer?) -> TLSHandle? {
    guard let address = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else { return nil }
    return unsafe Unmanaged<TLSHandle>.fromOpaque(address).takeUnretainedValue()
  }

  @discardableResult
  func control(_ command: Int32, _ value: Int) -> Int {
    unsafe SSL_CTX_ctrl(pointer, command, value, nil)
  }

  func control(_ command: Int32, _ text: String) -> Bool {
    unsafe text.withCString {
      unsafe SSL_CTX_ctrl(pointer, command, 0, UnsafeMutableRawPointer(mutating: $0)) == 1
    }
  }

  // MARK: Identity

  /// Uses a certificate; says whether it has expired, unless that is accepted.
  func use(
    _ source: TLSIdentity, passPhrase: String?, acceptsExpired: Bool
  ) throws(TransportError) {
    let identity = try LoadedIdentity.load(source, passPhrase: passPhrase)
    var certificates = unsafe [TLSCertificate(identity.certificate)]
    for index in unsafe 0..<max(0, tls_count(identity.chain)) {
      guard let issuer = unsafe tls_certificate(identity.chain, index) else { continue }
      unsafe certificates.append(TLSCertificate(issuer))
    }
    let own = certificates[0]
    let attempt = "use the certificate \(identity.names.certificate)"
    if !acceptsExpired {
      guard own.validUntil >= TLSCertificate.now else {
        throw TransportError(.tlsExpired, attempt: attempt, detail: "it expired on \(own.lastDay)")
      }
      guard own.validFrom <= TLSCertificate.now else {
        throw TransportError(
          .tlsExpired, attempt: attempt,
          detail: "it is not valid before \(TLSCertificate.day(of: own.validFrom))")
      }
    }
    TLSErrors.clear()
    guard unsafe SSL_CTX_use_certificate(pointer, identity.certificate) == 1 else {
      throw TLSErrors.configuration(attempt)
    }
    guard unsafe X509_check_private_key(identity.certificate, identity.key) == 1 else {
      throw TLSErrors.configuration("use the private key \(identity.names.key)")
    }
    guard
      unsafe SSL_CTX_use_cert_and_key(
        pointer, identity.certificate, identity.key, identity.chain, 1) == 1
    else {
      throw TLSErrors.configuration("use the private key \(identity.names.key)")
    }
    self.certificates = certificates
    certificateName = identity.names.certificate
  }

  // MARK: Trust

  /// Trusts authorities and looks certificates up in revocation lists.
  func trust(_ trust: TLSTrust) throws(TransportError) {
    TLSErrors.clear()
    for file in trust.files {
      let attempt = "use the authorities in \(file)"
      try self.trust(pem: try FileContents.read(file, attempt: attempt), attempt: attempt)
    }
    for (index, text) in trust.pem.enumerated() {
      try self.trust(pem: Array(text.utf8), attempt: "use the authorities in text \(index + 1)")
    }
    for folder in trust.folders {
      guard unsafe access(folder, R_OK | X_OK) == 0 else {
        var error = TransportError(errno: errno, attempt: "use the authorities in \(folder)")
        error.kind = .fileNotUsable
        throw error
      }
      guard unsafe SSL_CTX_load_verify_dir(pointer, folder) == 1 else {
        throw TLSErrors.configuration("use the authorities in \(folder)")
      }
    }
    if trust.includesSystem { trustSystem() }
    guard !trust.revocationFiles.isEmpty else { return }
    let store = unsafe SSL_CTX_get_cert_store(pointer)
    for file in trust.revocationFiles {
      let attempt = "use the revocation list \(file)"
      let octets = try FileContents.read(file, attempt: attempt)
      let bio = unsafe try PEMReader.source(of: octets, attempt: attempt)
      defer { unsafe BIO_free(bio) }
      TLSErrors.clear()
      var count = 0
      while let list = unsafe PEM_read_bio_X509_CRL(bio, nil, PEMReader.noPassPhrase, nil) {
        unsafe X509_STORE_add_crl(store, list)
        unsafe X509_CRL_free(list)
        count += 1
      }
      guard count > 0 else { throw TLSErrors.configuration(attempt) }
    }
    TLSErrors.clear()
    let ofChain = trust.checksRevocationOfChain ? X509_V_FLAG_CRL_CHECK_ALL : 0
    let flags = X509_V_FLAG_CRL_CHECK | ofChain
    unsafe X509_STORE_set_flags(store, UInt(flags))
  }

  private func trust(pem octets: [UInt8], attempt: String) throws(TransportError) {
    let stack = unsafe try PEMReader.certificates(in: octets, attempt: attempt)
    defer { unsafe tls_free_certificates(stack) }
    let store = unsafe SSL_CTX_get_cert_store(pointer)
    for index in unsafe 0..<max(0, tls_count(stack)) {
      guard let authority = unsafe tls_certificate(stack, index) else { continue }
      guard unsafe X509_STORE_add_cert(store, authority) == 1 else {
        throw TLSErrors.configuration(attempt)
      }
      // So that clients with several certificates know which to show.
      if isServer { unsafe SSL_CTX_add_client_CA(pointer, authority) }
    }
  }

  /// Trusts the system's authorities, also where a statically linked OpenSSL looks elsewhere.
  func trustSystem() {
    unsafe SSL_CTX_set_default_verify_paths(pointer)
    let known = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
    let standard = unsafe String(cString: X509_get_default_cert_file())
    guard unsafe access(standard, R_OK) != 0 else { return }
    for file in known where unsafe access(file, R_OK) == 0 {
      unsafe SSL_CTX_load_verify_file(pointer, file)
      break
    }
    TLSErrors.clear()
  }
}

extension TLSVersion {
  /// The version as the wire has it.
  var number: Int { self == .v1_2 ? 0x0303 : 0x0304 }
}
