import Conformance
import FoundationEssentials
import Reports

/// What a server's processes use at one moment, as the kernel accounts for it under `/proc`.
struct ServerVitals: Equatable, Sendable {
  var processorNanoseconds: Int64 = 0
  var residentBytes: Int64 = 0
  var descriptorCount = 0
  var threadCount = 0
  var voluntarySwitches = 0
  var involuntarySwitches = 0

  /// Looks at processes; nil if none of them can be seen.
  init?(of processes: [Int32]) {
    var isThere = false
    for process in processes {
      guard let sample = ProcessSample(processID: process) else { continue }
      isThere = true
      processorNanoseconds += sample.processorNanoseconds
      residentBytes += sample.residentBytes
      let folder = "/proc/\(process)"
      descriptorCount += Self.descriptorCount(folder + "/fd")
      let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/task")) ?? []
      threadCount += threads.count
      // Each thread's, because that of the process is its first thread's alone.
      for thread in threads {
        let switches = Self.switches(
          status: SystemFiles(root: "").text("\(folder)/task/\(thread)/status"))
        voluntarySwitches += switches.voluntary
        involuntarySwitches += switches.involuntary
      }
    }
    guard isThere else { return nil }
  }

  /// What was used between two moments, for a report.
  func since(_ earlier: ServerVitals) -> ServerSample {
    var sample = ServerSample()
    sample.cpuNanoseconds = max(0, processorNanoseconds - earlier.processorNanoseconds)
    sample.residentBytes = Int(residentBytes)
    sample.descriptors = descriptorCount
    sample.threads = threadCount
    sample.voluntarySwitches = max(0, voluntarySwitches - earlier.voluntarySwitches)
    sample.involuntarySwitches = max(0, involuntarySwitches - earlier.involuntarySwitches)
    return sample
  }

  /// Resident memory alone, in octets: cheap enough to be asked often.
  ///
  /// Of our own process where none are given.
  static func residentBytes(of processes: [Int32]?) -> Int64 {
    (processes.map { $0.map(String.init) } ?? ["self"]).reduce(0) { sum, process in
      let pages = SystemFiles(root: "").numbers("/proc/\(process)/statm")
      return sum + (pages.count > 1 ? Int64(pages[1]) * 4096 : 0)
    }
  }

  private static func descriptorCount(_ folder: String) -> Int {
    // Since Linux 6.2 the folder's size says it, without a look at each of maybe a hundred thousand.
    let size = try? FileManager.default.attributesOfItem(atPath: folder)[.size] as? UInt64
    if let size, size > 0 { return Int(size) }
    return (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0
  }

  /// The context switches in a thread's status.
  static func switches(status: String) -> (voluntary: Int, involuntary: Int) {
    func value(_ name: String) -> Int {
      status.split(separator: "\n").first { $0.hasPrefix(name) }
        .flatMap { Int($0.dropFirst(name.count).filter { $0 >= "0" && $0 <= "9" }) } ?? 0
    }
    return (value("voluntary_ctxt_switches:"), value("nonvoluntary_ctxt_switches:"))
  }
}
