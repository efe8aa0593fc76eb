import FoundationEssentials

/// What `/proc/PID/stat` says of a process.
struct ProcessStat {
  /// The fields behind the name, of which the first is the state: field 3 of proc(5) is at 0.
  private let fields: [Substring]

  /// Reads a line, in which the name may contain anything; nil if it is none.
  init?(_ line: String) {
    guard let end = line.lastIndex(of: ")") else { return nil }
    fields = line[line.index(after: end)...].split(separator: " ")
  }

  /// Looks at a process, or our own; nil if there is none with this number.
  init?(of process: Int32? = nil) {
    let folder = process.map(String.init) ?? "self"
    guard let data = FileManager.default.contents(atPath: "/proc/\(folder)/stat") else {
      return nil
    }
    self.init(String(decoding: data, as: UTF8.self))
  }

  /// A letter: `R` runs, `S` sleeps, `Z` has ended and nobody has asked how.
  var state: Substring? { fields.first }
  /// The process that has started it.
  var parent: Int32? { number(1) }
  /// The group that it is of.
  var group: Int32? { number(2) }
  /// The kernel's flags, PF_EXITING for example.
  var flags: UInt32? { number(6) }
  /// Processor time in user mode, in ticks of USER_HZ.
  var userTicks: Int64? { number(11) }
  /// Processor time in kernel mode, in ticks of USER_HZ.
  var systemTicks: Int64? { number(12) }

  private func number<Number: FixedWidthInteger>(_ index: Int) -> Number? {
    fields.count > index ? Number(fields[index]) : nil
  }
}
