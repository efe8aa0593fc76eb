import HTTP
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4.2 Server-side requirements")
struct HandshakeRequestTests {
  static let lines = [
    "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
  ]

  /// The request of RFC 6455 §1.3 with other lines in the place of some, and more at its end.
  static func octets(
    _ requestLine: String = "GET /chat HTTP/1.1", replacing changes: [String: [String]] = [:],
    adding more: [String] = []
  ) -> [UInt8] {
    var all = [requestLine]
    for line in lines {
      let name = line.prefix { $0 != ":" }
      all += changes[String(name)] ?? [line]
    }
    return Array((all + more).map { $0 + "\r\n" }.joined().utf8) + [0x0d, 0x0a]
  }

  static func outcome(_ octets: [UInt8]) -> ServerHandshake.Outcome {
    var handshake = ServerHandshake()
    return handshake.receive(octets.span)
  }

  static func request(_ octets: [UInt8]) -> HandshakeRequest? {
    guard case .upgrade(let request, _) = outcome(octets) else { return nil }
    return request
  }

  static func refusal(_ octets: [UInt8]) -> HandshakeRefusal? {
    guard case .refused(let refusal, _) = outcome(octets) else { return nil }
    return refusal
  }

  @Test func `a valid request tells its parts`() throws {
    let request = try #require(
      Self.request(
        Self.octets(adding: [
          "Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat",
          "Sec-WebSocket-Protocol: v2", "Sec-WebSocket-Extensions: foo",
          "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, bar",
        ])))
    #expect(request.resourceName == "/chat")
    #expect(request.host == "server.example.com")
    #expect(request.origin == "http://example.com")
    #expect(request.key.value == "dGhlIHNhbXBsZSBub25jZQ==")
    #expect(request.subprotocols == ["chat", "superchat", "v2"])
    #expect(request.extensions.map(\.name) == ["foo", "permessage-deflate", "bar"])
    #expect(request.subprotocol(among: ["v2", "superchat"]) == "superchat")
    #expect(request.subprotocol(among: ["v1"]) == nil)
    let plain = try #require(Self.request(Self.octets()))
    #expect(plain.origin == nil && plain.subprotocols == [] && plain.extensions == [])
  }

  @Test(arguments: [
    // Item 1: GET, HTTP/1.1 or higher.
    ("POST /chat HTTP/1.1", 405), ("get /chat HTTP/1.1", 405), ("GET /chat HTTP/1.0", 505),
    ("GET /chat HTTP/2.0", 505), ("GET * HTTP/1.1", 400), ("GET example.com:80 HTTP/1.1", 400),
    ("GET ftp://example.com/ HTTP/1.1", 400), ("GET http:///chat HTTP/1.1", 400),
    ("GET http://a@b/chat HTTP/1.1", 400),
  ])
  func `item 1, the request line`(line: String, status: Int) {
    #expect(Self.refusal(Self.octets(line))?.status.code == status)
  }

  @Test(arguments: [
    ("GET /chat?a=b HTTP/1.1", "/chat?a=b"), ("GET //evil.example/ HTTP/1.1", "//evil.example/"),
    ("GET http://example.com/chat HTTP/1.1", "/chat"), ("GET HTTPS://a:1 HTTP/1.1", "/"),
    ("GET ws://a?q HTTP/1.1", "/?q"), ("GET / HTTP/1.2", "/"),
  ])
  func `item 1, the resource name`(line: String, name: String) {
    #expect(Self.request(Self.octets(line))?.resourceName == name)
  }

  @Test(
    arguments: [
      // Item 2: Host.
      ("Host", []), ("Host", ["Host: "]), ("Host", ["Host: a b"]), ("Host", ["Host: [::"]),
      ("Host", ["Host: a", "Host: a"]), ("Host", ["Host: a:b"]), ("Host", ["Host: a:99999"]),
      ("Host", ["Host: user@a"]), ("Host", ["Host: a/b"]),
      // Item 4: Connection.
      ("Connection", []), ("Connection", ["Connection: keep-alive"]),
      ("Connection", ["Connection: close, xupgrade"]),
      // Item 5: Sec-WebSocket-Key.
      ("Sec-WebSocket-Key", []), ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: "]),
      ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"]),
      ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXM="]),
      ("Sec-WebSocket-Key", [lines[3], lines[3]]),
      // Item 6: Sec-WebSocket-Version, there more than once.
      ("Sec-WebSocket-Version", [lines[4], lines[4]]),
      ("Sec-WebSocket-Version", [lines[4], "Sec-WebSocket-Version: 8"]),
    ] as [(String, [String])])
  func `a field missing, doubled or invalid is refused with 400`(name: String, with: [String]) {
    #expect(Self.refusal(Self.octets(replacing: [name: with]))?.status == .badRequest)
  }

  @Test(arguments: [[], ["Upgrade: h2c"], ["Upgrade: websocket2"], ["Upgrade: web socket"]])
  func `item 3, a request without Upgrade is told to upgrade`(lines: [String]) throws {
    let refusal = try #require(Self.refusal(Self.octets(replacing: ["Upgrade": lines])))
    #expect(refusal.status.code == 426)
    #expect(refusal.fields[.upgrade] == "websocket")
    #expect(refusal.fields[.connection] == "Upgrade")
  }

  @Test(arguments: [
    ("Upgrade", ["Upgrade: WebSocket"]), ("Upgrade", ["Upgrade: h2c, WEBSOCKET"]),
    ("Connection", ["Connection: keep-alive, uPgrade"]),
    ("Connection", ["Connection: keep-alive", "Connection: Upgrade"]),
    ("Host", ["Host: [::1]:9001"]), ("Host", ["host:a:80"]), ("Host", ["HOST: 127.0.0.1"]),
  ])
  func `names and tokens are compared without case`(name: String, lines: [String]) {
    #expect(Self.request(Self.octets(replacing: [name: lines])) != nil)
  }

  @Test(arguments: ["12", "14", "0", "-1", "13;", "13,14,15", "013", "\"13\"", "", "8, 13"])
  func `RFC 6455 §4.4 another version is answered with 13`(version: String) throws {
    let octets = Self.octets(
      replacing: ["Sec-WebSocket-Version": ["Sec-WebSocket-Version: \(version)"]])
    let refusal = try #require(Self.refusal(octets))
    #expect(refusal.status.code == 426)
    #expect(refusal.fields[.secWebSocketVersion] == "13")
    #expect(refusal.fields[.upgrade] == "websocket")
  }

  @Test func `item 6, a missing version is answered with 13 too`() throws {
    let octets = Self.octets(replacing: ["Sec-WebSocket-Version": []])
    #expect(Self.refusal(octets)?.fields[.secWebSocketVersion] == "13")
  }

  @Test(arguments: [
    "Origin: a\r\nOrigin: b", "Sec-WebSocket-Protocol: chat, chat",
    "Sec-WebSocket-Protocol: a b", "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a",
    "Sec-WebSocket-Protocol: \"a\"", "Sec-WebSocket-Extensions: a;", "Sec-WebSocket-Extensions: =",
    "Sec-WebSocket-Extensions: a; b=\"\\\\\\\\", "Content-Length: 5", "Transfer-Encoding: chunked",
    "Content-Length: 0\r\nContent-Length: 1",
  ])
  func `items 7 to 10 and a body, broken, are refused with 400`(line: String) {
    #expect(Self.refusal(Self.octets(adding: [line]))?.status == .badRequest)
  }

  @Test(arguments: [
    "Content-Length: 0", "Sec-WebSocket-Protocol: ", "Sec-WebSocket-Extensions: ,", "X-Other: 1",
    "Origin: null",
  ])
  func `what does no harm is accepted`(line: String) {
    #expect(Self.request(Self.octets(adding: [line])) != nil)
  }

  @Test func `the response of RFC 6455 §1.3`() throws {
    let request = try #require(
      Self.request(Self.octets(adding: ["Sec-WebSocket-Protocol: superchat, chat"])))
    var output: [UInt8] = []
    request.writeResponse(
      subprotocol: "chat", compression: .init(serverMaxWindowBits: 10),
      fields: [.server: "Gauntlet"], to: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
        HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Protocol: chat\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n\
        Server: Gauntlet\r\n\
        \r\n
        """)
  }
}
