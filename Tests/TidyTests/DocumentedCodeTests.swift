import Foundation
import Testing

/// A block of code in an article.
struct DocumentedCode: CustomTestStringConvertible {
  let article: String
  let lines: [String]

  var testDescription: String { "\(article): \(lines.first ?? "")" }

  /// The blocks of all articles.
  static let all: [DocumentedCode] = {
    let folder = SourceTree.root.appending(path: "Sources/WebSocketServer/Documentation.docc")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".md") }.sorted().flatMap { name in
      let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
      return text.components(separatedBy: "```swift\n").dropFirst().map { rest in
        let code = rest.components(separatedBy: "\n```")[0]
        return DocumentedCode(article: name, lines: Self.lines(code.split(separator: "\n")))
      }
    }
  }()

  /// Lines as they are compared: without indentation, and without those that are empty.
  static func lines(_ lines: some Sequence<Substring>) -> [String] {
    lines.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}

/// Holds the articles to code that compiles: each block stands in an example or in a test.
@Suite("The code in the articles")
struct DocumentedCodeTests {
  private static let compiled: [[String]] =
    (SourceTree.examples + SourceTree.tests.filter { $0.path.contains("/HowTo/") })
    .map { DocumentedCode.lines($0.lines) }

  @Test func `there are articles for every section, with code`() {
    let articles = Set(DocumentedCode.all.map(\.article))
    #expect(articles.count >= 9, "\(articles.sorted())")
  }

  @Test(arguments: DocumentedCode.all)
  func `a block stands in code that is compiled`(block: DocumentedCode) {
    let isThere = Self.compiled.contains { lines in
      lines.indices.contains { lines[$0...].starts(with: block.lines) }
    }
    #expect(isThere, "\(block.article): \(block.lines.joined(separator: "\n"))")
  }
}
