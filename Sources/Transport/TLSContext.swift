internal import COpenSSL
internal import Glibc
internal import Synchronization

/// What TLS connections of one kind have in common: certificates, trust, protocols, sessions.
///
/// A server's context can be reloaded while it is used: later connections get what the files hold
/// then, and those that are open keep what they have.
public final class TLSContext: Sendable {
  /// A session kept for resumption; the box owns one reference to it.
  ///
  /// `@unchecked Sendable`: OpenSSL's reference counts are atomic, and the session is only read.
  @safe private final class KeptSession: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe SSL_SESSION_free(pointer) }
  }

  let isServer: Bool
  private let current: Mutex<TLSHandle>
  private let options: TLSServerOptions?
  private let sessions = Mutex<[String: KeptSession]>([:])
  private static let keptSessionCount = 1024

  /// A server's context; the files are read and checked now.
  ///
  /// - Throws: `fileNotUsable`, `tlsExpired` or `tlsConfiguration`, naming the file.
  public init(server options: TLSServerOptions) throws(TransportError) {
    isServer = true
    self.options = options
    let handle = try TLSHandle(server: options)
    current = Mutex(handle)
  }

  /// A client's context; the files are read and checked now.
  ///
  /// - Throws: `fileNotUsable` or `tlsConfiguration`, naming the file.
  public init(client options: TLSClientOptions = TLSClientOptions()) throws(TransportError) {
    isServer = false
    self.options = nil
    let handle = try Self.makeClient(options)
    current = Mutex(handle)
  }

  private static func makeClient(
    _ options: TLSClientOptions
  ) throws(TransportError) -> TLSHandle {
    let handle = try TLSHandle(
      isServer: false, protocols: options.applicationProtocols,
      versions: (options.minimumVersion, options.maximumVersion), keyLog: options.keyLog,
      client: options)
    let list = handle.protocolList
    if !list.isEmpty { unsafe SSL_CTX_set_alpn_protos(handle.pointer, list, UInt32(list.count)) }
    var mode = Int(SSL_SESS_CACHE_OFF)
    if options.resumesSessions {
      mode = Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE)
      unsafe SSL_CTX_sess_set_new_cb(handle.pointer, TLSCallbacks.newSession)
    }
    handle.control(SSL_CTRL_SET_SESS_CACHE_MODE, mode)
    if let identity = options.identity {
      // A client may show what the server will refuse; that is the server's to say.
      try handle.use(identity, passPhrase: options.passPhrase, acceptsExpired: true)
    }
    unsafe SSL_CTX_set_verify(
      handle.pointer, options.verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
      options.unchecked.isEmpty ? nil : TLSCallbacks.overlook)
    guard options.verifiesPeer else { return handle }
    var trust = TLSTrust()
    trust.pem = options.authorities
    try handle.trust(trust)
    if let file = options.authoritiesFile {
      TLSErrors.clear()
      guard unsafe SSL_CTX_load_verify_file(handle.pointer, file) == 1 else {
        throw TLSErrors.configuration("use the authorities in \(file)")
      }
    } else if options.authorities.isEmpty {
      handle.trustSystem()
    }
    return handle
  }

  /// What new connections use.
  var handle: TLSHandle { current.withLock { $0 } }

  // MARK: Certificates

  /// The certificates that peers are shown: the own one first, then its issuers'.
  public var certificates: [TLSCertificate] { handle.certificates }

  /// The named hosts of a server's context.
  public var hosts: [TLSHost] { options?.hosts ?? [] }

  /// Reads the certificate, the trust and all else of a server again, for later connections.
  ///
  /// Connections that are open go on as they are; sessions from before are not resumed, so that a
  /// certificate that was revoked or withdrawn meanwhile does not live on in a ticket. The named
  /// hosts are reloaded too. May be called from any thread.
  /// - Throws: As the initialiser; then everything stays as it was.
  public func reload() throws(TransportError) { try Self.reload([self]) }

  /// Reloads several contexts as `reload()` does one: all of them, or none.
  /// - Parameter contexts: Servers' contexts.
  /// - Throws: As the initialiser; then everything stays as it was.
  public static func reload(_ contexts: [TLSContext]) throws(TransportError) {
    var fresh: [(context: TLSContext, handle: TLSHandle)] = []
    for context in contexts { try context.prepare(&fresh) }
    for (context, handle) in fresh { context.current.withLock { $0 = handle } }
  }

  /// Adds what this context and its hosts are to use, without having them use it yet.
  private func prepare(
    _ fresh: inout [(context: TLSContext, handle: TLSHandle)]
  ) throws(TransportError) {
    guard let options else { return }
    fresh.append((self, try TLSHandle(server: options)))
    for host in options.hosts { try host.context.prepare(&fresh) }
  }

  /// One line for each certificate, of this context and its hosts, that ends within some days.
  /// - Parameters:
  ///   - days: How far to look ahead.
  ///   - seconds: The time to count from, in seconds since the beginning of 1970; `nil` for now.
  /// - Returns: Lines such as `the certificate server.pem (CN=localhost) expires on 2026-11-22,
  ///   in 1 day`.
  public func expiryWarnings(withinDays days: Int, from seconds: Int? = nil) -> [String] {
    let now = seconds ?? TLSCertificate.now
    let handle = handle
    var lines: [String] = []
    for certificate in handle.certificates {
      let left = certificate.daysLeft(at: now)
      guard left < days else { continue }
      let when =
        left < 0
        ? "expired on \(certificate.lastDay)"
        : "expires on \(certificate.lastDay), in \(left) \(left == 1 ? "day" : "days")"
      lines.append(
        "the certificate \(handle.certificateName) (\(certificate.subject)) \(when)")
    }
    for host in hosts {
      lines += host.context.expiryWarnings(withinDays: days, from: seconds)
    }
    return lines
  }

  // MARK: Resumption

  /// Has `session` offer what an earlier connection to the same server has left.
  func offerSession(to session: TLSSession) {
    guard !session.resumptionKey.isEmpty else { return }
    guard let kept = sessions.withLock({ $0[session.resumptionKey] }) else { return }
    unsafe SSL_set_session(session.ssl, kept.pointer)
  }

  /// Keeps a session, whose reference is handed over, for later connections.
  func keep(_ pointer: OpaquePointer, for key: String) {
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
}

extension TLSContext {
  /// A server's context with a certificate of its own making, for tests and trials.
  ///
  /// Nobody trusts it: clients must not verify.
  public static func selfSigned(
    hostNames: [String], applicationProtocols: [String] = [],
    keyLog: (@Sendable (String) -> Void)? = nil
  ) throws(TransportError) -> TLSContext {
    var options = TLSServerOptions(identity: .selfSigned(hostNames: hostNames))
    options.applicationProtocols = applicationProtocols
    options.keyLog = keyLog
    return try TLSContext(server: options)
  }
}
