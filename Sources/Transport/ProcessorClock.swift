internal import CLinux
internal import Glibc

/// Counts the processor time of a process: of all its threads, those that have ended included.
///
/// It is exact to the nanosecond for whoever reads its own; of another process, threads that run at this moment
/// count until the kernel's last tick, at most four milliseconds ago where it ticks 250 times a second. Reading takes
/// a microsecond or less, and needs no permission.
public struct ProcessorClock: Sendable {
  private let identifier: clockid_t

  /// The clock of the process with this number, or our own; nil if there is no such process.
  public init?(processID: Int32? = nil) {
    guard let processID else {
      identifier = CLOCK_PROCESS_CPUTIME_ID
      return
    }
    var found = clockid_t()
    guard (1...Self.greatestProcessID).contains(processID),
      unsafe clock_getcpuclockid(processID, &found) == 0
    else { return nil }
    identifier = found
  }

  /// PID_MAX_LIMIT of the kernel; the numbers of clocks have no room for much greater ones.
  private static let greatestProcessID: Int32 = 4 << 20

  /// The processor time until now, in nanoseconds; nil if the process is no longer there.
  public var nanoseconds: Int64? {
    var time = timespec()
    guard unsafe clock_gettime(identifier, &time) == 0 else { return nil }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
