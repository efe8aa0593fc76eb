internal import CLinux
internal import Glibc
internal import Synchronization

/// One turn: wait, hand out, and do what is due.
extension EventLoop {
  func turn() {
    let count = wait()
    updateTime()
    for index in 0..<count {
      let event = unsafe events[index]
      unsafe dispatch(event.data.u64, event.events)
      if handedByteCount >= Self.handedLimit { runHandedJobs() }
    }
    if hasTurnOutput { sendTurnOutput() }
    if hasReady { continueReading() }
    if wasWoken { runInbox() }
    if nextTimer <= time { runTimers() }
    if nextDeadline <= time { runDeadlines() }
    if hasJobs { runJobs() }
    if hasEnded { bury() }
    if hasTurnOutput { sendTurnOutput() }
  }

  /// Waits for events, at most until something else is due.
  private func wait() -> Int {
    if busyPolling > 0, !hasWork, let count = pollBusily() { return count }
    let capacity = Int32(Self.eventCapacity)
    guard let timeout = timeout() else {
      return max(0, Int(unsafe epoll_wait(epoll, events, capacity, -1)))
    }
    let count = unsafe epoll_wait_nanoseconds(epoll, events, capacity, timeout)
    if count >= 0 { return Int(count) }
    guard errno == ENOSYS else { return 0 }
    // Kernels before 5.11 sleep by the millisecond.
    let milliseconds = min((timeout + 999_999) / 1_000_000, 3_600_000)
    return max(0, Int(unsafe epoll_wait(epoll, events, capacity, Int32(milliseconds))))
  }

  /// Looks for events again and again for as long as it may, or until something else is due.
  ///
  /// - Returns: nil when it is time to sleep.
  private func pollBusily() -> Int? {
    let start = LoopTime.present(since: origin)
    let (end, next) = (start.units + busyPolling, min(nextTimer, nextDeadline))
    var present = start
    defer { polledNanoseconds += present.nanoseconds(since: start) }
    repeat {
      let count = unsafe epoll_wait(epoll, events, Int32(Self.eventCapacity), 0)
      present = .present(since: origin)
      if count > 0 || next <= present { return max(0, Int(count)) }
    } while present.units < end
    return nil
  }

  /// Whether the loop goes on without events.
  private var hasWork: Bool { hasReady || hasEnded || wasWoken || hasJobs }

  /// For how many nanoseconds to wait for events; nil: until there are some, the alarm's among them.
  private func timeout() -> Int64? {
    if hasWork { return 0 }
    let next = min(nextTimer.earlier(by: busyPolling), nextDeadline)
    if next == .never { return nil }
    guard next.tick - time.tick < Self.nearTicks else {
      alarm.ensure(next, turn: time, since: origin)
      return nil
    }
    return next.nanoseconds(since: .present(since: origin))
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
    case .alarm, nil:
      return
    }
  }

  /// Puts a socket's output off to the end of this part of the turn.
  @inline(__always)
  func putOff(_ bytes: UnsafeRawBufferPointer, of socket: StreamSocket) {
    if unsafe turnOutput.pointee.isFull { sendTurnOutput() }
    unsafe turnOutput.pointee.append(bytes, for: socket)
    hasTurnOutput = true
  }

  /// Sends what sockets have put off.
  func sendTurnOutput() {
    hasTurnOutput = false
    unsafe turnOutput.pointee.send()
  }

  private func continueReading() {
    var turn: ContiguousArray<StreamSocket> = []
    swap(&turn, &ready)
    hasReady = false
    for socket in turn {
      socket.continueReading()
      if handedByteCount >= Self.handedLimit { runHandedJobs() }
    }
  }

  private func runInbox() {
    wasWoken = false
    let (work, stopping) = inbox.withLock { inbox in
      let work = inbox.work
      inbox.work = []
      takeJobs(from: &inbox)
      return (work, inbox.isStopping)
    }
    for item in work { item() }
    if stopping { isStopping = true }
  }

  private func takeJobs(from inbox: inout Inbox) {
    guard !inbox.jobs.isEmpty else { return }
    jobs += inbox.jobs
    inbox.jobs.removeAll(keepingCapacity: true)
    hasJobs = true
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
      // What a socket of these has put off, it did before it ended.
      if hasTurnOutput { sendTurnOutput() }
      for (socket, reason) in turn { socket.closed(reason) }
    }
    hasEnded = false
  }

  func tearDown() {
    if hasTurnOutput { sendTurnOutput() }
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
      takeJobs(from: &inbox)
      return rest
    }
    _ = rest
    // A task that is under way must come to its end, loop or no loop.
    while hasJobs { runJobs() }
    afterJobs = nil
  }
}
