import Testing

@testable import LoadTesting

@Suite("Numbers behind a mark")
struct MarkedNumberTests {
  @Test(
    arguments: [
      ("{\"id\":17}", 17), ("{\"id\": 17,\"x\":1}", 17), ("{\"id\":\"0042\"}", 42),
      ("\"\"id\":5", 5), ("{\"id\":}", nil), ("{\"id\":x1}", nil), ("", nil),
      ("{\"id\":18446744073709551615}", UInt64.max), ("{\"id\":18446744073709551616}", nil),
    ] as [(String, UInt64?)])
  func `the first number behind the mark is found`(text: String, number: UInt64?) {
    let octets = Array(text.utf8)
    #expect(MarkedNumber("\"id\":").find(in: octets.span) == number)
  }
}
