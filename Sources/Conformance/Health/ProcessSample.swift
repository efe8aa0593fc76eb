import FoundationEssentials
import Transport

/// What a process has used until now, as the kernel accounts for it under `/proc`.
package struct ProcessSample: Equatable, Sendable {
  /// Processor time of all its threads, in nanoseconds.
  package var processorNanoseconds: Int64
  /// The share of it in user mode, in nanoseconds; the kernel splits the exact total by samples.
  package var userNanoseconds: Int64
  /// For how long threads that live have been ready to run without a processor, in nanoseconds.
  package var waitingNanoseconds: Int64
  /// Resident memory in octets.
  package var residentBytes: Int64
  /// The greatest resident memory until now, in octets.
  package var peakResidentBytes: Int64

  /// The share of the processor time in kernel mode, in nanoseconds.
  package var systemNanoseconds: Int64 { processorNanoseconds - userNanoseconds }

  /// Samples the process with this number, or our own; nil if it cannot be seen.
  package init?(processID: Int32? = nil) {
    let folder = "/proc/" + (processID.map(String.init) ?? "self")
    guard let stat = ProcessStat(of: processID), let status = Self.text(folder + "/status"),
      let userTicks = stat.userTicks, let systemTicks = stat.systemTicks
    else { return nil }
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/task")) ?? []
    waitingNanoseconds = 0
    for thread in threads {
      let line = Self.text("\(folder)/task/\(thread)/schedstat") ?? ""
      guard let sample = ThreadSample(schedstat: line) else { continue }
      waitingNanoseconds += sample.waitingNanoseconds
    }
    // A tick of USER_HZ is ten milliseconds on every Linux that Swift runs on.
    processorNanoseconds =
      ProcessorClock(processID: processID)?.nanoseconds ?? (userTicks + systemTicks) * 10_000_000
    let all = Double(max(1, userTicks + systemTicks))
    userNanoseconds = Int64(Double(processorNanoseconds) * Double(userTicks) / all)
    residentBytes = Self.kibibytes("VmRSS:", in: status) * 1024
    peakResidentBytes = Self.kibibytes("VmHWM:", in: status) * 1024
  }

  /// Samples several processes together; nil if none of them can be seen.
  package init?(of processes: [Int32]) {
    let samples = processes.compactMap { ProcessSample(processID: $0) }
    guard var sum = samples.first else { return nil }
    for sample in samples.dropFirst() {
      sum.processorNanoseconds += sample.processorNanoseconds
      sum.userNanoseconds += sample.userNanoseconds
      sum.waitingNanoseconds += sample.waitingNanoseconds
      sum.residentBytes += sample.residentBytes
      sum.peakResidentBytes += sample.peakResidentBytes
    }
    self = sum
  }

  /// The value of a line such as `VmRSS:     1234 kB`.
  static func kibibytes(_ name: String, in status: String) -> Int64 {
    for line in status.split(separator: "\n") where line.hasPrefix(name) {
      return line.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first
        .flatMap { Int64($0) } ?? 0
    }
    return 0
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
