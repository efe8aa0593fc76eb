import Conformance
import Reports

/// Watches what the server's processes, the kernel and ourselves use, at the boundaries of intervals and while
/// connections are being opened.
struct ResourceWatch: Sendable {
  /// All that is used at one moment.
  private struct Look: Sendable {
    var server: ServerVitals?
    var kernel: KernelCounters?
  }

  /// The process that is watched, where it is only one.
  private let process: Int32?
  /// The group that is watched.
  private var group: ProcessGroup?
  /// By the boundary, in nanoseconds since the start of sending.
  private var looks: [Int64: Look] = [:]
  private(set) var nextBoundary: Int64 = 0
  private(set) var serverMemory = MemorySlope()
  private(set) var ownMemory = MemorySlope()
  /// What it costs to read the clock, in nanoseconds.
  let clockReadNanoseconds: Double

  init(_ test: LoadTest) {
    process = test.observedProcess
    group = test.observesGroup ? test.observedProcess.map { ProcessGroup($0) } : nil
    clockReadNanoseconds = MachineNoise.clockCost()
  }

  /// The server's processes, as far as they are watched; those of a group since somebody last looked.
  var processes: [Int32] { group?.members ?? process.map { [$0] } ?? [] }

  /// Looks which processes the server has now.
  mutating func look() { group?.look() }

  /// Looks at memory whenever a share of the connections has been opened.
  mutating func connecting(open: Int, of planned: Int) {
    guard open - ownMemory.lastCount >= max(1, planned / 64) || ownMemory.isEmpty else { return }
    ownMemory.add(connections: open, bytes: ServerVitals.residentBytes(of: nil))
    guard !processes.isEmpty else { return }
    serverMemory.add(connections: open, bytes: ServerVitals.residentBytes(of: processes))
  }

  /// Looks at everything when the boundary of an interval has come.
  mutating func sending(at now: Int64, _ phases: PhasePlan) {
    guard now >= nextBoundary, nextBoundary <= phases.drainEnd else { return }
    look()
    looks[nextBoundary] = Look(server: ServerVitals(of: processes), kernel: KernelCounters())
    nextBoundary = phases.nextBoundary(after: max(nextBoundary, now))
  }

  /// Says what was used in an interval, where its beginning and its end were looked at.
  func complete(_ sample: inout LoadSample, of interval: IntervalReport) {
    sample.generatorCPUNanoseconds = interval.processors?.own
    guard let before = looks[interval.start], let after = looks[interval.end] else { return }
    if let earlier = before.server { sample.server = after.server?.since(earlier) }
    if let earlier = before.kernel { sample.kernel = after.kernel?.since(earlier) }
    // From the side, one looks late.
    if let used = interval.processors?.server { sample.server?.cpuNanoseconds = used }
  }
}
