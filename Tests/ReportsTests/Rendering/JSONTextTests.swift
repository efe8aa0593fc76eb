import FoundationEssentials
import Testing

@testable import Reports

@Suite("JSON in our own layout")
struct JSONTextTests {
  @Test func `the layout is that of the established suite`() {
    let document = JSONText.sorted([
      "b": .array([.int(1), .null, .bool(true)]), "a": .object([]), "c": .array([]),
    ])
    #expect(
      document.text(indent: 3)
        == "{\n   \"a\": {},\n   \"b\": [\n      1,\n      null,\n      true\n   ],\n   \"c\": []\n}"
    )
    #expect(document.text(indent: nil) == #"{"a":{},"b":[1,null,true],"c":[]}"#)
  }

  @Test(arguments: HostileText.all)
  func `a string reads back, and nothing in it can end a script`(text: String) throws {
    let document = JSONText.array([.string(text)]).text(indent: nil)
    #expect(try JSONDecoder().decode([String].self, from: Data(document.utf8)) == [text])
    #expect(
      !document.contains("<") && !document.contains("&") && document.utf8.allSatisfy { $0 < 0x7F })
  }
}
