import CaseLanguage
import CaseLibrary
import FoundationEssentials
import Testing

@Suite("The established cases")
struct EstablishedCasesTests {
  static let facts: [String: String] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/established-517.tsv").path
    let contents = FileManager.default.contents(atPath: path) ?? Data()
    let lines = String(decoding: contents, as: UTF8.self).split(separator: "\n").map(String.init)
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        (String(line.prefix { $0 != "\t" }), line)
      })
  }()

  @Test func `all 517 are there, in numeric order`() {
    let numbers = CaseLibrary.all.compactMap { $0.number(in: "autobahn") }
    #expect(numbers.count == 517)
    #expect(Set(numbers) == Set(Self.facts.keys))
    let sorted = numbers.sorted { left, right in
      left.split(separator: ".").compactMap { Int($0) }
        .lexicographicallyPrecedes(right.split(separator: ".").compactMap { Int($0) })
    }
    #expect(numbers == sorted)
  }

  @Test func `each does and expects what the established suite does and expects`() {
    for item in CaseLibrary.all {
      guard let number = item.number(in: "autobahn") else { continue }
      #expect(CanonicalCase(item).line == Self.facts[number], "\(item.id)")
    }
  }

  @Test func `each has a requirement, a clause and a title of its own`() {
    #expect(Set(CaseLibrary.all.map(\.title)).count == CaseLibrary.all.count)
    for item in CaseLibrary.all {
      #expect(item.why.count > 20, "\(item.id)")
      #expect(item.citation.document.hasPrefix("RFC "), "\(item.id)")
      #expect(!item.citation.section.isEmpty, "\(item.id)")
      #expect(!item.tags.isEmpty, "\(item.id)")
    }
  }

  @Test func `what is printed is read as the same case`() throws {
    for item in CaseLibrary.all {
      let text = CasePrinter.print(item)
      #expect(try CaseParser.parse(bytes: Array(text.utf8), path: "printed") == [item])
    }
  }
}
