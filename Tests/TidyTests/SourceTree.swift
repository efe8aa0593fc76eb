import Foundation
import Testing

/// One file of the checkout: its path from the root, and its lines.
struct SourceFile: CustomTestStringConvertible {
  let path: String
  let lines: [Substring]

  /// The room that it lies in: `Sources/Transport/…` is in `Transport`; all examples are one room.
  var room: String {
    if path.hasPrefix("cases/") { return "CaseLibrary" }
    return path.hasPrefix("Examples/") ? "Examples" : String(path.split(separator: "/")[1])
  }

  var testDescription: String { path }
}

/// The checkout that these tests were built from.
enum SourceTree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let sources = swiftFiles(under: "Sources") + swiftFiles(under: "cases") + examples
  static let examples = swiftFiles(under: "Examples")
  static let tests = swiftFiles(under: "Tests")

  private static func swiftFiles(under folder: String) -> [SourceFile] {
    let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (paths?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".swift") }
      .sorted()
      .compactMap { path in
        let name = "\(folder)/\(path)"
        guard let text = try? String(contentsOf: root.appending(path: name), encoding: .utf8)
        else { return nil }
        return SourceFile(
          path: name, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
  }
}
