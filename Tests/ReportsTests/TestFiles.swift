import FoundationEssentials
import Testing

/// Files beside the tests.
enum TestFiles {
  /// The path of a file in this folder.
  static func path(_ name: String, here: String = #filePath) -> String {
    String(here[..<(here.lastIndex(of: "/") ?? here.startIndex)]) + "/" + name
  }

  static func octets(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// Compares with a golden file; `UPDATE_GOLDEN=1` rewrites it.
  static func expectGolden(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = path("Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    let golden = String(decoding: try octets("Golden/\(name)"), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let goldenLines = golden.split(separator: "\n", omittingEmptySubsequences: false)
    let different = zip(lines, goldenLines).enumerated().first { $0.element.0 != $0.element.1 }
    if let different {
      Issue.record(
        """
        \(name):\(different.offset + 1)
        golden: \(different.element.1.prefix(300))
        now:    \(different.element.0.prefix(300))
        """, sourceLocation: sourceLocation)
    }
    #expect(lines.count == goldenLines.count, sourceLocation: sourceLocation)
  }

  /// A folder of its own that is removed afterwards.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/reports-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}
