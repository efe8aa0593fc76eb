import HTTP
import Testing

@Suite("RFC 9112 §2.3 Versions")
struct HTTPVersionTests {
  @Test func `versions are ordered and written`() {
    #expect(HTTPVersion.http10 < .http11)
    #expect(HTTPVersion(major: 2, minor: 0) > .http11)
    #expect(HTTPVersion.http11.description == "HTTP/1.1")
  }
}
