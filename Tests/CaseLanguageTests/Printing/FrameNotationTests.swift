import CaseLanguage
import Testing
import WebSocketProtocol

@Suite("Frames in transcripts")
struct FrameNotationTests {
  @Test func `a frame is written as a step`() {
    func line(
      _ opcode: Opcode, _ payload: [UInt8], fin: Bool = true, rsv: UInt8 = 0
    ) -> String {
      FrameNotation(.sent, opcode, isFinal: fin, rsv: rsv, payload: payload).description
    }
    #expect(line(.text, Array("Hello".utf8), fin: false, rsv: 2) == #"> text "Hello" fin=0 rsv=2"#)
    #expect(line(.close, []) == "> close")
    #expect(line(.close, [0x03, 0xe8]) == "> close 1000")
    #expect(line(.close, [0x03, 0xe8] + Array("bye".utf8)) == #"> close 1000 "bye""#)
    #expect(line(.close, [0x03]) == "> frame close hex:03")
    #expect(line(.close, [], rsv: 7) == "> frame close rsv=7")
    #expect(line(Opcode(rawValue: 11), []) == "> frame 11")
    let header = FrameHeader(opcode: .ping, payloadLength: 1, lengthEncoding: .sixteenBit)
    let odd = FrameNotation(.received, header, excerpt: [0x78]).description
    #expect(odd == #"< ping "x" length=16bit"#)
    #expect(line(.binary, [0x00, 0xff, 0xfe, 1, 2]) == "> binary hex:00fffe01 02")
  }

  @Test func `what a peer sent cannot harm a terminal`() {
    let notation = FrameNotation(.received, .text, payload: Array("\u{1b}[31m\u{202e}x".utf8))
    #expect(notation.description == #"< text "\x1b[31m\u{202e}x""#)
  }

  @Test func `long payloads are cut, between code points`() {
    let header = FrameHeader(
      opcode: .text, maskingKey: MaskingKey(0x0a, 0x0b, 0x0c, 0x0d), payloadLength: 1001)
    let octets = Array(("a" + String(repeating: "κ", count: 500)).utf8)
    let line = FrameNotation(.sent, header, excerpt: octets).description
    let text = "a" + String(repeating: "κ", count: 31)
    #expect(line == "> text \"\(text)\"  # 1001 octets, the first are shown; mask 0a0b0c0d")
  }

  @Test func `a line can be pasted into a case`() throws {
    for payload in [[], [0x03], [0x03, 0xe9], [0x03, 0xe9, 0x33], [0x03, 0xe9, 0xff]] as [[UInt8]] {
      let line = FrameNotation(.sent, .close, payload: payload).description
      switch try oneCase(line).steps[0] {
      case .close(let close): #expect(close.payload.bytes() == payload)
      case .frame(let frame): #expect(frame.payload.bytes() == payload)
      default: Issue.record("\(line)")
      }
    }
  }
}
