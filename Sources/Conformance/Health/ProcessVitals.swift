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
      guard let id = Int32(name), let parent = parent(of: id) else { continue }
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
    guard let fields = fields(of: process), fields.count > 6, let flags = UInt32(fields[6]) else {
      return false
    }
    return fields[0] != "Z" && fields[0] != "X" && flags & exiting == 0
  }

  /// PF_EXITING of the kernel, set before a process's descriptors are closed.
  private static let exiting: UInt32 = 4

  private static func parent(of process: Int32) -> Int32? {
    guard let fields = fields(of: process), fields.count > 1 else { return nil }
    return Int32(fields[1])
  }

  /// The fields of `/proc/PID/stat` after the name, which may contain anything.
  private static func fields(of process: Int32) -> [Substring]? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
      return nil
    }
    let stat = String(decoding: data, as: UTF8.self)
    guard let end = stat.lastIndex(of: ")") else { return nil }
    return stat[stat.index(after: end)...].split(separator: " ")
  }
}
