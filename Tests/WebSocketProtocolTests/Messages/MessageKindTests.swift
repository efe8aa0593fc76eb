import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.6 Data frames")
struct MessageKindTests {
  @Test
  func `a kind is the opcode of its first frame`() {
    #expect(MessageKind.text.opcode == .text)
    #expect(MessageKind.binary.opcode == .binary)
  }
}
