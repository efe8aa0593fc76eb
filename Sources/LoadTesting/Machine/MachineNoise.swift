import FoundationEssentials
import Transport

/// How much else goes on, measured: by how far threads that only look at the clock are kept from it.
public struct MachineNoise: Equatable, Sendable {
  /// For how long it was measured, in nanoseconds.
  public var measuredNanoseconds: Int64 = 0
  /// The share of time that was taken from the threads, 0 to 1.
  public var takenShare = 0.0
  /// The longest time that one of them was not running, in nanoseconds.
  public var longestPauseNanoseconds: Int64 = 0
  /// The share of the processors' time in which the hypervisor ran somebody else, 0 to 1.
  public var stolenShare = 0.0
  /// How much of the processors others used before, 0 to 1.
  public var busyShare = 0.0
  /// What it costs to read the clock, in nanoseconds.
  public var clockReadNanoseconds = 0.0

  /// Knows nothing yet; its members are variables to be filled in.
  public init() {}

  /// Pauses that are shorter are interrupts and the clock's own work.
  private static let leastPause: Int64 = 20_000

  /// Measures: half of the time asleep, to see what others do, and half of it awake, to feel it.
  public static func measure(for duration: Duration, processorCount: Int) async -> MachineNoise {
    var noise = MachineNoise()
    noise.clockReadNanoseconds = clockCost()
    let files = SystemFiles(root: "")
    let before = ProcessorTimes(files.text("/proc/stat"))
    try? await Task.sleep(for: duration / 2)
    let between = ProcessorTimes(files.text("/proc/stat"))
    let length = max(1_000_000, (duration / 2).nanoseconds)
    let watches = await withTaskGroup(of: Watch.self) { group in
      for _ in 0..<max(1, processorCount) { group.addTask { await watch(for: length) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let after = ProcessorTimes(files.text("/proc/stat"))
    if let before, let between {
      let total = max(1, between.total - before.total)
      noise.busyShare = min(1, max(0, 1 - Double(between.idle - before.idle) / Double(total)))
    }
    if let before, let after {
      let total = max(1, after.total - before.total)
      noise.stolenShare = min(1, max(0, Double(after.stolen - before.stolen) / Double(total)))
    }
    let whole = watches.reduce(0) { $0 + $1.length }
    noise.measuredNanoseconds = duration.nanoseconds
    noise.takenShare = Double(watches.reduce(0) { $0 + $1.taken }) / Double(max(1, whole))
    noise.longestPauseNanoseconds = watches.map(\.longest).max() ?? 0
    return noise
  }

  /// What a thread felt.
  private struct Watch: Sendable {
    var length: Int64 = 0
    var taken: Int64 = 0
    var longest: Int64 = 0
  }

  /// Looks at the clock and does nothing else.
  @concurrent private static func watch(for length: Int64) async -> Watch {
    var watch = Watch()
    let start = SystemClock.nanoseconds
    var last = start
    while last - start < length {
      let now = SystemClock.nanoseconds
      let pause = now - last
      if pause >= leastPause { watch.taken += pause }
      watch.longest = max(watch.longest, pause)
      last = now
    }
    watch.length = last - start
    return watch
  }

  /// The least of some tries: whatever is more was not the clock.
  static func clockCost() -> Double {
    let count = 2000
    var least = Int64.max
    for _ in 0..<20 {
      let start = SystemClock.nanoseconds
      var last = start
      for _ in 0..<count { last = SystemClock.nanoseconds }
      least = min(least, last - start)
    }
    return Double(least) / Double(count)
  }
}
