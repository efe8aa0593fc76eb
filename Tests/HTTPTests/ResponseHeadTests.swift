import HTTP
import Testing

@Suite("RFC 9112 §4 Response heads")
struct ResponseHeadTests {
  @Test func `a head is written as it was read`() throws {
    let text = "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n\r\n"
    let head = try #require(try HeadParserTests.response(text))
    var output: [UInt8] = []
    head.write(to: &output)
    #expect(String(decoding: output, as: UTF8.self) == text)
  }

  @Test func `a code below 100 has three digits and a phrase no line end`() {
    var output: [UInt8] = []
    ResponseHead(status: .init(code: 7, reasonPhrase: "a\r\nb: c")).write(to: &output)
    #expect(String(decoding: output, as: UTF8.self).hasPrefix("HTTP/1.1 007 a"))
    #expect(output.count { $0 == 0x0a } == 2)
  }
}
