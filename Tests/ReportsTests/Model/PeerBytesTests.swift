import Testing

@testable import Reports

@Suite("What a peer sent, as text")
struct PeerBytesTests {
  @Test func `well-formed UTF-8 stays and the rest becomes visible`() {
    #expect(String(peerOctets: Array("κόσμε 😀\r\n\u{0}".utf8)) == "κόσμε 😀\r\n\u{0}")
    #expect(String(peerOctets: [0x61, 0xFF, 0x62]) == "a\\xffb")
    #expect(String(peerOctets: [0xC0, 0x80]) == "\\xc0\\x80")
    #expect(String(peerOctets: [0xED, 0xA0, 0x80]) == "\\xed\\xa0\\x80")
    #expect(String(peerOctets: [0xF4, 0x90, 0x80, 0x80]) == "\\xf4\\x90\\x80\\x80")
    #expect(String(peerOctets: [0xE2, 0x82]) == "\\xe2\\x82")
  }

  @Test func `it agrees with the standard library on every pair and many quadruples`() {
    for first in 0x80...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let octets = [first, second, 0x80, 0x80]
        let isValid = String(validating: octets, as: UTF8.self) != nil
        #expect(isValid == !String(peerOctets: octets).contains("\\x"))
      }
    }
  }

  @Test func `hexadecimal converts both ways`() {
    let bytes = PeerBytes(Array(UInt8.min...UInt8.max))
    #expect(PeerBytes(hexadecimal: bytes.hexadecimal) == bytes)
    #expect(PeerBytes(hexadecimal: bytes.hexadecimal.uppercased()) == bytes)
    #expect(PeerBytes(hexadecimal: "0") == nil)
    #expect(PeerBytes(hexadecimal: "0g") == nil)
  }
}
