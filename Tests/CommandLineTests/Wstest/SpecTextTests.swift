import Testing

@testable import gauntlet

@Suite("Spec files as text")
struct SpecTextTests {
  func parse(_ text: String) throws -> SpecValue {
    try SpecParser.parse(Array(text.utf8), path: "spec.json")
  }

  @Test func `every value knows its line`() throws {
    let value = try parse(
      """
      {
        "a": [1, -2.5e1, true,
              null],
        "b": {"c": "x\\u00fc\\ud83d\\ude00\\n\\"/\\/"}
      }
      """)
    let object = try SpecObject(value, path: "spec.json", name: "a spec")
    guard case .array(let elements)? = object.value("a")?.content else {
      Issue.record("no list")
      return
    }
    #expect(elements.map(\.place?.line) == [2, 2, 2, 3])
    #expect(elements.map(\.place?.column) == [9, 12, 20, 9])
    if case .number(let number) = elements[1].content { #expect(number == -25) }
    #expect(try object.object("b")?.string("c") == "xü😀\n\"//")
    #expect(object.value("b")?.place == SpecPlace(line: 4, column: 8))
  }

  @Test(arguments: [
    ("", "spec.json:1:1: error: expected a JSON value, found the end of the file"),
    ("{\n", "spec.json:2:1: error: expected a key in quotes, found the end of the file"),
    (#"{"a" 1}"#, #"spec.json:1:6: error: expected : after the key "a", found '1'"#),
    ("{\"a\": 1\n \"b\": 2}", "spec.json:2:2: error: expected , or }, found '\"'"),
    ("[1,\n]", "spec.json:2:1: error: expected a JSON value, found ']'"),
    (#"{"a": 1, "a": 2}"#, #"spec.json:1:10: error: the key "a" is there twice"#),
    (
      "{\"a\": \"x\n\"}",
      "spec.json:1:9: error: expected the end of a string, found the end of the line"
    ),
    (#"["\x"]"#, "spec.json:1:5: error: expected an escape of JSON, found '\"'"),
    (#"["\ud800"]"#, "spec.json:1:9: error: half a surrogate pair, found '\"'"),
    ("[1] 2", "spec.json:1:5: error: nothing may follow the end, found '2'"),
    ("[1.2.3]", "spec.json:1:2: error: '1.2.3' is no number"),
    ("[01]", "spec.json:1:2: error: '01' is no number"),
    ("[1.]", "spec.json:1:2: error: '1.' is no number"),
    ("[1e999]", "spec.json:1:2: error: '1e999' is no number"),
    (#"["\u+123"]"#, "spec.json:1:5: error: expected four hexadecimal digits, found '+'"),
    ("[tru]", "spec.json:1:2: error: expected a JSON value, found 't'"),
    (
      String(repeating: "[", count: 40),
      "spec.json:1:33: error: expected fewer levels of nesting, found '['"
    ),
  ])
  func `a mistake is shown where it is`(text: String, message: String) {
    let error = #expect(throws: SpecError.self) { try parse(text) }
    #expect(error?.description == message)
  }

  @Test func `no cut of a spec is taken for a spec, and none ends the program`() throws {
    let octets = Array(FuzzingClientSpec.text.utf8)
    let end = octets.lastIndex(of: UInt8(ascii: "}")) ?? 0
    for count in 0...end {
      #expect(throws: SpecError.self) {
        try SpecParser.parse(Array(octets[..<count]), path: "spec.json")
      }
    }
  }
}
