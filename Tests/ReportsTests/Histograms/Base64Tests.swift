import FoundationEssentials
import Testing

@testable import Reports

@Suite("RFC 4648 §4 Base64")
struct Base64Tests {
  @Test func `it equals another implementation for every length and back`() {
    for count in 0...70 {
      let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      let text = Base64.encode(octets)
      #expect(text == Data(octets).base64EncodedString())
      #expect(Base64.decode(text) == octets)
    }
  }

  @Test(arguments: ["A", "AB", "ABC", "A===", "AB=C", "====", "ab d", "é==="])
  func `what is not Base64 is nil`(text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
