import FoundationEssentials

/// What the peer's processes use at one moment, together.
struct ProcessVitals: Equatable, Sendable {
  var processorNanoseconds: Int64 = 0
  /// What they would have used had nobody else wanted the processors.
  var demandNanoseconds: Int64 = 0
  var residentBytes: Int64 = 0
  var descriptorCount = 0

  /// The sum over these processes; nil if the first of them has ended.
  init?(of processes: [Int32]) {
    for (index, process) in processes.enumerated() {
      let folder = "/proc/\(process)"
      guard let sample = ProcessSample(processID: process), Self.isAlive(process) else {
        if index == 0 { return nil }
        continue
      }
      processorNanoseconds += sample.processorNanoseconds
      demandNanoseconds += sample.processorNanoseconds + sample.waitingNanoseconds
      residentBytes += sample.residentBytes
      let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd")
      descriptorCount += descriptors?.count ?? 0
    }
  }

  /// The process and all that it has started, and so on; the process first.
  static func family(of process: Int32) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    var children: [Int32: [Int32]] = [:]
    for name in names {
      guard let id = Int32(name), let parent = ProcessStat(of: id)?.parent else { continue }
      children[parent, default: []].append(id)
    }
    var family = [process]
    var next = 0
    while next < family.count {
      family += children[family[next], default: []].filter { !family.contains($0) }
      next += 1
    }
    return family
  }

  /// Whether it runs on: one whose sockets are closed since it is about to end does not.
  private static func isAlive(_ process: Int32) -> Bool {
    guard let stat = ProcessStat(of: process), let flags = stat.flags else { return false }
    return stat.state != "Z" && stat.state != "X" && flags & exiting == 0
  }

  /// PF_EXITING of the kernel, set before a process's descriptors are closed.
  private static let exiting: UInt32 = 4
}
