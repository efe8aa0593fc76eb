import HTTP
import Testing

@Suite("RFC 9110 §5.6.2 Tokens")
struct SyntaxTests {
  @Test func `token characters are those of the grammar`() {
    let allowed = Set(
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    for octet in UInt8.min...UInt8.max {
      #expect(Syntax.isTokenOctet(octet) == allowed.contains(octet))
    }
    #expect(Syntax.isToken("chat.v2"))
    #expect(!Syntax.isToken(""))
    #expect(!Syntax.isToken("a b"))
  }

  @Test func `only US-ASCII letters are equal but for their case`() {
    #expect(Syntax.isEqualIgnoringCase("WebSocket", "wEBsOCKET"))
    #expect(!Syntax.isEqualIgnoringCase("websocke\u{212a}", "websockek"))
    #expect(!Syntax.isEqualIgnoringCase("[", "{"))
    #expect(!Syntax.isEqualIgnoringCase("a", "ab"))
  }
}
