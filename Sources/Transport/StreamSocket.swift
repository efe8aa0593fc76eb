internal import CLinux
internal import Glibc

/// One connection: subclass it, and the loop calls you when something happens.
///
/// Everything is on the loop's thread. Any method may be called inside any callback; `closed(_:)`
/// comes exactly once, last, and never from inside one of your own calls.
open class StreamSocket {
  /// The loop that owns the socket.
  public final let loop: EventLoop
  final var descriptor: Int32 = -1
  final var flags = SocketFlags()
  /// The number in the loop's table while attached.
  final var slot: UInt32 = .max
  /// Output that the kernel (or TLS) has not taken yet begins at `pendingStart`.
  final var pending: [UInt8] = []
  final var pendingStart = 0
  /// What only some sockets have: a connection attempt, TLS.
  final var attempt: ConnectAttempt?
  final var session: TLSSession?
  /// When `deadlineReached()` is due.
  final var deadlineTime = LoopTime.never
  /// When the wheel will look at `deadlineTime`, not later than it.
  final var armedTime = LoopTime.never

  /// A socket that is not connected yet: a listener or a connector attaches it.
  public init(loop: EventLoop) { self.loop = loop }

  deinit {
    // Only a socket that was never attached still has its descriptor here.
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  // MARK: To override

  /// The connection is up (TLS included): accepted, connected or attached.
  open func connected(_ timings: ConnectTimings) {}

  /// Octets came in; they are lent from the loop's buffer during the call and may be changed.
  open func receive(_ bytes: inout MutableSpan<UInt8>) {}

  /// The octets of the next `receive` have waited so long to be read; only after ``stampArrivals()``.
  open func arrived(waiting nanoseconds: Int64) {}

  /// The peer will send no more, though we still may: closes, unless overridden.
  open func receivedEndOfStream() { close() }

  /// Pending output has fallen to zero.
  open func writable() {}

  /// The deadline has come; it is `nil` again.
  open func deadlineReached() {}

  /// The socket is at its end: exactly once, the last call.
  open func closed(_ reason: CloseReason) {}

  // MARK: Facts

  /// How many octets wait to be taken by the kernel.
  public final var pendingByteCount: Int {
    // Asking `pending` costs a dynamic exclusivity check: only where there is something.
    flags.contains(.outputWaits) ? pending.count - pendingStart : 0
  }

  /// Whether the socket is connected and neither closed nor being closed.
  public final var isOpen: Bool { flags.contains(.open) && !flags.contains(.closing) }

  /// Whether `write` still has an effect.
  public final var acceptsOutput: Bool {
    flags.contains(.open)
      && flags.isDisjoint(with: [.closing, .outputEnding, .outputFailed])
  }

  /// Whether the peer's end of stream came without TLS's close_notify, so may be a truncation.
  public final var inputWasTruncated: Bool { flags.contains(.truncated) }

  /// Our own address, while attached.
  public final var localAddress: SocketAddress? { SocketAddress(.local, of: descriptor) }

  /// The peer's address, while connected.
  public final var peerAddress: SocketAddress? { SocketAddress(.peer, of: descriptor) }

  // MARK: Arrival

  /// Asks the kernel to stamp what comes in, so that `arrived(waiting:)` is called from now on.
  ///
  /// It costs the kernel a look at the clock for each packet of the whole machine.
  ///
  /// - Returns: `false` where the kernel does not.
  @discardableResult
  public final func stampArrivals() -> Bool {
    guard descriptor >= 0, stamp_arrivals(descriptor) == 0 else { return false }
    flags.insert(.stamped)
    return true
  }

  /// What the kernel has, as `recv` gives it.
  @inline(__always)
  final func receiveOctets(_ buffer: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
    guard flags.contains(.stamped) else {
      return unsafe receive_octets(descriptor, buffer, capacity, Int32(MSG_DONTWAIT))
    }
    var waiting: Int64 = -1
    let count = unsafe receive_stamped_octets(
      descriptor, buffer, capacity, Int32(MSG_DONTWAIT), &waiting)
    if count > 0, waiting >= 0 { arrived(waiting: waiting) }
    return count
  }

  // MARK: Deadline

  /// When `deadlineReached()` is to be called, to about a millisecond; `nil` for never.
  ///
  /// Costs no allocation, and putting it off, even for every message, is two stores.
  public final var deadline: ContinuousClock.Instant? {
    get { deadlineTime == .never ? nil : deadlineTime.instant(since: loop.origin) }
    set {
      // While closing, the deadline is the linger's.
      guard flags.isDisjoint(with: [.closing, .closed]) else { return }
      setDeadline(newValue)
    }
  }

  final func setDeadline(_ instant: ContinuousClock.Instant?) {
    guard let instant else {
      deadlineTime = .never
      return
    }
    deadlineTime = LoopTime(instant, since: loop.origin)
    if deadlineTime < armedTime, slot != .max { arm() }
  }

  private final func arm() {
    armedTime = deadlineTime
    loop.arm(slot, at: deadlineTime)
  }

  /// The wheel's bucket has come up: either the time has come, or a nearer bucket is to be taken.
  final func deadlineBucketCameUp() {
    armedTime = .never
    guard deadlineTime != .never else { return }
    guard deadlineTime <= loop.time else { return arm() }
    deadlineTime = .never
    if flags.contains(.closing) { lingerExpired() } else { deadlineReached() }
  }

  // MARK: Attaching

  /// Takes a connected stream descriptor over, for example one end of a `socketpair`.
  ///
  /// It is closed with the socket, also when this throws.
  public final func attach(descriptor: Int32) throws(TransportError) {
    precondition(self.descriptor < 0 && !flags.contains(.closed), "attached twice")
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    let code = adopt(descriptor: descriptor, flags: .open)
    guard code == 0 else {
      _ = Glibc.close(descriptor)
      throw TransportError(errno: code, attempt: "attach a connection")
    }
  }

  /// Registers a non-blocking descriptor, which then is the socket's; an errno or 0.
  final func adopt(descriptor: Int32, flags newFlags: SocketFlags) -> Int32 {
    let code = loop.register(self, descriptor: descriptor)
    guard code == 0 else { return code }
    self.descriptor = descriptor
    flags.insert(newFlags)
    if slot == .max { slot = loop.adopt(self) }
    if deadlineTime < armedTime { arm() }
    return 0
  }

  // MARK: Events

  /// What epoll has told.
  @inline(__always)
  final func handle(_ events: UInt32) {
    guard flags.isPlainAndReading else { return handleUnusual(events) }
    if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)
      != 0
    {
      if events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
        flags.insert(.hangup)
      }
      readPlain()
    }
    if events & EPOLLOUT.rawValue != 0, flags.contains(.outputWaits) { flush() }
  }

  /// Events of a socket that connects, speaks TLS, is paused, being closed, or closed already.
  private final func handleUnusual(_ events: UInt32) {
    if flags.contains(.closed) { return }
    if events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
      flags.insert(.hangup)
    }
    if flags.contains(.connecting) { return connectProgressed() }
    if flags.contains(.paused) { flags.insert(.unread) }
    if session != nil { return handleTLS(events) }
    if events & EPOLLERR.rawValue != 0, !flags.isDisjoint(with: [.paused, .inputEnded]) {
      return failInput(pendingError())
    }
    if events & ~EPOLLOUT.rawValue != 0, flags.isDisjoint(with: [.paused, .inputEnded]) {
      readPlain()
    }
    if events & EPOLLOUT.rawValue != 0, flags.contains(.outputWaits) { flush() }
  }

  /// Reads until there is no more, or until it is others' turn.
  final func readPlain() {
    var budget = 2
    while budget > 0 {
      let count = unsafe receiveOctets(loop.receiveBuffer, EventLoop.receiveCapacity)
      if count > 0 {
        if flags.contains(.closing) {
          // Lingering: what still comes in is of no interest.
        } else {
          unsafe deliver(loop.receiveBuffer, count)
          if !flags.isDisjoint(with: [.closed, .paused]) {
            if count == EventLoop.receiveCapacity || flags.contains(.hangup) {
              flags.insert(.unread)
            }
            return
          }
        }
        // Fewer than asked for means no more for now (a new edge will tell), except at the end,
        // of which there is no second edge.
        if count < EventLoop.receiveCapacity, !flags.contains(.hangup) { return }
        budget -= 1
      } else if count == 0 {
        return inputEnded()
      } else {
        let code = errno
        if code == EAGAIN { return }
        if code != EINTR { return failInput(code) }
      }
    }
    requestReading()
  }

  @inline(__always)
  final func deliver(_ start: UnsafeMutableRawPointer, _ count: Int) {
    // The buffer is the loop's and is lent for the call only; no other read happens meanwhile.
    let buffer = unsafe UnsafeMutableBufferPointer(
      start: start.assumingMemoryBound(to: UInt8.self), count: count)
    var span = unsafe MutableSpan(_unsafeElements: buffer)
    receive(&span)
  }

  /// Has the loop call `continueReading()` soon.
  final func requestReading() {
    guard !flags.contains(.queued) else { return }
    flags.insert(.queued)
    loop.enqueue(self)
  }

  /// The turn to read on has come.
  final func continueReading() {
    flags.remove(.queued)
    if flags.contains(.paused) { flags.insert(.unread) }
    guard flags.contains(.open), flags.isDisjoint(with: [.closed, .paused, .inputEnded]) else {
      return
    }
    if session != nil { readTLS() } else { readPlain() }
  }

  /// The peer's FIN has been read.
  final func inputEnded() {
    guard !flags.contains(.inputEnded) else { return }
    flags.insert(.inputEnded)
    if flags.contains(.outputFailed) { return end(.peerReset) }
    if flags.contains(.closing) {
      if pending.isEmpty { end(.local) }
      return
    }
    receivedEndOfStream()
    if flags.contains(.outputEnded), !flags.contains(.closed) { end(.endOfStream) }
  }

  /// Reading has failed, so the connection has.
  final func failInput(_ code: Int32) {
    if code == ECONNRESET || code == EPIPE || code == 0 {
      end(flags.contains(.closing) && pending.isEmpty ? .local : .peerReset)
    } else {
      end(.failed(TransportError(errno: code, attempt: "read from \(peerText)")))
    }
  }

  final var peerText: String { peerAddress?.description ?? "the peer" }

  final func pendingError() -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(4)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
  }
}
