internal import COpenSSL
internal import Glibc
internal import Synchronization

/// What TLS connections of one kind have in common: certificates, trust, protocols, sessions.
///
/// `@unchecked Sendable`: an `SSL_CTX` may be used by many threads once it is set up, and the
/// sessions kept for resumption are behind a mutex.
@safe public final class TLSContext: @unchecked Sendable {
  /// A session kept for resumption; the box owns one reference to it.
  ///
  /// `@unchecked Sendable`: OpenSSL's reference counts are atomic, and the session is only read.
  @safe private final class KeptSession: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe SSL_SESSION_free(pointer) }
  }

  let context: OpaquePointer
  let isServer: Bool
  private let keyLog: (@Sendable (String) -> Void)?
  /// The protocols as ALPN writes them (RFC 7301 §3.1).
  fileprivate let protocolList: [UInt8]
  private let sessions = Mutex<[String: KeptSession]>([:])
  private static let keptSessionCount = 1024

  /// A server's context; the files are read and checked now.
  ///
  /// - Throws: `fileNotUsable` or `tlsConfiguration`, naming the file.
  public convenience init(server options: TLSServerOptions) throws(TransportError) {
    try self.init(
      isServer: true, protocols: options.applicationProtocols,
      versions: (options.minimumVersion, options.maximumVersion),
      resumesSessions: options.resumesSessions, keyLog: options.keyLog)
    let chain = options.certificateChainFile
    TLSErrors.clear()
    guard unsafe SSL_CTX_use_certificate_chain_file(context, chain) == 1 else {
      throw TLSErrors.configuration("use the certificate \(chain)")
    }
    let key = options.privateKeyFile
    guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
      unsafe SSL_CTX_check_private_key(context) == 1
    else { throw TLSErrors.configuration("use the private key \(key)") }
  }

  /// A client's context; the files are read and checked now.
  ///
  /// - Throws: `fileNotUsable` or `tlsConfiguration`, naming the file.
  public convenience init(
    client options: TLSClientOptions = TLSClientOptions()
  ) throws(TransportError) {
    try self.init(
      isServer: false, protocols: options.applicationProtocols,
      versions: (options.minimumVersion, options.maximumVersion),
      resumesSessions: options.resumesSessions, keyLog: options.keyLog)
    unsafe SSL_CTX_set_verify(
      context, options.verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    guard options.verifiesPeer else { return }
    TLSErrors.clear()
    if let file = options.authoritiesFile {
      guard unsafe SSL_CTX_load_verify_file(context, file) == 1 else {
        throw TLSErrors.configuration("use the authorities in \(file)")
      }
    } else {
      trustSystem()
    }
  }

  private init(
    isServer: Bool, protocols: [String], versions: (TLSVersion, TLSVersion),
    resumesSessions: Bool, keyLog: (@Sendable (String) -> Void)?
  ) throws(TransportError) {
    TLSErrors.clear()
    let method = unsafe isServer ? TLS_server_method() : TLS_client_method()
    guard let context = unsafe SSL_CTX_new(method) else { throw TLSErrors.configuration("use TLS") }
    unsafe self.context = context
    self.isServer = isServer
    self.keyLog = keyLog
    protocolList = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    // The context ends with this object, so the reference from it need not be counted.
    unsafe SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque())
    unsafe SSL_CTX_set_options(context, tls_common_options())
    let modes =
      SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
      | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(modes), nil)
    _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, versions.0.number, nil)
    _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, versions.1.number, nil)
    if keyLog != nil { unsafe SSL_CTX_set_keylog_callback(context, keyLogLine) }
    configureSessions(resumesSessions)
    guard !protocolList.isEmpty else { return }
    if isServer {
      unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    } else {
      unsafe SSL_CTX_set_alpn_protos(context, protocolList, UInt32(protocolList.count))
    }
  }

  deinit { unsafe SSL_CTX_free(context) }

  private func configureSessions(_ resumesSessions: Bool) {
    var mode = Int(SSL_SESS_CACHE_OFF)
    if isServer {
      _ = unsafe SSL_CTX_set_session_id_context(context, "gauntlet", 8)
      if resumesSessions {
        _ = unsafe SSL_CTX_set_num_tickets(context, 1)
      } else {
        unsafe SSL_CTX_set_options(context, tls_no_ticket_option())
        _ = unsafe SSL_CTX_set_num_tickets(context, 0)
      }
    } else if resumesSessions {
      mode = Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE)
      unsafe SSL_CTX_sess_set_new_cb(context, newSession)
    }
    _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, mode, nil)
  }

  /// Trusts the system's authorities, also where a statically linked OpenSSL looks elsewhere.
  private func trustSystem() {
    unsafe SSL_CTX_set_default_verify_paths(context)
    let known = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
    let standard = unsafe String(cString: X509_get_default_cert_file())
    guard unsafe access(standard, R_OK) != 0 else { return }
    for file in known where unsafe access(file, R_OK) == 0 {
      unsafe SSL_CTX_load_verify_file(context, file)
      break
    }
    TLSErrors.clear()
  }

  // MARK: Resumption

  /// Has `session` offer what an earlier connection to the same server has left.
  func offerSession(to session: TLSSession) {
    guard !session.resumptionKey.isEmpty else { return }
    guard let kept = sessions.withLock({ $0[session.resumptionKey] }) else { return }
    unsafe SSL_set_session(session.ssl, kept.pointer)
  }

  /// Keeps a session, whose reference is handed over, for later connections.
  fileprivate func keep(_ pointer: OpaquePointer, for key: String) {
    let kept = unsafe KeptSession(pointer)
    sessions.withLock { sessions in
      if sessions.count >= Self.keptSessionCount, sessions[key] == nil,
        let victim = sessions.keys.first
      {
        sessions[victim] = nil
      }
      sessions[key] = kept
    }
  }

  fileprivate func log(_ line: String) { keyLog?(line) }
}

extension TLSVersion {
  /// The version as the wire has it.
  fileprivate var number: Int { self == .v1_2 ? 0x0303 : 0x0304 }
}

extension TLSContext {
  /// A server's context with a certificate of its own making, for tests and trials.
  ///
  /// Nobody trusts it: clients must not verify.
  public static func selfSigned(
    hostNames: [String], applicationProtocols: [String] = [],
    keyLog: (@Sendable (String) -> Void)? = nil
  ) throws(TransportError) -> TLSContext {
    let attempt = "make a certificate"
    let context = try TLSContext(
      isServer: true, protocols: applicationProtocols, versions: (.v1_2, .v1_3),
      resumesSessions: true, keyLog: keyLog)
    TLSErrors.clear()
    guard let key = unsafe tls_new_p256_key(), let certificate = unsafe X509_new() else {
      throw TLSErrors.configuration(attempt)
    }
    defer {
      unsafe EVP_PKEY_free(key)
      unsafe X509_free(certificate)
    }
    unsafe X509_set_version(certificate, 2)
    unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), time(nil))
    unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -86_400)
    unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), 86_400 * 365)
    unsafe X509_set_pubkey(certificate, key)
    let subject = unsafe X509_get_subject_name(certificate)
    let common = Array((hostNames.first ?? "localhost").utf8.prefix(64))
    unsafe X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_FLAG | 4, common, Int32(common.count), -1, 0)
    unsafe X509_set_issuer_name(certificate, subject)
    let names = hostNames.map {
      SocketAddress(host: $0, port: 0) == nil ? "DNS:\($0)" : "IP:\($0)"
    }.joined(separator: ",")
    if let names = unsafe X509V3_EXT_conf_nid(nil, nil, NID_subject_alt_name, names) {
      unsafe X509_add_ext(certificate, names, -1)
      unsafe X509_EXTENSION_free(names)
    }
    guard unsafe X509_sign(certificate, key, EVP_sha256()) > 0,
      unsafe SSL_CTX_use_certificate(context.context, certificate) == 1,
      unsafe SSL_CTX_use_PrivateKey(context.context, key) == 1
    else { throw TLSErrors.configuration(attempt) }
    return context
  }
}

// MARK: - OpenSSL's callbacks

/// The context behind an `SSL`, which keeps it alive.
private func owner(of ssl: OpaquePointer?) -> TLSContext? {
  guard let address = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else { return nil }
  return unsafe Unmanaged<TLSContext>.fromOpaque(address).takeUnretainedValue()
}

private let keyLogLine: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Void = {
  ssl, line in
  guard let line = unsafe line else { return }
  unsafe owner(of: ssl)?.log(String(cString: line))
}

private let newSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = {
  ssl, pointer in
  guard let pointer = unsafe pointer, let address = unsafe SSL_get_ex_data(ssl, 0) else {
    return 0
  }
  // The session behind an SSL that calls back is alive.
  let session = unsafe Unmanaged<TLSSession>.fromOpaque(address).takeUnretainedValue()
  guard !session.resumptionKey.isEmpty else { return 0 }
  unsafe session.context.keep(pointer, for: session.resumptionKey)
  return 1
}

private let selectProtocol:
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
    UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
  ) -> Int32 = { ssl, selected, length, offered, offeredLength, _ in
    guard let context = unsafe owner(of: ssl), let selected = unsafe selected,
      let length = unsafe length, let offered = unsafe offered
    else { return SSL_TLSEXT_ERR_NOACK }
    let offers = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    // RFC 7301 §3.2: the server's order decides, and nothing in common is fatal.
    for wanted in ALPNList(context.protocolList) {
      for offer in unsafe ALPNList(Array(offers)) where offer.octets == wanted.octets {
        unsafe selected.pointee = offered + offer.start
        unsafe length.pointee = UInt8(offer.octets.count)
        return SSL_TLSEXT_ERR_OK
      }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }

/// The names in an ALPN list (RFC 7301 §3.1), with where each begins.
private struct ALPNList: Sequence, IteratorProtocol {
  private let list: [UInt8]
  private var position = 0

  init(_ list: [UInt8]) { self.list = list }

  mutating func next() -> (octets: ArraySlice<UInt8>, start: Int)? {
    guard position < list.count else { return nil }
    let start = position + 1
    let end = start + Int(list[position])
    guard end <= list.count else { return nil }
    position = end
    return (list[start..<end], start)
  }
}
