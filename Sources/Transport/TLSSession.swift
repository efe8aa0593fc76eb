internal import CLinux
internal import COpenSSL
internal import Glibc

/// The TLS side of one socket: an OpenSSL connection on the socket's descriptor.
///
/// OpenSSL's own descriptor BIO would use `read` and `write`, which raise SIGPIPE and take two
/// calls for every record; ours uses `recv` and `send`, and while the socket reads it takes the
/// ciphertext from the loop's buffer, filled by one `recv`.
@safe final class TLSSession {
  let ssl: OpaquePointer
  let context: TLSContext
  /// What the listener's or the connector's context was when the session began.
  private let handle: TLSHandle
  /// What a named host has put in its place.
  var hostHandle: TLSHandle?
  let descriptor: Int32
  /// Under which the client keeps the session for later connections; empty for none.
  let resumptionKey: String
  /// Ciphertext that is to be taken instead of the descriptor's, while `readTLS` runs.
  fileprivate var staged: UnsafeRawBufferPointer?
  /// The peer's FIN has been read.
  fileprivate(set) var hasReadEnd = false
  /// The errno with which the descriptor has failed.
  fileprivate(set) var failure: Int32 = 0
  /// TLS itself has failed: nothing more may be asked of OpenSSL.
  var isBroken = false
  /// `receive` is being called: writes are collected until it returns.
  var isDelivering = false

  /// A session on `descriptor`; `attempt` is what the error calls it.
  ///
  /// - Throws: `noMemory`, or `tlsWrongName` when OpenSSL does not take the name to verify.
  init(
    _ context: TLSContext, descriptor: Int32, serverName: String?, port: UInt16?, attempt: String
  ) throws(TransportError) {
    let handle = context.handle
    let noMemory = TransportError(.noMemory, attempt: attempt, detail: "out of memory")
    guard let ssl = unsafe SSL_new(handle.pointer) else { throw noMemory }
    guard let method = unsafe DescriptorBIO.method.pointer, let bio = unsafe BIO_new(method) else {
      unsafe SSL_free(ssl)
      throw noMemory
    }
    unsafe self.ssl = ssl
    self.context = context
    self.handle = handle
    self.descriptor = descriptor
    resumptionKey = serverName.map { "\($0):\(port ?? 0)" } ?? ""
    unsafe staged = nil
    // The BIO and the SSL end with the session, so the reference from them need not be counted.
    let address = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe BIO_set_data(bio, address)
    unsafe BIO_set_init(bio, 1)
    unsafe SSL_set_bio(ssl, bio, bio)
    unsafe SSL_set_ex_data(ssl, 0, address)
    if context.isServer {
      unsafe SSL_set_accept_state(ssl)
    } else {
      unsafe SSL_set_connect_state(ssl)
      if let serverName, !expect(serverName) {
        throw TransportError(
          .tlsWrongName, attempt: attempt, detail: "no certificate can be for that name")
      }
      context.offerSession(to: self)
    }
  }

  deinit {
    // Without this OpenSSL would hold a session that ended without close_notify unfit to resume.
    unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    unsafe SSL_free(ssl)
  }

  /// Sets the name for SNI (names only, RFC 6066 §3) and the name or address to verify; `false` if
  /// OpenSSL does not take it, when any certificate would do.
  private func expect(_ serverName: String) -> Bool {
    var name = serverName
    if name.hasSuffix(".") { name.removeLast() }
    if SocketAddress(host: name, port: 0) != nil {
      // A zone means something on this machine alone (RFC 4007 §6): no certificate has one.
      let address = String(name.prefix { $0 != "%" })
      return unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1
    }
    guard unsafe SSL_set1_host(ssl, name) == 1 else { return false }
    guard handle.client?.sendsServerName != false else { return true }
    unsafe name.withCString { pointer in
      _ = unsafe SSL_ctrl(
        ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
        UnsafeMutableRawPointer(mutating: pointer))
    }
    return true
  }

  /// What OpenSSL says after a call that returned `result`.
  func status(of result: Int32) -> Int32 { unsafe SSL_get_error(ssl, result) }

  /// Runs `body` with OpenSSL reading from `input` instead of the descriptor.
  func reading<R>(from input: UnsafeRawBufferPointer, _ body: () -> R) -> R {
    unsafe staged = input
    defer { unsafe staged = nil }
    return body()
  }

  /// What has been agreed on.
  var facts: TLSFacts? {
    guard unsafe SSL_is_init_finished(ssl) == 1, let cipher = unsafe SSL_get_current_cipher(ssl)
    else { return nil }
    var selected: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &selected, &length)
    let name = unsafe selected.map {
      unsafe String(
        decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self)
    }
    let groupNumber = unsafe SSL_ctrl(ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nil)
    let group = unsafe groupNumber > 0 ? SSL_group_to_name(ssl, Int32(groupNumber)) : nil
    let peer = unsafe SSL_get0_peer_certificate(ssl)
    return unsafe TLSFacts(
      version: String(cString: SSL_get_version(ssl)),
      cipher: String(cString: SSL_CIPHER_get_name(cipher)),
      cipherBits: Int(SSL_CIPHER_get_bits(cipher, nil)),
      group: group.map { unsafe String(cString: $0) },
      applicationProtocol: name, serverName: TLSCallbacks.serverName(of: ssl),
      isResumed: SSL_session_reused(ssl) == 1,
      peerCertificate: peer.map { unsafe TLSCertificate($0) })
  }
}

/// The BIO that joins OpenSSL to a socket's descriptor.
private enum DescriptorBIO {
  /// `@unchecked Sendable`: written once, and OpenSSL only reads it.
  @safe struct Method: @unchecked Sendable {
    let pointer: OpaquePointer?
  }

  static let method: Method = {
    let method = unsafe BIO_meth_new(
      BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gauntlet descriptor")
    unsafe BIO_meth_set_read(method, read)
    unsafe BIO_meth_set_write(method, write)
    unsafe BIO_meth_set_ctrl(method, control)
    return unsafe Method(pointer: method)
  }()

  private static let read:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
      bio, buffer, capacity in
      guard let bio = unsafe bio, let buffer = unsafe buffer, capacity > 0,
        let address = unsafe BIO_get_data(bio)
      else { return -1 }
      unsafe BIO_clear_flags(
        bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY)
      // The session outlives its BIO.
      return unsafe Unmanaged<TLSSession>.fromOpaque(address)._withUnsafeGuaranteedRef { session in
        let count = unsafe session.take(buffer, Int(capacity))
        if count < 0 { unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY) }
        return Int32(count)
      }
    }

  private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 =
    { bio, bytes, count in
      guard let bio = unsafe bio, let address = unsafe BIO_get_data(bio) else { return -1 }
      unsafe BIO_clear_flags(
        bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY)
      // The session outlives its BIO.
      return unsafe Unmanaged<TLSSession>.fromOpaque(address)._withUnsafeGuaranteedRef { session in
        let options = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        while true {
          let sent = unsafe send_octets(session.descriptor, bytes, Int(count), options)
          if sent >= 0 { return Int32(sent) }
          if errno == EINTR { continue }
          if errno == EAGAIN {
            unsafe BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
          } else {
            session.failure = errno
          }
          return -1
        }
      }
    }

  private static let control:
    @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
      _, command, _, _ in
      command == BIO_CTRL_FLUSH ? 1 : 0
    }
}

extension TLSSession {
  /// Octets for OpenSSL: their count, 0 at the end or after a failure, -1 for none now.
  fileprivate func take(_ buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
    if let input = unsafe staged {
      guard unsafe !input.isEmpty else { return -1 }
      let count = min(input.count, capacity)
      if let start = input.baseAddress {
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: count)
      }
      unsafe staged = UnsafeRawBufferPointer(rebasing: input[count...])
      return count
    }
    while true {
      let count = unsafe receive_octets(descriptor, buffer, capacity, Int32(MSG_DONTWAIT))
      if count > 0 { return count }
      if count == 0 {
        hasReadEnd = true
        return 0
      }
      if errno == EINTR { continue }
      if errno == EAGAIN { return -1 }
      failure = errno
      return 0
    }
  }
}
