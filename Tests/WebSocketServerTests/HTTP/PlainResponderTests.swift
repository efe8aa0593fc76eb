import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("HTTP on the WebSocket port", .timeLimit(.minutes(5)))
struct PlainResponderTests {
  @Test
  func `requests are answered one after the other on one connection`() async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n")
      let first = try await client.readHead()
      #expect(first.hasPrefix("HTTP/1.1 200 "))
      let body = try await client.read(try Self.length(in: first))
      #expect(String(decoding: body, as: UTF8.self).contains("WebSocket"))
      let second = try await client.readHead()
      #expect(second.hasPrefix("HTTP/1.1 404 "))
      _ = try await client.read(try Self.length(in: second))
      try await client.open()
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == [97])
    }
  }

  @Test
  func `a HEAD is answered without a body, and then the connection goes on`() async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
      let head = try await client.readHead()
      #expect(try Self.length(in: head) > 0)
      #expect(try await client.readHead() == head)
    }
  }

  @Test(arguments: [
    (Octets("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"), 200),
    (Octets("close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200),
    (Octets("PUT", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), 405),
    (Octets("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400),
  ])
  func `the connection ends where it must`(request: Octets, status: Int) async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      client.send(request.text)
      let head = try await client.readHead()
      #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
      guard status != 400 else { return }
      #expect(head.contains("Connection: close"))
      _ = try await client.read(try Self.length(in: head))
      #expect(try await client.seesOrderlyEnd())
    }
  }

  static func length(in head: String) throws -> Int {
    let line = try #require(
      head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") })
    return try #require(Int(line.dropFirst("Content-Length: ".count)))
  }
}
