import Testing

@testable import Reports

@Suite("JUnit XML")
struct JUnitReportTests {
  @Test func `the document is stable`() throws {
    try TestFiles.expectGolden(JUnitReport.text(for: SampleRun.run), "junit.xml")
  }

  @Test(arguments: HostileText.all)
  func `hostile text stays inside its attribute or element`(text: String) throws {
    let document = JUnitReport.text(for: SampleRun.run(peerText: text))
    for scalar in document.unicodeScalars {
      let isAllowed =
        scalar == "\n" || scalar == "\t"
        || (scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE)
      #expect(isAllowed, "U+\(String(scalar.value, radix: 16))")
    }
    #expect(try XMLOutline(document) == XMLOutline(JUnitReport.text(for: SampleRun.run)))
  }
}

/// The elements of an XML document without text and attribute values; throws where a strict reader
/// would.
struct XMLOutline: Equatable {
  struct Malformed: Error {
    var rest: String
  }

  var tags: [String: Int] = [:]

  init(_ document: String) throws {
    var open: [Substring] = []
    var rest = document[...]
    while let start = rest.firstIndex(of: "<") {
      let body = rest[rest.index(after: start)...]
      guard let end = body.firstIndex(of: ">") else {
        throw Malformed(rest: String(rest.prefix(80)))
      }
      let tag = body[..<end]
      rest = body[body.index(after: end)...]
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { throw Malformed(rest: String(tag)) }
        continue
      }
      let name = tag.prefix { !" /".contains($0) }
      guard name.allSatisfy({ $0.isLetter || $0 == "-" }), tag.count(where: { $0 == "\"" }) % 2 == 0
      else { throw Malformed(rest: String(tag)) }
      tags[String(name), default: 0] += 1
      if !tag.hasSuffix("/") { open.append(name) }
    }
    guard open.isEmpty else { throw Malformed(rest: "unclosed \(open)") }
    // An extra alias makes an extra property: how many there are depends on the text.
    tags["property"] = nil
    tags["testsuite"] = nil
  }
}
