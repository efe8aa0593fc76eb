import Testing
import WebSocketProtocol

@Suite("RFC 6455 §1.3 The key and what it is answered with")
struct HandshakeKeyTests {
  @Test func `the example of RFC 6455 §1.3`() throws {
    let key = try #require(HandshakeKey(value: "dGhlIHNhbXBsZSBub25jZQ=="))
    #expect(key.acceptValue == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(HandshakeKey(octets: Array("the sample nonce".utf8)) == key)
  }

  @Test(arguments: [
    "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
    "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZXM=", "dGhlIHNhbXBsZSBub25jZXMh",
    "dGhlIHNhbXBsZSBub25jZ-==", " dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j ZQ==",
    "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
  ])
  func `anything but 16 octets in base64 is refused`(value: String) {
    #expect(HandshakeKey(value: value) == nil)
  }
}
