import Testing
import WebSocketProtocol

@testable import LoadTesting

@Suite("How a server's Close reads")
struct ServerCloseTests {
  @Test(
    arguments: [
      (nil, "", "no code"), (.goingAway, "", "1001"), (.goingAway, "no", "1001 no"),
    ] as [(CloseCode?, String, String)])
  func `code and reason are said`(code: CloseCode?, reason: String, words: String) {
    let octets = Array(reason.utf8)
    #expect(ServerClose.words(code, octets.span) == "the server closed with \(words)")
  }
}
