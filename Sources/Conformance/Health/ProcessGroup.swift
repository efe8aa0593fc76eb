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
    members = present.subtracting(strangers)
      .filter { known.contains($0) || ProcessStat(of: $0)?.group == identifier }.sorted()
    strangers = present.subtracting(members)
  }
}
