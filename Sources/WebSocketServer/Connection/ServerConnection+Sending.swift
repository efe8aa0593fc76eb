import Transport
public import WebSocketProtocol

/// What the application does with a connection outside the handler's calls for it.
extension ServerConnection {
  /// Runs `body` with the connection, and writes what it has sent.
  ///
  /// That is at once, or, within a handler's call for this very connection, after it. Once the
  /// connection has ended nothing is run.
  public func perform(_ body: @escaping (inout ActiveConnection) -> Void) {
    guard phase == .open else { return }
    if isActive {
      needExtra().deferred.append(body)
    } else {
      activate(body)
    }
  }

  /// Sends a message, at the time that `perform(_:)` says.
  ///
  /// A message that cannot be sent, because the connection closes or its queue is full, is dropped.
  public func send(_ kind: MessageKind, _ payload: [UInt8]) {
    perform { try? $0.send(kind, payload.span) }
  }

  /// Begins the closing handshake; see `perform(_:)` for when.
  public func close(_ code: CloseCode?, reason: String = "") {
    perform { $0.close(code, reason: reason) }
  }

  /// Closes with a code and a reason, and waits for the peer's Close or not.
  public func close(_ code: CloseCode?, reason: String = "", ending: CloseEnding) {
    perform { $0.close(code, reason: reason) }
    guard ending == .atOnce, phase == .open else { return }
    guard !isActive else {
      return needExtra().deferred.append { $0.handle.endsAtOnce() }
    }
    endsAtOnce()
  }

  /// Ends the TCP connection without waiting for the peer's Close; what the kernel has not taken is lost.
  private func endsAtOnce() {
    phase = .draining
    pauses = []
    close(linger: .zero)
  }

  /// Stops reading from the peer, down to the TCP window, until `resumeReceiving()`.
  public func pauseReceiving() {
    pauses.insert(.application)
    pauseReading()
  }

  /// Goes on reading.
  public func resumeReceiving() {
    resume(.application)
  }

  /// Takes no further event until the consumer asks for it.
  func pauseForConsumer() {
    guard !pauses.contains(.consumer) else { return }
    pauses.insert(.consumer)
    pauseReading()
  }

  func resumeForConsumer() {
    pauses.remove(.full)
    resume(.consumer)
  }

  /// Ends the connection at once, without a closing handshake; the peer sees a reset.
  public func disconnect() {
    noteCause(.local)
    abortNow()
  }

  /// Whether no message can be sent any more.
  var isClosing: Bool { phase != .open || (!isActive && !active.core.isOpen) }

  /// Runs `body` with the connection, and leaves what it sends gathering in the loop's buffer.
  ///
  /// The loop sends it when another connection needs the buffer, or when its tasks rest.
  func gather(_ body: (inout ActiveConnection) -> Void) {
    guard phase == .open, !isActive else { return }
    if host.beginGathering(for: self) { active.output = host.takeOutput() }
    body(&active)
  }

  /// Sends what has gathered.
  func endGathering() {
    guard phase == .open, !isActive else { return }
    isActive = true
    let outcome = active.end(of: self)
    isActive = false
    settle(outcome, at: loop.now)
    outputMayHaveGone()
  }

  /// Runs `body` with the connection, which is open and not active.
  func activate(_ body: (inout ActiveConnection) -> Void) {
    host.flushGathered()
    guard phase == .open, !isActive else { return }
    isActive = true
    let outcome = active.call(of: self, output: host.takeOutput(), body)
    isActive = false
    settle(outcome, at: loop.now)
    outputMayHaveGone()
  }
}
