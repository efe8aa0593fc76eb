import Logging
import Transport
import WebSocketProtocol

/// The end of a connection: RFC 6455 §7, and the TCP connection after it.
extension ServerConnection {
  func peerClosed(_ code: CloseCode?, reason: Span<UInt8>) {
    noteCause(.peer)
    let extra = needExtra()
    extra.code = code
    if let text = try? UTF8Span(validating: reason) { extra.reason = String(copying: text) }
  }

  func peerFailed(_ failure: ProtocolFailure, at now: ContinuousClock.Instant) {
    noteCause(.violation(failure))
    host.context.log.write(
      .info, .violation, at: now, "peer broke the protocol",
      metadata: ["id": "\(id)", "failure": "\(failure)"])
  }

  /// Keeps the first cause.
  func noteCause(_ cause: ConnectionClosure.Cause) {
    let extra = needExtra()
    if extra.cause == nil { extra.cause = cause }
  }

  /// After anything that may have changed the state: the transport's end, or the next deadline.
  func settle(_ outcome: ActiveConnection.Outcome, at now: ContinuousClock.Instant) {
    guard phase == .open else { return }
    switch outcome {
    case .open: break
    case .closing: deadline = active.core.nextDeadline
    case .ended: drain(at: now)
    }
  }

  /// Ends the TCP connection: what is queued, then our FIN, then what still comes is discarded until
  /// the peer's FIN (RFC 6455 §7.1.1), so that no reset overtakes our last octets.
  func drain(at now: ContinuousClock.Instant) {
    guard phase != .draining, phase != .gone, phase != .raw else { return }
    phase = .draining
    endTransport(at: now)
  }

  /// The end of a connection that is draining already.
  func endTransport(at now: ContinuousClock.Instant) {
    pauses = []
    guard pendingByteCount > 0 else {
      return close(linger: host.context.configuration.timeouts.linger)
    }
    needExtra().pendingAtLastLook = pendingByteCount
    deadline = now + host.context.configuration.timeouts.closingHandshake
    resumeReading()
  }

  /// The peer's FIN, in its turn after all octets before it; it still gets what is queued for it.
  func endOfStream() {
    if phase == .open {
      let isClean = active.core.receiveEndOfStream()
      if !isClean { noteCause(.endOfStream) }
    }
    drain(at: loop.now)
  }

  func openDeadlineReached() {
    let now = loop.now
    if let deadline = active.core.nextDeadline {
      guard active.core.advance(to: now) != nil else { return self.deadline = deadline }
      // The first cause stays, unless it is only that we began to close.
      if case .local? = extra?.cause { extra?.cause = .timeout(.closingHandshake) }
      noteCause(.timeout(.closingHandshake))
      return drain(at: now)
    }
    checkLife(at: now)
  }

  /// Output is still queued; as long as the peer takes some of it, it gets more time.
  func drainingDeadlineReached() {
    let pending = pendingByteCount
    let extra = needExtra()
    guard pending < extra.pendingAtLastLook else { return abort() }
    extra.pendingAtLastLook = pending
    deadline = loop.now + host.context.configuration.timeouts.closingHandshake
  }

  /// The server shuts down: Close 1001, or the end of a connection without a WebSocket.
  func goAway() {
    switch phase {
    case .opening:
      // Who is being answered gets the answer first.
      if let exchange = opening?.exchange, !exchange.isTunnel {
        exchange.closeAfterResponse()
      } else {
        drain(at: loop.now)
      }
    case .open: close(.goingAway, reason: "server shutdown")
    case .raw: close()
    case .draining, .gone: break
    }
  }

  /// Closes a connection in any phase.
  func dismiss(_ code: CloseCode, reason: String, ending: CloseEnding) {
    switch phase {
    case .opening: drain(at: loop.now)
    case .open: close(code, reason: reason, ending: ending)
    case .raw: close()
    case .draining, .gone: break
    }
  }

  func abortNow() {
    guard phase != .gone else { return }
    abort()
  }

  func makeClosure(_ reason: CloseReason) -> ConnectionClosure {
    ConnectionClosure(
      cause: extra?.cause ?? .transport(reason), code: extra?.code, reason: extra?.reason ?? "",
      wasClean: active.core.wasClean)
  }
}
