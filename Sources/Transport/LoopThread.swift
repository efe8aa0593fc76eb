internal import CLinux
internal import Glibc

/// Threads as the system makes them.
enum LoopThread {
  private final class Body: Sendable {
    let name: String
    let work: @Sendable () -> Void

    init(name: String, work: @escaping @Sendable () -> Void) {
      self.name = name
      self.work = work
    }
  }

  /// Runs `work` on a new thread; `name` is shown in its first 15 octets.
  ///
  /// In real time it runs before all ordinary threads of the machine (`SCHED_FIFO`, the lowest priority); the
  /// threads that it makes do not.
  static func spawn(
    name: String, attempt: String, isRealTime: Bool = false, _ work: @escaping @Sendable () -> Void
  ) throws(TransportError) -> pthread_t {
    // The new thread owns the box, or nobody does, and then it is released here.
    let body = Body(name: name) {
      if isRealTime { keep_real_time_from_children() }
      work()
    }
    let box = unsafe Unmanaged.passRetained(body)
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if isRealTime {
      var parameters = sched_param(sched_priority: 1)
      unsafe pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
      unsafe pthread_attr_setschedpolicy(&attributes, SCHED_FIFO)
      unsafe pthread_attr_setschedparam(&attributes, &parameters)
    }
    let status = unsafe pthread_create(&thread, &attributes, threadMain, box.toOpaque())
    guard status == 0 else {
      unsafe box.release()
      throw TransportError(errno: status, attempt: attempt)
    }
    return thread
  }

  private static let threadMain:
    @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
      guard let raw = unsafe raw else { return nil }
      let body = unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
      unsafe set_thread_name(body.name)
      // What an open loop has planned is to go out then: its latency counts from there.
      wake_thread_on_time()
      body.work()
      return nil
    }
}
