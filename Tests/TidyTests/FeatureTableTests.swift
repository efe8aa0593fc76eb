import Foundation
import Testing

/// A row of the table of what the server can do: `| 1.1 | capability | how | tests |`.
struct FeatureRow: CustomTestStringConvertible {
  let number: String
  let cells: [Substring]

  var testDescription: String { number }

  /// The suites named, each with the words that names of its tests must have.
  var tests: [(suite: String, words: [String])] {
    cells[3].split(separator: ";").map { text in
      let parts = text.split(separator: ":", maxSplits: 1)
      let words = parts.dropFirst().first?.split(separator: ",") ?? []
      return (
        parts[0].trimmingCharacters(in: .whitespaces),
        words.map { $0.trimmingCharacters(in: .whitespaces) }
      )
    }
  }

  static let all: [FeatureRow] = {
    let path = "Sources/WebSocketServer/Documentation.docc/Features.md"
    let text = try? String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimming(while: { $0 == " " }) }
      guard cells.count == 4, cells[0].contains(#/^[0-9]+\.[0-9]+$/#) else { return nil }
      return FeatureRow(number: String(cells[0]), cells: cells)
    }
  }()
}

extension Substring {
  fileprivate func trimming(while isPadding: (Character) -> Bool) -> Substring {
    var text = drop(while: isPadding)
    while let last = text.last, isPadding(last) { text.removeLast() }
    return text
  }
}

/// Holds the table to the tests: what it names is there.
@Suite("The table of what the server can do")
struct FeatureTableTests {
  /// Rows that no test can drive, as their text says why.
  private static let untested = ["1.8", "4.7", "5.2"]

  @Test func `every capability has its row, in order`() {
    let counts = [8, 10, 8, 9, 6, 3]
    let expected = counts.enumerated().flatMap { section, count in
      (1...count).map { "\(section + 1).\($0)" }
    }
    #expect(FeatureRow.all.map(\.number) == expected)
  }

  @Test(arguments: FeatureRow.all)
  func `the tests that a row names are there`(row: FeatureRow) throws {
    #expect(row.cells.allSatisfy { !$0.isEmpty })
    guard !Self.untested.contains(row.number) else {
      #expect(row.cells[3] == "–")
      return
    }
    #expect(!row.tests.isEmpty)
    for (suite, words) in row.tests {
      let names = try #require(Self.names[suite], "there is no suite \(suite)")
      #expect(!names.isEmpty, "\(suite) has no tests")
      for words in words {
        #expect(names.contains { $0.contains(words) }, "\(suite) has no test \(words)")
      }
    }
  }

  /// The names of the tests in each suite.
  private static let names: [String: [String]] = {
    var names: [String: [String]] = [:]
    for file in SourceTree.tests {
      var suite: String?
      for line in file.lines {
        if let match = line.firstMatch(of: #/^struct ([A-Za-z]+Tests)\b/#) {
          suite = String(match.1)
          names[String(match.1)] = []
        }
        guard let suite, let match = line.firstMatch(of: #/func `([^`]+)`/#) else { continue }
        names[suite, default: []].append(String(match.1))
      }
    }
    return names
  }()
}
