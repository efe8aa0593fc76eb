import HTTP
import Testing

@Suite("RFC 9112 §3 Request heads")
struct RequestHeadTests {
  @Test func `a head is written as it was read`() throws {
    let octets = Array("GET /a?b HTTP/1.1\r\nHost: a\r\nx-B: c, d\r\nHost: e\r\n\r\n".utf8)
    let head = try #require(try HeadParserTests.request(octets)?.head)
    var output: [UInt8] = [1]
    try head.write(to: &output)
    #expect(output == [1] + octets)
  }

  @Test(arguments: ["", " ", "/a b", "/\r\nX: y", "/\n", "/\u{0}", "/ä", "/#x"])
  func `a target that would end the request line is not written`(target: String) {
    var output: [UInt8] = []
    #expect(throws: HeadWritingError.invalidTarget(target)) {
      try RequestHead(target: target).write(to: &output)
    }
    #expect(output.isEmpty)
    #expect(!HeadWritingError.invalidTarget(target).description.contains("\n"))
  }

  @Test func `no field value can begin another line`() throws {
    var head = RequestHead(target: "/")
    head.fields[.userAgent] = "a\r\nSet-Cookie: b\n\n\u{0}"
    var output: [UInt8] = []
    try head.write(to: &output)
    #expect(output.count { $0 == 0x0a } == 3)
    #expect(!output.contains(0))
  }
}
