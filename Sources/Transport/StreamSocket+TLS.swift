internal import CLinux
internal import COpenSSL
internal import Glibc

extension StreamSocket {
  /// What has been agreed on with the peer; `nil` without TLS.
  public final var tlsFacts: TLSFacts? { session?.facts }

  /// Begins TLS on the descriptor, which is connected.
  final func beginTLS(_ context: TLSContext, serverName: String?) {
    do throws(TransportError) {
      session = try TLSSession(
        context, descriptor: descriptor, serverName: serverName, port: attempt?.current?.port,
        attempt: attempt?.text ?? "begin TLS")
    } catch {
      return failConnecting(error)
    }
    flags.insert(.tls)
    continueHandshake()
  }

  /// Goes on with the handshake as far as the peer's octets allow.
  final func continueHandshake() {
    guard let session else { return }
    TLSErrors.clear()
    let result = unsafe SSL_do_handshake(session.ssl)
    if result == 1 {
      attempt?.timings.tlsEstablished = .now
      return becomeOpen()
    }
    switch session.status(of: result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      return
    default:
      session.isBroken = true
      failConnecting(
        TLSErrors.handshake(
          session, attempt: attempt?.text ?? "agree on TLS",
          verification: unsafe SSL_get_verify_result(session.ssl)))
    }
  }

  /// What epoll has told of an open TLS socket.
  final func handleTLS(_ events: UInt32) {
    if events & EPOLLOUT.rawValue != 0 { flushTLS() }
    guard !flags.contains(.closed) else { return }
    if events & EPOLLERR.rawValue != 0, !flags.isDisjoint(with: [.paused, .inputEnded]) {
      return failInput(pendingError())
    }
    if events & ~EPOLLOUT.rawValue != 0, flags.isDisjoint(with: [.paused, .inputEnded]) {
      readTLS()
    }
  }

  // MARK: Input

  /// What came of decrypting one read's worth.
  private enum Decrypted {
    case more
    case closeNotify
    case failed
  }

  /// Reads, decrypts and delivers until there is no more, or until it is others' turn.
  final func readTLS() {
    guard let session else { return }
    let buffer = unsafe loop.cipherBuffer
    var budget = 8
    while budget > 0 {
      budget -= 1
      let count = unsafe receiveOctets(buffer, EventLoop.cipherCapacity)
      guard count > 0 else {
        if count == 0 {
          flags.insert(.truncated)
          return inputEnded()
        }
        let code = errno
        if code == EAGAIN { return }
        if code == EINTR { continue }
        return failInput(code)
      }
      let input = unsafe UnsafeRawBufferPointer(start: buffer, count: count)
      let (plainCount, outcome) = unsafe decrypt(input, session)
      if plainCount > 0, !flags.contains(.closing) {
        session.isDelivering = true
        unsafe deliver(loop.receiveBuffer, plainCount)
        session.isDelivering = false
        if flags.contains(.closed) { return }
        flushTLS()
        if flags.contains(.closed) { return }
      }
      switch outcome {
      case .more: break
      case .closeNotify: return inputEnded()
      case .failed: return failTLS(session, attempt: "read from \(peerText)")
      }
      if flags.contains(.paused) { return }
      if count < EventLoop.cipherCapacity, !flags.contains(.hangup) { return }
    }
    requestReading()
  }

  /// Decrypts all of `input` into the loop's receive buffer, which is larger.
  private final func decrypt(
    _ input: UnsafeRawBufferPointer, _ session: TLSSession
  ) -> (count: Int, Decrypted) {
    unsafe session.reading(from: input) {
      var filled = 0
      TLSErrors.clear()
      while true {
        let start = unsafe loop.receiveBuffer + filled
        let count = unsafe SSL_read(session.ssl, start, Int32(EventLoop.receiveCapacity - filled))
        if count > 0 {
          filled += Int(count)
          continue
        }
        switch session.status(of: count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return (filled, .more)
        case SSL_ERROR_ZERO_RETURN: return (filled, .closeNotify)
        default: return (filled, .failed)
        }
      }
    }
  }

  private final func failTLS(_ session: TLSSession, attempt: String) {
    session.isBroken = true
    let text = TLSErrors.take()?.text ?? "the connection has failed"
    end(.failed(TransportError(.tlsProtocol, attempt: attempt, detail: "TLS: \(text)")))
  }

  // MARK: Output

  /// Keeps the octets, and encrypts and sends what is pending unless more may follow at once.
  final func writeTLS(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
    let wasEmpty = pending.isEmpty
    unsafe keep(head)
    unsafe keep(body)
    // What waited already waits for the descriptor.
    if wasEmpty, let session, !session.isDelivering { flushTLS(insideWrite: true) }
  }

  /// Encrypts and sends what is pending, as far as the kernel takes it.
  ///
  /// - Parameter insideWrite: Whether the subclass is in the middle of a write: nothing has waited
  ///   then, and it is not told that it may write.
  final func flushTLS(insideWrite: Bool = false) {
    guard let session, !session.isBroken else { return }
    guard !pending.isEmpty else { return finishOutputIfFlushed() }
    TLSErrors.clear()
    while pendingStart < pending.count {
      let count = unsafe pending.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[pendingStart...])
        return unsafe SSL_write(
          session.ssl, rest.baseAddress, Int32(min(rest.count, 1 << 30)))
      }
      if count > 0 {
        pendingStart += Int(count)
        continue
      }
      switch session.status(of: count) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
        return
      default:
        session.isBroken = true
        return failOutput()
      }
    }
    drained(tellsWritable: !insideWrite)
  }

  /// Sends TLS's end of stream; `false` if the descriptor does not take it yet.
  final func sendCloseNotify() -> Bool {
    guard let session, !session.isBroken else { return true }
    TLSErrors.clear()
    let result = unsafe SSL_shutdown(session.ssl)
    return result >= 0 || session.status(of: result) != SSL_ERROR_WANT_WRITE
  }
}
