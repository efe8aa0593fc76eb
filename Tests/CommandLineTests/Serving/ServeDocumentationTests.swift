import Foundation
import Testing

@testable import gauntlet

/// Holds Documentation/serve.md to the keys that are read.
@Suite("The documentation of the configuration file")
struct ServeDocumentationTests {
  private static let listener = "\"listeners\": [{\"address\": \"127.0.0.1:0\""

  /// A file with a key that nobody knows, in each of the places that have keys.
  private static let texts: [String] =
    [
      "{\(listener)}], \"?\": 1}", "{\(listener), \"?\": 1}]}",
      "{\(listener), \"keepAlive\": {\"?\": 1}}]}",
    ]
    + [
      "\"?\": 1", "\"sessions\": {\"?\": 1}",
      "\"hosts\": [{\"names\": [\"a\"], \"selfSigned\": true, \"?\": 1}]",
      "\"clients\": {\"certificates\": \"none\", \"?\": 1}",
    ].map { "{\(listener), \"tls\": {\"selfSigned\": true, \($0)}}]}" }
    + [
      "\"?\": 1", "\"sessions\": {\"?\": 1}", "\"hosts\": [{\"names\": [\"a\"], \"?\": 1}]",
      "\"routes\": [{\"path\": \"/\", \"text\": \"a\", \"?\": 1}]",
      "\"files\": [{\"folder\": \"/tmp\", \"?\": 1}]",
      "\"uploads\": [{\"path\": \"/\", \"folder\": \"/tmp\", \"?\": 1}]",
      "\"forward\": [{\"path\": \"/\", \"to\": \"http://a\", \"?\": 1}]",
    ].map { "{\(listener)}], \"http\": {\($0)}}" }
    + ["\"?\": 1", "\"rates\": {\"?\": 1}"].map { "{\(listener)}], \"access\": {\($0)}}" }
    + ["limits", "timeouts", "compression", "heartbeat", "watchdog", "peers", "replies"].map {
      "{\(listener)}], \"\($0)\": {\"?\": 1}}"
    }

  @Test(arguments: texts)
  func `every key is documented`(text: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let document = try String(
      contentsOf: root.appending(path: "Documentation/serve.md"), encoding: .utf8)
    let error = #expect(throws: SpecError.self) {
      try ServeSettings(Array(text.utf8), path: "s.json")
    }
    let message = try #require(error?.message)
    let list = try #require(message.firstRange(of: "? is no key; allowed here: "), "\(message)")
    for key in message[list.upperBound...].components(separatedBy: ", ") {
      // Alone, as the end of a path, or with what is below it.
      let forms = ["`\(key)`", ".\(key)`", "`\(key)."]
      #expect(forms.contains { document.contains($0) }, "\(key)")
    }
  }
}
