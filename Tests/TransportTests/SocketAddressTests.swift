import Testing

@testable import Transport

@Suite("Socket addresses")
struct SocketAddressTests {
  @Test(arguments: [
    "127.0.0.1:9001", "0.0.0.0:0", "[::1]:9001", "[2001:db8::7]:65535", "unix:/run/x.socket",
    "unix:@abstract",
  ])
  func `text and address are the same`(text: String) throws {
    #expect(try SocketAddress(parsing: text).description == text)
  }

  @Test(arguments: [
    "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "localhost:80", ":80", "[::1]", "unix:",
    "unix:/\(String(repeating: "x", count: 120))",
  ])
  func `what is no address is refused with its text`(text: String) {
    #expect {
      try SocketAddress(parsing: text)
    } throws: {
      "\($0)".contains("“\(text)”") && ($0 as? TransportError)?.kind == .invalidAddress
    }
  }

  @Test func `a port can be exchanged`() throws {
    #expect(SocketAddress.loopback(port: 1).withPort(2).description == "127.0.0.1:2")
    #expect(SocketAddress.loopback6(port: 1).withPort(2).description == "[::1]:2")
    #expect(SocketAddress.unix(path: "/x").withPort(2).port == nil)
  }
}
