import FoundationEssentials

/// What a thread has used until now, as the kernel accounts for it (`/proc/PID/schedstat`).
package struct ThreadSample: Equatable, Sendable {
  /// For how long it has run, in nanoseconds.
  package var runningNanoseconds: Int64
  /// For how long it has been ready to run without a processor, in nanoseconds.
  package var waitingNanoseconds: Int64

  /// Samples the calling thread; nil where the kernel does not tell.
  package init?() {
    guard let data = FileManager.default.contents(atPath: "/proc/thread-self/schedstat") else {
      return nil
    }
    self.init(schedstat: String(decoding: data, as: UTF8.self))
  }

  init?(schedstat text: String) {
    let times = text.split(separator: " ").prefix(2).compactMap { Int64($0) }
    guard times.count == 2 else { return nil }
    (runningNanoseconds, waitingNanoseconds) = (times[0], times[1])
  }

  package static func + (left: ThreadSample, right: ThreadSample) -> ThreadSample {
    var sum = left
    sum.runningNanoseconds += right.runningNanoseconds
    sum.waitingNanoseconds += right.waitingNanoseconds
    return sum
  }

  package static func - (left: ThreadSample, right: ThreadSample) -> ThreadSample {
    var difference = left
    difference.runningNanoseconds -= right.runningNanoseconds
    difference.waitingNanoseconds -= right.waitingNanoseconds
    return difference
  }
}
