internal import CLinux
internal import Glibc

extension StreamSocket {
  /// Takes an accepted descriptor over.
  final func accepted(
    _ accepted: Int32, tls: TLSContext?, handshakeTimeout: Duration,
    onError: (TransportError) -> Void
  ) {
    precondition(descriptor < 0 && !flags.contains(.closed), "a socket serves one connection")
    let code = adopt(descriptor: accepted, flags: tls == nil ? .open : .connecting)
    guard code == 0 else {
      _ = Glibc.close(accepted)
      let error = TransportError(errno: code, attempt: "accept a connection")
      onError(error)
      // Whoever made the socket counts it, and hears of its end as of any other's.
      slot = loop.adopt(self)
      return end(.failed(error))
    }
    let timings = ConnectTimings(started: loop.now)
    guard let tls else { return connected(timings) }
    let attempt = ConnectAttempt(nil, loop: loop)
    attempt.timings = timings
    self.attempt = attempt
    limitAttempt(to: handshakeTimeout)
    beginTLS(tls, serverName: nil)
  }

  /// Starts the way to a connection.
  final func beginConnecting(_ attempt: ConnectAttempt, with connector: Connector) {
    precondition(descriptor < 0 && slot == .max, "a socket serves one connection")
    self.attempt = attempt
    flags.insert(.connecting)
    slot = loop.adopt(self)
    limitAttempt(to: connector.options.timeout)
    if let literal = connector.endpoint.literal {
      attempt.addresses = [literal]
      return tryNextAddress()
    }
    let held = LoopBound(self, on: loop)
    connector.addresses { result in
      held.execute { $0.resolved(result) }
    }
  }

  private final func limitAttempt(to timeout: Duration) {
    attempt?.timer = loop.schedule(after: timeout) { [weak self] in
      guard let self, let attempt = self.attempt else { return }
      attempt.timer = nil
      self.failConnecting(
        attempt.error(.timedOut, "no answer within \(timeout)", code: ETIMEDOUT))
    }
  }

  private final func resolved(_ result: Result<[SocketAddress], TransportError>) {
    guard let attempt, !flags.contains(.closed) else { return }
    switch result {
    case .success(let addresses):
      attempt.timings.resolved = .now
      attempt.addresses = addresses
      tryNextAddress()
    case .failure(let error):
      failConnecting(error)
    }
  }

  /// Connects to the next address; after the last one the attempt has failed.
  private final func tryNextAddress() {
    guard let attempt, let connector = attempt.connector else { return }
    closeDescriptor()
    flags.remove(.hangup)
    guard attempt.next < attempt.addresses.count else {
      return failConnecting(attempt.lastError ?? attempt.error(.other, "no address"))
    }
    let address = attempt.addresses[attempt.next]
    attempt.next += 1
    attempt.current = address
    let descriptor = Descriptors.streamSocket(address.family)
    guard descriptor >= 0 else {
      return failConnecting(TransportError(errno: -descriptor, attempt: attempt.text))
    }
    var code = prepare(descriptor, for: address, connector)
    if code == 0 { code = Descriptors.connect(descriptor, to: address) }
    if code == EAGAIN, case .unix = address {
      // A Unix-domain listener's queue is full; there is no event for when it no longer is.
      _ = Glibc.close(descriptor)
      attempt.next -= 1
      return retrySoon()
    }
    guard code == 0 || code == EINPROGRESS || code == EINTR else {
      _ = Glibc.close(descriptor)
      return addressFailed(code)
    }
    let registered = adopt(descriptor: descriptor, flags: .connecting)
    guard registered == 0 else {
      _ = Glibc.close(descriptor)
      return failConnecting(TransportError(errno: registered, attempt: attempt.text))
    }
  }

  private final func retrySoon() {
    loop.schedule(after: .milliseconds(5)) { [weak self] in
      guard let self, self.flags.contains(.connecting) else { return }
      self.tryNextAddress()
    }
  }

  private final func prepare(
    _ descriptor: Int32, for address: SocketAddress, _ connector: Connector
  ) -> Int32 {
    let options = connector.options
    if let count = options.receiveBufferByteCount {
      Descriptors.set(descriptor, SOL_SOCKET, SO_RCVBUF, count)
    }
    if let count = options.sendBufferByteCount {
      Descriptors.set(descriptor, SOL_SOCKET, SO_SNDBUF, count)
    }
    if address.port != nil, options.sendsAtOnce {
      Descriptors.set(descriptor, Descriptors.tcp, TCP_NODELAY, 1)
    }
    guard let local = connector.localAddress(for: address) else { return 0 }
    if local.port == 0 {
      // The port is chosen only when the peer is known, so that one address carries more.
      Descriptors.set(descriptor, Descriptors.ip, IP_BIND_ADDRESS_NO_PORT, 1)
    }
    return Descriptors.bind(descriptor, to: local)
  }

  /// An event for a socket that is not open yet.
  final func connectProgressed() {
    guard let attempt else { return }
    if session != nil { return continueHandshake() }
    let code = pendingError()
    guard code == 0 else { return addressFailed(code) }
    // An event may come before the connection does.
    guard flags.contains(.hangup) || SocketAddress(.peer, of: descriptor) != nil else { return }
    attempt.timings.tcpConnected = .now
    guard let connector = attempt.connector, let tls = connector.options.tls else {
      return becomeOpen()
    }
    beginTLS(tls, serverName: connector.serverName)
  }

  private final func addressFailed(_ code: Int32) {
    guard let attempt else { return }
    attempt.lastError = TransportError(errno: code, attempt: attempt.text)
    tryNextAddress()
  }

  /// The connection is up.
  final func becomeOpen() {
    guard let attempt else { return }
    attempt.cancel()
    self.attempt = nil
    flags.remove(.connecting)
    flags.insert(.open)
    connected(attempt.timings)
    // The first octets may have come in with the event that told of the connection.
    if !flags.contains(.closed) { requestReading() }
  }

  final func failConnecting(_ error: TransportError) { end(.connectFailed(error)) }
}
