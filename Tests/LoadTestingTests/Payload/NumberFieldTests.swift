import Testing

@testable import LoadTesting

@Suite("Numbers in messages, behind a text or at a place of their JSON")
struct NumberFieldTests {
  static let text = #"""
    { "jsonrpc" : "2.0","meta":{"id":1,"tags":["a","]}",{"id":2}]},
      "list":[{"n":3},[4, 5], "6"], "a/b":{"~":7}, "":{"":8}, "n\u00e9":9, "\"":10,"quoted" : "0011",
      "fraction":1.5,"exponent":1e3,"negative":-1,"text":"12a","null":null,"open":"13
    """#

  @Test(
    arguments: [
      ("/meta/id", 1), ("/meta/tags/2/id", 2), ("/list/0/n", 3), ("/list/1/0", 4), ("/list/1/1", 5),
      ("/list/2", 6), ("/a~1b/~0", 7), ("//", 8), ("/né", 9), ("/\"", 10), ("/quoted", 11),
      ("/fraction", nil), ("/exponent", nil), ("/negative", nil), ("/text", nil), ("/null", nil),
      ("/jsonrpc", nil), ("/meta", nil), ("/list/3", nil), ("/list/01", nil), ("/list/-", nil),
      ("/list/99999999999999999999", nil), ("/id", nil), ("/meta/id/id", nil), ("/open", nil),
    ] as [(String, UInt64?)])
  func `a pointer finds its number and no other`(pointer: String, number: UInt64?) throws {
    let field = try #require(NumberField(pointer))
    let octets = Array(Self.text.utf8)
    #expect(field.find(in: octets.span) == number)
  }

  @Test func `a text that ends anywhere has what came before its end`() throws {
    let octets = Array(Self.text.utf8)
    let first = try #require(NumberField("/meta/id"))
    let last = try #require(NumberField("/open"))
    let end = try #require(Self.text.firstRange(of: #""id":1"#)).upperBound
    let known = Self.text[..<end].utf8.count
    for count in 0...octets.count {
      let cut = Array(octets[..<count])
      #expect(first.find(in: cut.span) == (count >= known ? 1 : nil), "\(count)")
      #expect(last.find(in: cut.span) == nil)
    }
  }

  @Test(
    arguments: [
      "{{{{", "[[[[", "{\"a\"", "{\"a\":", "{\"a\":1", "\"", "\"\\", "}", "]", ",", ":", "{,}",
      "{\"b\":}", "{\"b\":]}", "[,", "{\"b\\", "{\"\\u12\":1}", "\u{0}",
    ])
  func `what is no JSON has no number, or ends in one`(text: String) throws {
    let octets = Array(text.utf8)
    let found = try #require(NumberField("/a")).find(in: octets.span)
    #expect(found == (text == "{\"a\":1" ? 1 : nil))
    #expect(try #require(NumberField("/3/a")).find(in: octets.span) == nil)
  }

  @Test func `depth costs no stack`() throws {
    let octets = Array((#"{"b":"# + String(repeating: "[", count: 1 << 20)).utf8)
    #expect(try #require(NumberField("/a")).find(in: octets.span) == nil)
  }

  @Test func `a scalar is at the place that has no name`() throws {
    let octets = Array("17".utf8)
    #expect(try #require(NumberField("/")).find(in: octets.span) == nil)
    #expect(JSONPointer("")?.tokens == nil)
    #expect(JSONPointer("/")?.tokens == [[]])
    #expect(JSONPointer("/a~01/")?.tokens == [Array("a~1".utf8), []])
  }

  @Test func `what begins otherwise is the text before the number`() throws {
    let octets = Array(#"{"id": "17"}"#.utf8)
    #expect(try #require(NumberField(#""id":"#)).find(in: octets.span) == 17)
    #expect(NumberField("") == nil)
    #expect(NumberField("/a~2") == nil)
    #expect(NumberField("/a~") == nil)
  }
}
