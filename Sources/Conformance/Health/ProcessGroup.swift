import FoundationEssentials

/// The processes of a group: a server that a shell has started, or one of several processes, as a whole.
///
/// Looking again costs little, because only processes that were not there before are asked for their group.
package struct ProcessGroup: Equatable, Sendable {
  /// The group's number, which is that of its first process.
  private let identifier: Int32
  /// Processes of other groups.
  private var strangers: Set<Int32> = []
  /// The processes that were there at the last look, in ascending order.
  package private(set) var members: [Int32] = []

  /// Looks for the processes of the group with this number.
  package init(_ identifier: Int32) {
    self.identifier = identifier
    look()
  }

  /// Looks which processes there are now.
  package mutating func look() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let present = Set(names.compactMap { Int32($0) })
    strangers.formIntersection(present)
    let known = Set(members)
    members = present.subtracting(strangers).filter { known.contains($0) || isMember($0) }.sorted()
    strangers = present.subtracting(members)
  }

  private func isMember(_ process: Int32) -> Bool {
    FileManager.default.contents(atPath: "/proc/\(process)/stat")
      .flatMap { Self.group(stat: String(decoding: $0, as: UTF8.self)) } == identifier
  }

  /// The process group of a `/proc/PID/stat` line; the name in it may contain anything.
  static func group(stat: String) -> Int32? {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    return fields.count > 2 ? Int32(fields[2]) : nil
  }
}
