import HTTP
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4.2.2 Refusals")
struct HandshakeRefusalTests {
  @Test func `a refusal is a whole response`() {
    var output: [UInt8] = []
    HandshakeRefusal(.forbidden, "the origin is not welcome").write(to: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
        HTTP/1.1 403 Forbidden\r\n\
        Connection: close\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Length: 26\r\n\
        \r\n\
        the origin is not welcome\n
        """)
  }

  @Test func `a wrong version is answered with the right one`() throws {
    let octets = HandshakeRequestTests.octets(
      replacing: ["Sec-WebSocket-Version": ["Sec-WebSocket-Version: 12"]])
    var output: [UInt8] = []
    try #require(HandshakeRequestTests.refusal(octets)).write(to: &output)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
    #expect(text.contains("\r\nSec-WebSocket-Version: 13\r\n"))
    #expect(text.contains("\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"))
  }

  @Test func `nothing in a reason becomes a field`() throws {
    var output: [UInt8] = []
    let fields: HTTPFields = [.server: "a\r\nSet-Cookie: b"]
    HandshakeRefusal(.badRequest, "x\r\ny", fields: fields).write(to: &output)
    let head = String(decoding: output, as: UTF8.self)
    #expect(!head.contains("\nSet-Cookie"))
    #expect(head.contains("Content-Length: 5\r\n\r\nx\r\ny\n"))
  }
}
