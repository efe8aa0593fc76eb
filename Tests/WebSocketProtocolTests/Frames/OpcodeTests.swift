import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.2 Opcodes")
struct OpcodeTests {
  @Test(arguments: UInt8(0)...15)
  func `an opcode is control by its top bit, and reserved by the registry`(value: UInt8) {
    let opcode = Opcode(rawValue: value)
    #expect(opcode.isControl == (value >= 8))
    #expect(opcode.isReserved == [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].contains(value))
  }

  @Test
  func `only the low four bits count`() {
    #expect(Opcode(rawValue: 0xf9) == .ping)
    #expect(Opcode.ping.description == "ping")
    #expect(Opcode(rawValue: 11).description == "reserved(11)")
  }
}
