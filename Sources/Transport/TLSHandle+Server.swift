internal import COpenSSL

/// Setting up a server's side.
extension TLSHandle {
  /// A handle with all of a server's options; every file is read and checked now.
  convenience init(server options: TLSServerOptions) throws(TransportError) {
    for name in options.applicationProtocols where !(1...255 ~= name.utf8.count) {
      throw TransportError(
        .tlsConfiguration, attempt: "offer the application protocol \(name.debugDescription)",
        detail: "its name has 1 to 255 octets")
    }
    guard options.minimumVersion <= options.maximumVersion else {
      throw TransportError(
        .tlsConfiguration, attempt: "use TLS",
        detail: "the oldest version, \(options.minimumVersion.rawValue), is newer than the newest, "
          + options.maximumVersion.rawValue)
    }
    try self.init(
      isServer: true, protocols: options.applicationProtocols,
      versions: (options.minimumVersion, options.maximumVersion), keyLog: options.keyLog,
      server: options)
    // The level holds for certificates too, so it comes first.
    if let level = options.securityLevel {
      guard 0...5 ~= level else {
        throw TransportError(
          .tlsConfiguration, attempt: "use the security level \(level)", detail: "use 0 to 5")
      }
      unsafe SSL_CTX_set_security_level(pointer, Int32(level))
    }
    try use(
      options.identity, passPhrase: options.passPhrase,
      acceptsExpired: options.acceptsExpiredCertificate)
    try configureAlgorithms(options)
    try configureSessions(options)
    try configureClients(options)
    try carryOut(options.commands)
    if options.selectApplicationProtocol != nil || !protocolList.isEmpty {
      unsafe SSL_CTX_set_alpn_select_cb(pointer, TLSCallbacks.selectProtocol, nil)
    }
    if !options.hosts.isEmpty || options.selectHost != nil || options.refusesUnknownNames {
      unsafe SSL_CTX_set_client_hello_cb(pointer, TLSCallbacks.clientHello, nil)
    }
    if options.messageLog != nil {
      unsafe SSL_CTX_set_msg_callback(pointer, TLSCallbacks.message)
    }
  }

  private func configureAlgorithms(_ options: TLSServerOptions) throws(TransportError) {
    TLSErrors.clear()
    if let list = options.cipherList {
      guard unsafe SSL_CTX_set_cipher_list(pointer, list) == 1 else {
        throw TLSErrors.configuration("use the cipher list \(list)")
      }
    }
    if let suites = options.cipherSuites {
      guard unsafe SSL_CTX_set_ciphersuites(pointer, suites) == 1 else {
        throw TLSErrors.configuration("use the cipher suites \(suites)")
      }
    }
    if let groups = options.groups, !control(SSL_CTRL_SET_GROUPS_LIST, groups) {
      throw TransportError(
        .tlsConfiguration, attempt: "use the groups \(groups)",
        detail: "one of them is unknown: `openssl list -public-key-algorithms` lists them")
    }
    if let algorithms = options.signatureAlgorithms,
      !control(SSL_CTRL_SET_SIGALGS_LIST, algorithms)
    {
      throw TransportError(
        .tlsConfiguration, attempt: "use the signature algorithms \(algorithms)",
        detail: "one of them is unknown: write them like ECDSA+SHA256:RSA-PSS+SHA256")
    }
    if options.allowsRenegotiation {
      unsafe SSL_CTX_clear_options(pointer, tls_no_renegotiation_option())
      unsafe SSL_CTX_set_options(pointer, tls_renegotiation_option())
    }
    switch options.diffieHellman {
    case nil: break
    case .automatic: control(SSL_CTRL_SET_DH_AUTO, 1)
    case .file(let file):
      let attempt = "use the Diffie-Hellman parameters \(file)"
      try useDiffieHellman(try FileContents.read(file, attempt: attempt), attempt: attempt)
    case .pem(let text):
      try useDiffieHellman(Array(text.utf8), attempt: "use the Diffie-Hellman parameters")
    }
  }

  private func useDiffieHellman(_ octets: [UInt8], attempt: String) throws(TransportError) {
    TLSErrors.clear()
    let bio = unsafe try PEMReader.source(of: octets, attempt: attempt)
    defer { unsafe BIO_free(bio) }
    guard let parameters = unsafe PEM_read_bio_Parameters(bio, nil) else {
      throw TLSErrors.configuration(attempt)
    }
    // On success the parameters belong to the context.
    guard unsafe SSL_CTX_set0_tmp_dh_pkey(pointer, parameters) == 1 else {
      unsafe EVP_PKEY_free(parameters)
      throw TLSErrors.configuration(attempt)
    }
  }

  private func configureSessions(_ options: TLSServerOptions) throws(TransportError) {
    // A session of one context, with its trust, must not be resumed with another.
    var identifier = Cryptography.randomOctets(16)
    _ = unsafe SSL_CTX_set_session_id_context(pointer, &identifier, 16)
    var mode = Int(SSL_SESS_CACHE_OFF)
    if !options.resumesSessions {
      unsafe SSL_CTX_set_options(pointer, tls_no_ticket_option())
      _ = unsafe SSL_CTX_set_num_tickets(pointer, 0)
    } else {
      guard 1...16 ~= options.sessionTicketCount else {
        throw TransportError(
          .tlsConfiguration, attempt: "send \(options.sessionTicketCount) session tickets",
          detail: "use 1 to 16")
      }
      _ = unsafe SSL_CTX_set_num_tickets(pointer, options.sessionTicketCount)
      if options.sessionCacheCount > 0 {
        mode = Int(SSL_SESS_CACHE_SERVER)
        control(SSL_CTRL_SET_SESS_CACHE_SIZE, options.sessionCacheCount)
        unsafe SSL_CTX_set_options(pointer, tls_no_ticket_option())
      }
    }
    if let lifetime = options.sessionLifetime {
      unsafe SSL_CTX_set_timeout(pointer, Int(lifetime.components.seconds))
    }
    control(SSL_CTRL_SET_SESS_CACHE_MODE, mode)
  }

  private func configureClients(_ options: TLSServerOptions) throws(TransportError) {
    guard options.clientCertificates != .none else { return }
    guard !options.clientTrust.isEmpty || options.verifyClient != nil else {
      throw TransportError(
        .tlsConfiguration, attempt: "ask clients for certificates",
        detail: "nobody is trusted to sign them: name authorities, or decide in a hook")
    }
    try trust(options.clientTrust)
    let isRequired = options.clientCertificates == .required
    unsafe SSL_CTX_set_verify(
      pointer,
      SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nil)
    if options.verifyClient != nil {
      unsafe SSL_CTX_set_cert_verify_callback(pointer, TLSCallbacks.verify, nil)
    }
  }

  private func carryOut(_ commands: [TLSCommand]) throws(TransportError) {
    guard !commands.isEmpty else { return }
    TLSErrors.clear()
    guard let configuration = unsafe SSL_CONF_CTX_new() else {
      throw TLSErrors.configuration("configure TLS")
    }
    defer { unsafe SSL_CONF_CTX_free(configuration) }
    unsafe SSL_CONF_CTX_set_flags(
      configuration, UInt32(SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_SHOW_ERRORS))
    unsafe SSL_CONF_CTX_set_ssl_ctx(configuration, pointer)
    for command in commands {
      let attempt = "carry out the TLS command \(command.name)=\(command.value)"
      switch unsafe SSL_CONF_cmd(configuration, command.name, command.value) {
      case 1, 2: continue
      case -2:
        TLSErrors.clear()
        throw TransportError(
          .tlsConfiguration, attempt: attempt, detail: "OpenSSL knows no such command")
      default: throw TLSErrors.configuration(attempt)
      }
    }
    guard unsafe SSL_CONF_CTX_finish(configuration) == 1 else {
      throw TLSErrors.configuration("carry out the TLS commands")
    }
  }

  /// Makes a connection use this handle instead of the listener's, at the client's first message.
  func take(over session: TLSSession) {
    let ssl = unsafe session.ssl
    session.hostHandle = self
    unsafe SSL_set_SSL_CTX(ssl, pointer)
    let options = unsafe SSL_CTX_get_options(pointer)
    unsafe SSL_clear_options(ssl, SSL_get_options(ssl) & ~options)
    unsafe SSL_set_options(ssl, options)
    unsafe SSL_set_verify(ssl, SSL_CTX_get_verify_mode(pointer), nil)
    unsafe SSL_set1_param(ssl, SSL_CTX_get0_param(pointer))
    _ = unsafe SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, versions.minimum.number, nil)
    _ = unsafe SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, versions.maximum.number, nil)
    guard let groups = server?.groups else { return }
    _ = unsafe groups.withCString {
      unsafe SSL_ctrl(
        ssl, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: $0))
    }
  }
}
