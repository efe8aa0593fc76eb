import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("RFC 6455 §4.2 Server-side requirements", .timeLimit(.minutes(5)))
struct OpeningTests {
  static let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
  static let long = String(repeating: "x", count: 20_000)

  @Test
  func `the answer proves that the key was read`() async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      let head = try await client.open("/chat?room=1")
      #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }
  }

  @Test(arguments: [
    (Octets("POST", "POST / HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n"), 405),
    (Octets("no version", "GET / HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n"), 426),
    (
      Octets(
        "version 8",
        "GET / HTTP/1.1\r\nHost: a\r\n" + upgrade + "Sec-WebSocket-Version: 8\r\n"
          + "Sec-WebSocket-Key: \(TestClient.key)\r\n\r\n"), 426
    ),
    (
      Octets(
        "short key",
        "GET / HTTP/1.1\r\nHost: a\r\n" + upgrade + "Sec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: short\r\n\r\n"), 400
    ),
    (Octets("no Host", "GET / HTTP/1.1\r\n" + upgrade + "\r\n"), 400),
    (Octets("nonsense", "nonsense\r\n\r\n"), 400),
    (Octets("HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n"), 505),
    (Octets("long field", "GET / HTTP/1.1\r\nHost: a\r\nX: " + long + "\r\n\r\n"), 431),
    (Octets("long target", "GET /" + long + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
  ])
  func `what breaks a rule is refused with its status`(
    request: Octets, status: Int
  ) async throws {
    try await withServer { _, address in
      let client = try await TestClient(to: address)
      client.send(request.text)
      let head = try await client.readHead()
      #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
      if status == 426 { #expect(head.contains("Sec-WebSocket-Version: 13")) }
    }
  }

  @Test
  func `a request that does not come in time is answered with 408`() async throws {
    try await withServer(configure: { $0.timeouts.openingHandshake = .milliseconds(100) }) {
      _, address in
      let client = try await TestClient(to: address, sending: "GET / HTTP/1.1\r\nHost:")
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 408 "))
      let silent = try await TestClient(to: address)
      #expect(try await silent.seesOrderlyEnd())
    }
  }

  @Test
  func `the server's preferred common subprotocol is answered`() async throws {
    try await withServer(configure: { $0.subprotocols = ["chat", "echo"] }) { _, address in
      let client = try await TestClient(to: address)
      let head = try await client.open(fields: ["Sec-WebSocket-Protocol: other, echo"])
      #expect(head.contains("Sec-WebSocket-Protocol: echo"))
      let none = try await TestClient(to: address)
      #expect(try await !none.open().contains("Sec-WebSocket-Protocol"))
    }
  }

  @Test
  func `the application may refuse and may add fields`() async throws {
    let factory = HandlerFactory { request in
      request.handshake.resourceName == "/private"
        ? .refuse(HandshakeRefusal(.forbidden, "no"))
        : .accept(EchoHandler(), fields: [.setCookie: "a=b"])
    }
    try await withServer(factory) { _, address in
      let refused = try await TestClient(to: address)
      refused.send(TestClient.request("/private"))
      #expect(try await refused.readHead().hasPrefix("HTTP/1.1 403 "))
      #expect(try await refused.read(3) == Array("no\n".utf8))
      #expect(try await refused.seesOrderlyEnd())
      let client = try await TestClient(to: address)
      #expect(try await client.open().contains("Set-Cookie: a=b"))
    }
  }

  @Test
  func `compression is declined where the policy has none`() async throws {
    try await withServer(configure: { $0.compression = nil }) { _, address in
      let client = try await TestClient(to: address)
      let head = try await client.open(fields: ["Sec-WebSocket-Extensions: permessage-deflate"])
      #expect(!head.contains("Sec-WebSocket-Extensions"))
    }
  }

  @Test
  func `connections over the limit are told so`() async throws {
    try await withServer(configure: { $0.limits.connectionCount = 2 }) { _, address in
      let first = try await TestClient(to: address)
      try await first.open()
      let second = try await TestClient(to: address)
      try await second.open()
      let third = try await TestClient(to: address)
      third.send(TestClient.request())
      #expect(try await third.readHead().hasPrefix("HTTP/1.1 503 "))
      first.send(.text, [97])
      #expect(try await first.readFrame()?.payload == [97])
    }
  }
}
