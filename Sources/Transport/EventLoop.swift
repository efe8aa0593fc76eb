internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits for many sockets with edge-triggered epoll and lends each what came in.
///
/// A loop owns the sockets attached to it, and everything about them happens on its thread: calls
/// from elsewhere come in through `execute(_:)`. Each turn of the loop reads the clock once, hands
/// out the sockets' events, then goes on with sockets that had more to read than their share, then
/// runs what other threads have sent, the timers, the sockets' deadlines, and last the `closed`
/// notices of all that has ended meanwhile. What sockets have put off to the turn's end is sent after
/// the events and again at the end.
///
/// `@unchecked Sendable`: what other threads may touch is behind `inbox` or atomic; everything
/// else is touched by the loop's own thread only, or before it starts.
@safe public final class EventLoop: @unchecked Sendable {
  /// What other threads leave for the loop.
  struct Inbox {
    var work: [@Sendable () -> Void] = []
    var jobs: ContiguousArray<UnownedJob> = []
    var isStopping = false
    var hasEnded = false
    var joinable: pthread_t?
  }

  /// The loop's name, which is also its thread's.
  public let name: String
  let epoll: Int32
  let wakeDescriptor: Int32
  let inbox = Mutex(Inbox())
  /// The thread that runs the loop, or 0.
  private let thread = Atomic<UInt>(0)

  /// Whether the loop's thread runs before all ordinary ones, and processors are kept awake for it.
  private let isRealTime: Bool
  private let wakefulness: WakefulProcessors?

  /// How long the loop looks for events before it sleeps, and how long before a timer it is awake again, in units
  /// of `LoopTime`.
  let busyPolling: Int64
  /// How long the loop has looked for events instead of sleeping, in nanoseconds; on the loop only.
  public internal(set) var polledNanoseconds: Int64 = 0

  /// The instant from which `LoopTime` counts.
  let origin = ClockOrigin()
  /// The time of this turn.
  var time = LoopTime(units: 0)

  static let eventCapacity = 512
  /// What is due within so many ticks of the deadline wheel, about nine milliseconds, is waited for
  /// without the alarm.
  static let nearTicks: Int64 = 8
  /// How many octets one `recv` may take.
  static let receiveCapacity = 512 << 10
  let events: UnsafeMutablePointer<epoll_event>
  /// What all sockets of the loop receive into, so that it stays in the processor's cache.
  let receiveBuffer: UnsafeMutableRawPointer
  /// How many octets of ciphertext one `recv` may take; their plaintext fits the receive buffer.
  static let cipherCapacity = 128 << 10
  /// What TLS sockets receive into; its pages are used only if there are such sockets.
  let cipherBuffer: UnsafeMutableRawPointer
  /// An empty array with room, for the next socket that must keep output for a moment.
  var spareOutput: [UInt8] = []
  /// What is to be sent at the end of this part of the turn.
  ///
  /// Behind a pointer, which needs no dynamic exclusivity checks; no call made while it is being used
  /// comes back to it.
  let turnOutput: UnsafeMutablePointer<TurnOutput>

  var table = SocketTable()
  var wheel = DeadlineWheel()
  var timers = TimerHeap()
  /// Sockets with more to read than one turn allows, or told to read again.
  var ready: ContiguousArray<StreamSocket> = []
  /// Sockets whose descriptor is closed and whose `closed` is to be called at the turn's end.
  var ended: ContiguousArray<(socket: StreamSocket, reason: CloseReason)> = []
  var listeners: [ObjectIdentifier: Listener] = [:]
  /// Parts of tasks that wait for their turn on the loop.
  var jobs: ContiguousArray<UnownedJob> = []
  var afterJobs: (() -> Void)?
  /// How many octets tasks have been handed since they last ran.
  var handedByteCount = 0
  // What a turn has to look at, apart from the collections: asking those would cost a dynamic
  // exclusivity check each.
  var hasTurnOutput = false
  var hasReady = false
  var hasJobs = false
  var hasEnded = false
  var nextTimer = LoopTime.never
  var nextDeadline = LoopTime.never
  var alarm: LoopAlarm
  var wasWoken = true
  var isStopping = false

  /// A loop that does not run yet; `start()` gives it a thread, `run()` the calling one.
  ///
  /// - Parameters:
  ///   - name: The loop's name, and its thread's.
  ///   - busyPolling: How long the loop looks for events again and again before it sleeps, and before a timer is
  ///     due; an hour at most. To be woken takes tens of microseconds, which this saves, for a processor that is
  ///     seldom or never idle.
  ///   - isRealTime: Whether the thread of `start()` runs before all ordinary threads of the machine
  ///     (`SCHED_FIFO`), and the machine's processors are kept awake as long as the loop lives, where that
  ///     ``canKeepProcessorsAwake``.
  /// - Throws: `noDescriptors` or `noMemory` when the system has none left.
  public init(
    name: String = "gauntlet-loop", busyPolling: Duration = .zero, isRealTime: Bool = false
  ) throws(TransportError) {
    self.name = name
    self.isRealTime = isRealTime
    wakefulness = isRealTime ? WakefulProcessors() : nil
    self.busyPolling = Int64(min(max(busyPolling, .zero), .seconds(3600)).attoseconds >> 30)
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw TransportError(errno: errno, attempt: "create an event loop") }
    let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wake >= 0 else {
      let code = errno
      _ = Glibc.close(epoll)
      throw TransportError(errno: code, attempt: "create an event loop")
    }
    do {
      alarm = try LoopAlarm()
    } catch {
      _ = Glibc.close(epoll)
      _ = Glibc.close(wake)
      throw error
    }
    self.epoll = epoll
    wakeDescriptor = wake
    unsafe events = .allocate(capacity: Self.eventCapacity)
    unsafe receiveBuffer = .allocate(byteCount: Self.receiveCapacity, alignment: 4096)
    unsafe cipherBuffer = .allocate(byteCount: Self.cipherCapacity, alignment: 4096)
    unsafe turnOutput = .allocate(capacity: 1)
    unsafe turnOutput.initialize(to: TurnOutput())
    var event = unsafe epoll_event(
      events: EPOLLIN.rawValue, data: epoll_data_t(u64: EventTag.wake.rawValue))
    unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
    unsafe event.events |= EPOLLET.rawValue
    unsafe event.data.u64 = EventTag.alarm.rawValue
    unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, alarm.descriptor, &event)
  }

  deinit {
    _ = Glibc.close(epoll)
    _ = Glibc.close(wakeDescriptor)
    _ = Glibc.close(alarm.descriptor)
    unsafe events.deallocate()
    unsafe receiveBuffer.deallocate()
    unsafe cipherBuffer.deallocate()
    unsafe turnOutput.deinitialize(count: 1)
    unsafe turnOutput.deallocate()
  }

  /// Whether loops in real time can keep processors awake: it takes `/dev/cpu_dma_latency`, which containers
  /// often lack.
  public static var canKeepProcessorsAwake: Bool { WakefulProcessors.arePossible }

  // MARK: Running

  /// Runs the loop on a thread of its own until `stop()`.
  ///
  /// - Throws: when the system gives no thread; `permissionDenied` for one in real time without root's right to
  ///   it (CAP_SYS_NICE).
  public func start() throws(TransportError) {
    let attempt =
      "start the thread \(name)"
      + (isRealTime ? " in real time, which root or CAP_SYS_NICE may" : "")
    let thread = try LoopThread.spawn(name: name, attempt: attempt, isRealTime: isRealTime) {
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
    if let thread = takeThread() { _ = pthread_join(thread, nil) }
  }

  /// Has the thread that `start()` has made leave nothing behind when it ends, because nobody will `join()` it.
  public func detach() {
    if let thread = takeThread() { _ = pthread_detach(thread) }
  }

  private func takeThread() -> pthread_t? {
    inbox.withLock { inbox in
      defer { inbox.joinable = nil }
      return inbox.joinable
    }
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
      return inbox.work.count == 1 && inbox.jobs.isEmpty
    }
    if isFirst { wake() }
  }

  func wake() {
    var one: UInt64 = 1
    _ = unsafe Glibc.write(wakeDescriptor, &one, 8)
  }

  // MARK: Time

  /// The time of this turn of the loop; on the loop only.
  public var now: ContinuousClock.Instant { time.instant(since: origin) }

  func updateTime() {
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
