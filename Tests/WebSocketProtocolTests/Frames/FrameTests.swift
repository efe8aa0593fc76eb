import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.7 Examples")
struct FrameTests {
  @Test
  func `a single unmasked text frame`() {
    #expect(Frame.text("Hello").encoded == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
  }

  @Test
  func `a single masked text frame`() {
    let frame = Frame(.text, Array("Hello".utf8), maskingKey: testKey)
    #expect(
      frame.encoded == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
  }

  @Test
  func `a fragmented unmasked text message`() {
    #expect(Frame.text("Hel", isFinal: false).encoded == [0x01, 0x03, 0x48, 0x65, 0x6c])
    #expect(Frame(.continuation, Array("lo".utf8)).encoded == [0x80, 0x02, 0x6c, 0x6f])
  }

  @Test
  func `binary messages of 256 octets and of 64 KiB`() {
    #expect(
      Frame(.binary, [UInt8](repeating: 0, count: 256)).encoded.prefix(4)
        == [0x82, 0x7e, 0x01, 0x00])
    #expect(
      Frame(.binary, [UInt8](repeating: 0, count: 65_536)).encoded.prefix(10)
        == [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0])
  }

  @Test
  func `a header may lie about the payload`() {
    var frame = Frame(.binary, [1, 2, 3], rsv: 7, lengthEncoding: .sixtyFourBit)
    frame.header.payloadLength = 1 << 63
    #expect(frame.encoded == [0xf2, 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])
  }

  @Test
  func `a close frame has a code and a reason`() {
    let frame = Frame.close(1002, reason: Array("no".utf8))
    #expect(frame.encoded == [0x88, 4, 0x03, 0xea, 0x6e, 0x6f])
    #expect(frame.closeCode == 1002)
    #expect(Frame.close(nil).encoded == [0x88, 0])
    #expect(Frame.close(nil).closeCode == nil)
  }
}
