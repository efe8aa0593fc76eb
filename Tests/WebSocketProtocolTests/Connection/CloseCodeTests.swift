import Testing
import WebSocketProtocol

@Suite("RFC 6455 §7.4 Status codes")
struct CloseCodeTests {
  @Test
  func `exactly the defined codes and the ranges of §7_4_2 may be on the wire`() {
    let permitted = Set(1000...1003).union(1007...1014).union(3000...4999)
    for value in UInt16.min...UInt16.max {
      #expect(CloseCode(rawValue: value).isPermittedOnWire == permitted.contains(Int(value)))
    }
  }

  @Test
  func `a code is written as its number`() {
    #expect(CloseCode.goingAway.description == "1001")
    #expect(CloseCode(integerLiteral: 3000) == .unauthorized)
  }
}
