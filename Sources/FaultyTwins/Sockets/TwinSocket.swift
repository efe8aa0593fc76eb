import Transport
import WebSocketProtocol

/// A twin on a TCP connection.
final class TwinSocket: StreamSocket {
  private var twin: Twin
  private let ended: ((borrowing Twin, CloseReason) -> Void)?
  private var isPaused = false
  private var hasOpened = false

  init(
    _ twin: consuming Twin, loop: EventLoop,
    ended: ((borrowing Twin, CloseReason) -> Void)? = nil
  ) {
    self.twin = twin
    self.ended = ended
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) { settle() }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var octets: [UInt8] = []
    bytes.span.append(to: &octets)
    twin.receive(octets, at: loop.now)
    settle()
  }

  override func receivedEndOfStream() {
    twin.receiveEndOfStream(at: loop.now)
    settle()
  }

  override func deadlineReached() {
    twin.advance(to: loop.now)
    settle()
  }

  override func writable() {
    guard isPaused else { return }
    isPaused = false
    resumeReading()
  }

  override func closed(_ reason: CloseReason) {
    ended?(twin, reason)
  }

  /// Says goodbye.
  func goAway() {
    guard twin.isOpen else { return close() }
    twin.close(.goingAway, at: loop.now)
    settle()
  }

  /// Writes what the twin has, does what it wishes, and sets its next deadline.
  private func settle() {
    let output = twin.takeOutput()
    // The opening handshake is as quick as ever: what it takes says how far away a peer is.
    defer { hasOpened = twin.isOpen }
    guard !output.isEmpty, hasOpened, let delay = twin.answersAfter else {
      write(output.span)
      return conclude()
    }
    loop.schedule(after: delay) { [weak self] in
      self?.write(output.span)
      self?.conclude()
    }
  }

  private func conclude() {
    switch twin.wish {
    case .none: break
    case .close: return close()
    }
    deadline = twin.nextDeadline
    // A peer that does not take its answers is not asked for more.
    if pendingByteCount > twin.queueLimit, !isPaused {
      isPaused = true
      pauseReading()
    }
  }
}
