internal import CLinux
internal import Glibc

/// What the low bits of an event's data say about the pointer above them.
enum EventTag: UInt64 {
  case socket = 0
  case listener = 1
  case wake = 2
  case alarm = 3
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
