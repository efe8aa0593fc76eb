import Conformance
import Reports

/// Watches what the server's processes, the kernel and ourselves use, at the boundaries of intervals and while
/// connections are being opened.
struct ResourceWatch: Sendable {
  /// All that is used at one moment.
  private struct Look: Sendable {
    var server: ServerVitals?
    var kernel: KernelCounters?
    var ownProcessorNanoseconds: Int64?
  }

  private let test: LoadTest
  private let processes: [Int32]
  /// By the boundary, in nanoseconds since the start of sending.
  private var looks: [Int64: Look] = [:]
  private(set) var nextBoundary: Int64 = 0
  private(set) var serverMemory = MemorySlope()
  private(set) var ownMemory = MemorySlope()
  /// What it costs to read the clock, in nanoseconds.
  let clockReadNanoseconds: Double

  init(_ test: LoadTest) {
    self.test = test
    processes = ServerVitals.processes(of: test)
    clockReadNanoseconds = MachineNoise.clockCost()
  }

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
    looks[nextBoundary] = Look(
      server: test.observedProcess == nil
        ? nil : ServerVitals(of: ServerVitals.processes(of: test)),
      kernel: KernelCounters(), ownProcessorNanoseconds: ProcessSample()?.processorNanoseconds)
    nextBoundary = phases.nextBoundary(after: max(nextBoundary, now))
  }

  /// Says what was used between two boundaries, where both were looked at.
  func complete(_ sample: inout LoadSample, from start: Int64, to end: Int64) {
    guard let before = looks[start], let after = looks[end] else { return }
    if let earlier = before.server { sample.server = after.server?.since(earlier) }
    if let earlier = before.kernel { sample.kernel = after.kernel?.since(earlier) }
    if let used = before.ownProcessorNanoseconds, let now = after.ownProcessorNanoseconds {
      sample.generatorCPUNanoseconds = max(0, now - used)
    }
  }
}
