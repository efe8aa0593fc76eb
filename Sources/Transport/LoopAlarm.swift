internal import CLinux
internal import Glibc

/// A timer of the kernel for the next that is due of a loop.
///
/// A wait with a time limit makes and removes a timer each time it sleeps. This one is set when what
/// is next has changed, and stays while the loop sleeps and wakes. It is registered edge-triggered,
/// so that nobody has to read it.
struct LoopAlarm {
  let descriptor: Int32
  /// When it goes off.
  private(set) var time = LoopTime.never

  /// An alarm that is not set.
  ///
  /// - Throws: `noDescriptors` or `noMemory` when the system has none left.
  init() throws(TransportError) {
    descriptor = create_alarm()
    guard descriptor >= 0 else {
      throw TransportError(errno: errno, attempt: "create an event loop")
    }
  }

  /// Has it go off at `due` at the latest; the turn began at `turn`.
  @inline(__always)
  mutating func ensure(_ due: LoopTime, turn: LoopTime, since origin: ClockOrigin) {
    if time > due || time <= turn { set(due, since: origin) }
  }

  private mutating func set(_ due: LoopTime, since origin: ClockOrigin) {
    time = due
    set_alarm(descriptor, max(1, due.nanoseconds(since: .present(since: origin))))
  }
}
