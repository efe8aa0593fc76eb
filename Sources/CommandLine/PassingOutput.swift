import FoundationEssentials
import Glibc
import Synchronization

/// Places of the system's for the output of what we started, where no folder of ours is to keep it;
/// they go with us, but for those that somebody was told of.
enum PassingOutput {
  private static let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false)
  private static let kept = Mutex<Set<String>>([])

  /// The place of a name.
  static func path(of name: String) -> String { folder + prefix + name }

  /// Somebody is told of this file, or of one in this folder.
  static func keep(_ path: String) {
    kept.withLock { _ = $0.insert(path) }
  }

  /// Removes what nobody was told of.
  static func removeAll() {
    let kept = kept.withLock { $0 }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for path in names.filter({ $0.hasPrefix(prefix) }).map({ folder + $0 })
    where !kept.contains(where: { $0.hasPrefix(path) }) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  private static var prefix: String { "gauntlet-\(getpid())-" }
}
