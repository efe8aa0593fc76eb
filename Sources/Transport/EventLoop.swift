internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits for many sockets with edge-triggered epoll and lends each what came in.
///
/// A loop owns the sockets attached to it, and everything about them happens on its thread: calls
/// from elsewhere come in through `execute(_:)`. Each turn of the loop reads the clock once, hands
/// out the sockets' events, then goes on with sockets that had more to read than their share, then
/// runs what other threads have sent, the timers, the sockets' deadlines, and last the `closed`
/// notices of all that has ended meanwhile.
///
/// `@unchecked Sendable`: what other threads may touch is behind `inbox` or atomic; everything
/// else is touched by the loop's own thread only, or before it starts.
@safe public final class EventLoop: @unchecked Sendable {
  /// What other threads leave for the loop.
  private struct Inbox {
    var work: [@Sendable () -> Void] = []
    var isStopping = false
    var hasEnded = false
    var joinable: pthread_t?
  }

  /// The loop's name, which is also its thread's.
  public let name: String
  let epoll: Int32
  private let wakeDescriptor: Int32
  private let inbox = Mutex(Inbox())
  /// The thread that runs the loop, or 0.
  private let thread = Atomic<UInt>(0)

  /// The instant from which `LoopTime` counts.
  let origin = ClockOrigin()
  /// The time of this turn.
  private(set) var time = LoopTime(units: 0)

  static let eventCapacity = 512
  /// More nanoseconds than a turn takes, unless something is very wrong.
  private static let unseenTurn: Int64 = 100_000_000
  /// How many octets one `recv` may take.
  static let receiveCapacity = 512 << 10
  private let events: UnsafeMutablePointer<epoll_event>
  /// What all sockets of the loop receive into, so that it stays in the processor's cache.
  let receiveBuffer: UnsafeMutableRawPointer
  /// How many octets of ciphertext one `recv` may take; their plaintext fits the receive buffer.
  static let cipherCapacity = 128 << 10
  /// What TLS sockets receive into; its pages are used only if there are such sockets.
  let cipherBuffer: UnsafeMutableRawPointer
  /// An empty array with room, for the next socket that must keep output for a moment.
  var spareOutput: [UInt8] = []

  private var table = SocketTable()
  private var wheel = DeadlineWheel()
  private var timers = TimerHeap()
  /// Sockets with more to read than one turn allows, or told to read again.
  private var ready: ContiguousArray<StreamSocket> = []
  /// Sockets whose descriptor is closed and whose `closed` is to be called at the turn's end.
  private var ended: ContiguousArray<(socket: StreamSocket, reason: CloseReason)> = []
  private var listeners: [ObjectIdentifier: Listener] = [:]
  // What a turn has to look at, apart from the collections: asking those would cost a dynamic
  // exclusivity check each.
  private var hasReady = false
  private var hasEnded = false
  private var nextTimer = LoopTime.never
  private var nextDeadline = LoopTime.never
  private var wasWoken = true
  private var isStopping = false

  /// A loop that does not run yet; `start()` gives it a thread, `run()` the calling one.
  ///
  /// - Throws: `noDescriptors` or `noMemory` when the system has none left.
  public init(name: String = "gauntlet-loop") throws(TransportError) {
    self.name = name
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw TransportError(errno: errno, attempt: "create an event loop") }
    let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wake >= 0 else {
      let code = errno
      _ = Glibc.close(epoll)
      throw TransportError(errno: code, attempt: "create an event loop")
    }
    self.epoll = epoll
    wakeDescriptor = wake
    unsafe events = .allocate(capacity: Self.eventCapacity)
    unsafe receiveBuffer = .allocate(byteCount: Self.receiveCapacity, alignment: 4096)
    unsafe cipherBuffer = .allocate(byteCount: Self.cipherCapacity, alignment: 4096)
    var event = unsafe epoll_event(
      events: EPOLLIN.rawValue, data: epoll_data_t(u64: EventTag.wake.rawValue))
    unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
  }

  deinit {
    _ = Glibc.close(epoll)
    _ = Glibc.close(wakeDescriptor)
    unsafe events.deallocate()
    unsafe receiveBuffer.deallocate()
    unsafe cipherBuffer.deallocate()
  }

  // MARK: Running

  /// Runs the loop on a thread of its own until `stop()`.
  ///
  /// - Throws: when the system gives no thread.
  public func start() throws(TransportError) {
    let thread = try LoopThread.spawn(name: name, attempt: "start the thread \(name)") {
      self.run()
    }
    inbox.withLock { $0.joinable = thread }
  }

  /// Runs the loop on the calling thread until `stop()`; then everything on it is closed.
  public func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    updateTime()
    while !isStopping { turn() }
    tearDown()
    thread.store(0, ordering: .relaxed)
  }

  /// Ends the loop from any thread: its sockets close with `loopStopped`, its listeners stop.
  public func stop() {
    inbox.withLock { $0.isStopping = true }
    wake()
  }

  /// Waits until the thread that `start()` has made has ended; not to be called on the loop.
  public func join() {
    let joinable = inbox.withLock { inbox in
      defer { inbox.joinable = nil }
      return inbox.joinable
    }
    if let joinable { _ = pthread_join(joinable, nil) }
  }

  /// Whether the caller is on the loop's thread.
  public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Runs `work` on the loop soon; from any thread, in the order of the calls of each thread.
  ///
  /// After the loop has ended the work is dropped.
  public func execute(_ work: @escaping @Sendable () -> Void) {
    let isFirst = inbox.withLock { inbox in
      guard !inbox.hasEnded else { return false }
      inbox.work.append(work)
      return inbox.work.count == 1
    }
    if isFirst { wake() }
  }

  private func wake() {
    var one: UInt64 = 1
    _ = unsafe Glibc.write(wakeDescriptor, &one, 8)
  }

  // MARK: Time

  /// The time of this turn of the loop; on the loop only.
  public var now: ContinuousClock.Instant { time.instant(since: origin) }

  private func updateTime() {
    time = .present(since: origin)
  }

  /// Runs `work` once, at the first turn of the loop at or after `instant`; on the loop only.
  ///
  /// The loop sleeps to the microsecond; timers of equal time fire in the order they were set.
  @discardableResult
  public func schedule(
    at instant: ContinuousClock.Instant, _ work: @escaping () -> Void
  ) -> TimerToken {
    let time = LoopTime(instant, since: origin)
    nextTimer = min(nextTimer, time)
    return timers.add(at: time, work)
  }

  /// Runs `work` once, `delay` from now; on the loop only.
  @discardableResult
  public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> TimerToken {
    schedule(at: ContinuousClock.now.advanced(by: delay), work)
  }

  /// Cancels a timer, on the loop only; `false` if it has fired or was cancelled before.
  @discardableResult
  public func cancel(_ token: TimerToken) -> Bool { timers.cancel(token) }

  /// How many sockets are attached; on the loop only.
  public var socketCount: Int { table.count }
}

// MARK: - One turn

extension EventLoop {
  private func turn() {
    let count = wait()
    updateTime()
    for index in 0..<count {
      let event = unsafe events[index]
      unsafe dispatch(event.data.u64, event.events)
    }
    if hasReady { continueReading() }
    if wasWoken { runInbox() }
    if nextTimer <= time { runTimers() }
    if nextDeadline <= time { runDeadlines() }
    if hasEnded { bury() }
  }

  /// Waits for events, at most until something else is due.
  private func wait() -> Int {
    var timeout = timespec()
    var isBounded = true
    if hasReady || hasEnded || wasWoken {
      timeout.tv_nsec = 0
    } else {
      let next = min(nextTimer, nextDeadline)
      if next == .never {
        isBounded = false
      } else {
        var nanoseconds = next.nanoseconds(since: time)
        if nanoseconds < 2 * Self.unseenTurn {
          nanoseconds = next.nanoseconds(since: .present(since: origin))
        } else {
          // Nothing near: the time at which the turn began will do, if the wait ends too early.
          nanoseconds -= Self.unseenTurn
        }
        timeout.tv_sec = Int(nanoseconds / 1_000_000_000)
        timeout.tv_nsec = Int(nanoseconds % 1_000_000_000)
      }
    }
    let capacity = Int32(Self.eventCapacity)
    let count =
      if isBounded {
        unsafe epoll_pwait2(epoll, events, capacity, &timeout, nil)
      } else {
        unsafe epoll_wait(epoll, events, capacity, -1)
      }
    if count >= 0 { return Int(count) }
    if errno == ENOSYS {
      // Kernels before 5.11 sleep by the millisecond.
      let milliseconds = min(
        timeout.tv_sec * 1000 + (timeout.tv_nsec + 999_999) / 1_000_000, 3_600_000)
      return max(0, Int(unsafe epoll_wait(epoll, events, capacity, Int32(milliseconds))))
    }
    return 0
  }

  @inline(__always)
  private func dispatch(_ data: UInt64, _ flags: UInt32) {
    let pointer = unsafe UnsafeRawPointer(bitPattern: UInt(data & ~7))
    switch EventTag(rawValue: data & 7) {
    case .socket:
      // The table owns every attached socket, and what has ended in this turn is kept until the
      // turn's end, so the object behind the pointer lives.
      guard let pointer = unsafe pointer else { return }
      unsafe Unmanaged<StreamSocket>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
        $0.handle(flags)
      }
    case .listener:
      // A listener stays registered here until the loop itself has removed it.
      guard let pointer = unsafe pointer else { return }
      unsafe Unmanaged<Listener>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
        $0.acceptReady()
      }
    case .wake:
      var value: UInt64 = 0
      _ = unsafe Glibc.read(wakeDescriptor, &value, 8)
      wasWoken = true
    case nil:
      return
    }
  }

  private func continueReading() {
    var turn: ContiguousArray<StreamSocket> = []
    swap(&turn, &ready)
    hasReady = false
    for socket in turn { socket.continueReading() }
  }

  private func runInbox() {
    wasWoken = false
    let (work, stopping) = inbox.withLock { inbox in
      let work = inbox.work
      inbox.work = []
      return (work, inbox.isStopping)
    }
    for item in work { item() }
    if stopping { isStopping = true }
  }

  private func runTimers() {
    while let work = timers.popDue(at: time) { work() }
    nextTimer = timers.nextTime ?? .never
  }

  private func runDeadlines() {
    wheel.advance(to: time.tick)
    while let index = wheel.popDue() {
      guard let socket = unsafe table[index] else { continue }
      unsafe socket._withUnsafeGuaranteedRef { $0.deadlineBucketCameUp() }
    }
    nextDeadline = wheel.nextTick.map(LoopTime.atTick) ?? .never
  }

  /// Tells the sockets that have ended, and lets go of them.
  private func bury() {
    while !ended.isEmpty {
      var turn: ContiguousArray<(socket: StreamSocket, reason: CloseReason)> = []
      swap(&turn, &ended)
      for (socket, reason) in turn { socket.closed(reason) }
    }
    hasEnded = false
  }

  private func tearDown() {
    for listener in listeners.values { listener.closeNow() }
    listeners = [:]
    for socket in table.all() { socket.end(.loopStopped) }
    bury()
    while timers.count > 0 { _ = timers.popDue(at: .never) }
    ready = []
    let rest = inbox.withLock { inbox in
      inbox.hasEnded = true
      let rest = inbox.work
      inbox.work = []
      return rest
    }
    _ = rest
  }
}

// MARK: - For sockets and listeners

/// What the low bits of an event's data say about the pointer above them.
enum EventTag: UInt64 {
  case socket = 0
  case listener = 1
  case wake = 2
}

extension EventLoop {
  /// Takes a socket in: it gets the descriptor's events from now on.
  func register(_ socket: StreamSocket, descriptor: Int32) -> Int32 {
    let address = unsafe Unmanaged.passUnretained(socket).toOpaque()
    var event = unsafe epoll_event(
      events: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue,
      data: epoll_data_t(u64: UInt64(UInt(bitPattern: address))))
    return unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno
  }

  /// Takes a descriptor out, before it is closed.
  ///
  /// Closing alone does not: as long as a child process that has not come to its exec holds a copy,
  /// epoll goes on telling of an object that is gone.
  func unregister(descriptor: Int32) {
    _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
  }

  /// Owns `socket` from now until `ended(_:slot:reason:)`.
  func adopt(_ socket: StreamSocket) -> UInt32 { table.insert(socket) }

  /// Takes notice that `socket` is at its end; its `closed` is called when the turn is over.
  func ended(_ socket: StreamSocket, slot: UInt32, reason: CloseReason) {
    ended.append((socket, reason))
    hasEnded = true
    wheel.remove(slot)
    table.remove(slot)
  }

  /// Has `socket` read again in this or the next turn.
  func enqueue(_ socket: StreamSocket) {
    ready.append(socket)
    hasReady = true
  }

  /// Arms or moves a socket's place in the deadline wheel.
  func arm(_ slot: UInt32, at time: LoopTime) {
    wheel.remove(slot)
    wheel.add(slot, at: time.tick + 1)
    nextDeadline = wheel.nextTick.map(LoopTime.atTick) ?? .never
  }

  func register(_ listener: Listener, descriptor: Int32) -> Int32 {
    listeners[ObjectIdentifier(listener)] = listener
    return setInterest(listener, descriptor: descriptor, isAccepting: true, EPOLL_CTL_ADD)
  }

  func setInterest(
    _ listener: Listener, descriptor: Int32, isAccepting: Bool, _ operation: Int32 = EPOLL_CTL_MOD
  ) -> Int32 {
    let address = unsafe Unmanaged.passUnretained(listener).toOpaque()
    var event = unsafe epoll_event(
      events: isAccepting ? EPOLLIN.rawValue : 0,
      data: epoll_data_t(
        u64: UInt64(UInt(bitPattern: address)) | EventTag.listener.rawValue))
    return unsafe epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : errno
  }

  /// Lets go of a listener at the turn's end, when no event can refer to it any more.
  func forget(_ listener: Listener) {
    guard let kept = listeners.removeValue(forKey: ObjectIdentifier(listener)) else { return }
    schedule(at: origin.instant) { _ = kept }
  }
}
