import Testing
import WebSocketProtocol

@Suite("RFC 6455 §9.1 Negotiating Extensions")
struct ExtensionElementTests {
  @Test(arguments: [
    ("foo", [ExtensionElement("foo")]),
    ("", []),
    (" , ,", []),
    ("foo,bar ; baz=2", [ExtensionElement("foo"), ExtensionElement("bar", [.init("baz", "2")])]),
    (
      "deflate-stream, mux; max-channels=4; flow-control, deflate-stream",
      [
        ExtensionElement("deflate-stream"),
        ExtensionElement("mux", [.init("max-channels", "4"), .init("flow-control")]),
        ExtensionElement("deflate-stream"),
      ]
    ),
    ("a;b=\"10\"", [ExtensionElement("a", [.init("b", "10")])]),
    ("a;b=\"1\\0\"", [ExtensionElement("a", [.init("b", "10")])]),
    ("a\t;\tb = c\t", [ExtensionElement("a", [.init("b", "c")])]),
    ("constructor; __proto__", [ExtensionElement("constructor", [.init("__proto__")])]),
  ])
  func `valid lists are read`(text: String, expected: [ExtensionElement]) {
    #expect(ExtensionElement.parse(text) == expected)
  }

  @Test(arguments: [
    "foo bar", ";", "a;", "a;;b", "a;b=", "a;=b", "a=b", "a;b=\"", "a;b=\"c", "a;b=\"\"",
    "a;b=\"c d\"", "a;b=\"c,d\"", "a;b=\"c\"d", "a;b=\"\\", "a;b=c=d", "a;b=(c)", "ä", "a;b=ü",
    "a, b@c",
  ])
  func `what breaks the grammar is refused`(text: String) {
    #expect(ExtensionElement.parse(text) == nil)
  }

  @Test func `hostile values take linear time`() {
    let clock = ContinuousClock()
    let duration = clock.measure {
      let slashes = "a;b=\"" + String(repeating: "\\a", count: 1 << 20)
      #expect(ExtensionElement.parse(slashes) == nil)
      let spaces = "a" + String(repeating: " ", count: 1 << 20) + "b"
      #expect(ExtensionElement.parse(spaces) == nil)
      #expect(ExtensionElement.parse(String(repeating: ",", count: 1 << 20)) == [])
    }
    #expect(duration < .seconds(10))
  }

  @Test func `what was written reads back the same`() {
    let element = ExtensionElement("x", [.init("a"), .init("b", "1"), .init("a")])
    #expect(element.description == "x; a; b=1; a")
    #expect(ExtensionElement.parse(element.description) == [element])
  }
}
