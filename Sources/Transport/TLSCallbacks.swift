internal import COpenSSL

/// What OpenSSL calls, on the loop's thread of the connection concerned.
enum TLSCallbacks {
  static let keyLogLine: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Void = {
    ssl, line in
    guard let line = unsafe line else { return }
    unsafe TLSHandle.of(ssl)?.keyLog?(String(cString: line))
  }

  static let newSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = {
    ssl, pointer in
    guard let pointer = unsafe pointer, let session = unsafe session(of: ssl),
      !session.resumptionKey.isEmpty
    else { return 0 }
    unsafe session.context.keep(pointer, for: session.resumptionKey)
    return 1
  }

  /// The session behind an SSL that calls back, which is alive.
  private static func session(of ssl: OpaquePointer?) -> TLSSession? {
    guard let address = unsafe SSL_get_ex_data(ssl, 0) else { return nil }
    return unsafe Unmanaged<TLSSession>.fromOpaque(address).takeUnretainedValue()
  }

  // MARK: Choosing

  static let selectProtocol:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
      UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { ssl, selected, length, offered, offeredLength, _ in
      guard let handle = unsafe TLSHandle.of(ssl), let selected = unsafe selected,
        let length = unsafe length, let offered = unsafe offered
      else { return SSL_TLSEXT_ERR_NOACK }
      let offers = unsafe Array(UnsafeBufferPointer(start: offered, count: Int(offeredLength)))
      var wishes = handle.protocolList
      if let select = handle.server?.selectApplicationProtocol {
        let names = ALPNList(offers).map { String(decoding: $0.octets, as: UTF8.self) }
        let offer = unsafe TLSOffer(serverName: serverName(of: ssl), applicationProtocols: names)
        guard let choice = select(offer) else { return SSL_TLSEXT_ERR_NOACK }
        guard 1...255 ~= choice.utf8.count else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        wishes = [UInt8(choice.utf8.count)] + Array(choice.utf8)
      }
      // RFC 7301 §3.2: the server's order decides, and nothing in common is fatal.
      for wanted in ALPNList(wishes) {
        for offer in ALPNList(offers) where offer.octets == wanted.octets {
          unsafe selected.pointee = offered + offer.start
          unsafe length.pointee = UInt8(offer.octets.count)
          return SSL_TLSEXT_ERR_OK
        }
      }
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }

  /// The name that the client asks for.
  static func serverName(of ssl: OpaquePointer?) -> String? {
    guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return nil }
    return unsafe String(cString: name)
  }

  /// The client's first message, before anything is chosen.
  static let clientHello:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
    ) -> Int32 = { ssl, alert, _ in
      guard let handle = unsafe TLSHandle.of(ssl), let options = handle.server,
        let session = unsafe session(of: ssl)
      else { return SSL_CLIENT_HELLO_SUCCESS }
      if let name = unsafe requestedName(of: ssl) {
        let chosen = options.hosts.first { $0.matches(name) }?.context ?? options.selectHost?(name)
        if let chosen {
          chosen.handle.take(over: session)
          return SSL_CLIENT_HELLO_SUCCESS
        }
      }
      guard options.refusesUnknownNames else { return SSL_CLIENT_HELLO_SUCCESS }
      unsafe alert?.pointee = Int32(SSL_AD_UNRECOGNIZED_NAME)
      return SSL_CLIENT_HELLO_ERROR
    }

  /// The name in the extension server_name (RFC 6066 §3), which OpenSSL has not read yet.
  private static func requestedName(of ssl: OpaquePointer?) -> String? {
    var start: UnsafePointer<UInt8>?
    var count = 0
    guard
      unsafe SSL_client_hello_get0_ext(
        ssl, UInt32(TLSEXT_TYPE_server_name), &start, &count) == 1,
      let start = unsafe start, count > 5
    else { return nil }
    let octets = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let length = Int(octets[3]) << 8 | Int(octets[4])
    guard octets[2] == UInt8(TLSEXT_NAMETYPE_host_name), 1...255 ~= length,
      octets.count >= 5 + length
    else { return nil }
    return String(decoding: octets[5..<(5 + length)], as: UTF8.self)
  }

  // MARK: Verifying

  static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = {
    store, _ in
    let ssl = unsafe X509_STORE_CTX_get_ex_data(
      store, SSL_get_ex_data_X509_STORE_CTX_idx())
    guard let handle = unsafe TLSHandle.of(ssl.map { OpaquePointer($0) }),
      let decide = handle.server?.verifyClient
    else { return 0 }
    let isTrusted = unsafe X509_verify_cert(store) == 1
    let code = unsafe X509_STORE_CTX_get_error(store)
    var chain: [TLSCertificate] = []
    if let built = unsafe X509_STORE_CTX_get1_chain(store) {
      for index in unsafe 0..<max(0, tls_count(built)) {
        guard let certificate = unsafe tls_certificate(built, index) else { continue }
        unsafe chain.append(TLSCertificate(certificate))
      }
      unsafe tls_free_certificates(built)
    }
    let detail = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
    let isIn = decide(TLSVerification(chain: chain, isTrusted: isTrusted, detail: detail))
    if isIn {
      // What OpenSSL had against it must not look like an error of the handshake.
      TLSErrors.clear()
      unsafe X509_STORE_CTX_set_error(store, X509_V_OK)
    } else if isTrusted {
      unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
    }
    return isIn ? 1 : 0
  }

  /// Overlooks what a client's options say is not to be verified.
  static let overlook: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
    guard isGood != 1 else { return 1 }
    let ssl = unsafe X509_STORE_CTX_get_ex_data(
      store, SSL_get_ex_data_X509_STORE_CTX_idx())
    guard let unchecked = unsafe TLSHandle.of(ssl.map { OpaquePointer($0) })?.client?.unchecked
    else { return 0 }
    let part: TLSUnchecked =
      switch unsafe X509_STORE_CTX_get_error(store) {
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .name
      case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .dates
      default: .chain
      }
    guard unchecked.contains(part) else { return 0 }
    unsafe X509_STORE_CTX_set_error(store, X509_V_OK)
    return 1
  }

  // MARK: Logging

  static let message:
    @convention(c) (
      Int32, Int32, Int32, UnsafeRawPointer?, Int, OpaquePointer?, UnsafeMutableRawPointer?
    ) -> Void = { isOutgoing, _, contentType, octets, count, ssl, _ in
      guard let log = unsafe TLSHandle.of(ssl)?.server?.messageLog else { return }
      let first = unsafe count > 0 ? octets?.load(as: UInt8.self) : nil
      let name: String
      switch contentType {
      case 20: name = "change_cipher_spec"
      case 21: name = "alert"
      case 22: name = "handshake message \(first.map { String($0) } ?? "?")"
      default: return
      }
      log("\(isOutgoing == 0 ? "received" : "sent") \(name), \(count) octets")
    }
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
