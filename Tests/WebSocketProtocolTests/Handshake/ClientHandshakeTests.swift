import HTTP
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4.1 Client requirements")
struct ClientHandshakeTests {
  static let key = HandshakeKey(octets: Array("the sample nonce".utf8))
  static let lines = [
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  static func handshake(
    subprotocols: [String] = ["chat", "superchat"],
    compression: [PerMessageDeflate.Offer] = [.init(serverMaxWindowBits: 10), .init()]
  ) throws -> ClientHandshake {
    ClientHandshake(
      url: try WebSocketURL("ws://server.example.com/chat"), key: key, subprotocols: subprotocols,
      compression: compression)
  }

  static func outcome(
    _ lines: [String], of handshake: ClientHandshake
  ) -> ClientHandshake.Outcome {
    var handshake = handshake
    let octets = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    return handshake.receive(octets.span)
  }

  static func failure(_ lines: [String]) throws -> HandshakeFailure? {
    guard case .failed(let failure) = outcome(lines, of: try handshake()) else { return nil }
    return failure
  }

  static func established(
    adding more: [String] = [], to lines: [String] = lines
  ) throws -> ClientHandshake.Established? {
    guard case .established(let result, _) = outcome(lines + more, of: try handshake()) else {
      return nil
    }
    return result
  }

  @Test func `the request is the one of RFC 6455 §1.3`() throws {
    let handshake = ClientHandshake(
      url: try WebSocketURL("wss://server.example.com:444/chat?x"), key: Self.key,
      subprotocols: ["chat", "superchat"], compression: [.init()],
      fields: [.origin: "http://example.com"])
    var output: [UInt8] = []
    handshake.writeRequest(to: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
        GET /chat?x HTTP/1.1\r\n\
        Host: server.example.com:444\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
        Origin: http://example.com\r\n\
        \r\n
        """)
  }

  @Test func `a caller's Host takes the place of the URL's`() throws {
    let handshake = ClientHandshake(
      url: try WebSocketURL("ws://127.0.0.1:9001/"), key: Self.key, fields: [.http1Host: "other"])
    #expect(handshake.request.fields[values: .http1Host] == ["other"])
  }

  @Test func `our server accepts our client's request`() throws {
    var request: [UInt8] = []
    var client = try Self.handshake()
    client.writeRequest(to: &request)
    let accepted = try #require(HandshakeRequestTests.request(request))
    let compression = try #require(
      PerMessageDeflate.accept(accepted.extensions, policy: .init(serverMaxWindowBits: 8)))
    var response: [UInt8] = []
    accepted.writeResponse(
      subprotocol: "superchat", compression: compression.response, to: &response)
    guard case .established(let result, let byteCount) = client.receive(response.span) else {
      Issue.record("not established")
      return
    }
    #expect(byteCount == response.count)
    #expect(result.subprotocol == "superchat")
    #expect(result.compression == compression.agreement)
    #expect(result.compression?.serverMaxWindowBits == 8)
  }

  @Test func `cut anywhere the response is the same and glued frames stay`() throws {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
    let response = interim + Self.lines.joined(separator: "\r\n") + "\r\n\r\n"
    let frame: [UInt8] = [0x81, 0x01, 0x41]
    let octets = Array(response.utf8) + frame
    for split in 0...octets.count {
      var handshake = try Self.handshake()
      var leftover: [UInt8] = []
      var isOpen = false
      for part in [0..<split, split..<octets.count] {
        guard !isOpen else {
          leftover += octets[part]
          continue
        }
        switch handshake.receive(octets.span.extracting(part)) {
        case .needsMore: break
        case .established(_, let byteCount):
          isOpen = true
          leftover += octets[part].dropFirst(byteCount)
        case .failed(let failure): Issue.record("\(failure), split at \(split)")
        }
      }
      #expect(isOpen)
      #expect(leftover == frame)
    }
  }

  @Test(arguments: [200, 301, 400, 401, 403, 426, 500, 503])
  func `item 1, another status is no connection`(status: Int) throws {
    let failure = try Self.failure(["HTTP/1.1 \(status) Some", "Location: ws://other/"])
    guard case .refused(let head) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(head.status.code == status)
    #expect(head.fields[.location] == "ws://other/")
    #expect(failure?.description == "the server answered \(status) Some instead of 101")
  }

  @Test(
    arguments: [
      (1, []), (1, ["Upgrade: h2c"]), (1, ["Upgrade: websocket, h2c"]), (1, [lines[1], lines[1]]),
      (2, []), (2, ["Connection: close"]),
      (3, []), (3, ["Sec-WebSocket-Accept: "]), (3, [lines[3], lines[3]]),
      (3, ["Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="]),
      (3, ["Sec-WebSocket-Accept: \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\""]),
    ] as [(Int, [String])])
  func `items 2 to 4, a field missing, doubled or wrong`(index: Int, lines: [String]) throws {
    var response = Self.lines
    response.replaceSubrange(index...index, with: lines)
    let expected: [HandshakeFailure] = [.invalidUpgrade, .invalidConnection, .invalidAccept]
    #expect(try Self.failure(response) == expected[index - 1])
  }

  @Test(arguments: [
    (1, "upgrade:  WebSocket "), (2, "Connection: keep-alive, upgrade"),
    (3, "sec-websocket-accept:\ts3pPLMBiTxaQ9kYGzzhZRbK+xOo= "), (0, "HTTP/1.1 101"),
    (0, "HTTP/1.1 101 Web Socket Protocol Handshake"),
  ])
  func `case and white space do not matter`(index: Int, line: String) throws {
    var response = Self.lines
    response[index] = line
    #expect(try Self.established(to: response) != nil)
  }

  @Test(arguments: [
    "foo", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16", "permessage-deflate; client_max_window_bits",
    "permessage-deflate, permessage-deflate", "permessage-deflate, foo", "permessage-deflate;",
    "permessage-deflate; server_max_window_bits=", "permessage-deflate; server_max_window_bits=08",
    "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
  ])
  func `item 5, extensions that do not answer the offer`(value: String) throws {
    let response = Self.lines + ["Sec-WebSocket-Extensions: \(value)"]
    #expect(try Self.failure(response) == .invalidExtensions(value))
  }

  @Test func `item 5, an extension that nobody offered`() throws {
    let outcome = Self.outcome(
      Self.lines + ["Sec-WebSocket-Extensions: permessage-deflate"],
      of: try Self.handshake(compression: []))
    guard case .failed(.invalidExtensions) = outcome else {
      Issue.record("accepted")
      return
    }
  }

  @Test(arguments: ["Chat", "other", "chat, superchat", "", "chat\r\nSec-WebSocket-Protocol: chat"])
  func `item 6, a subprotocol that was not offered, or several`(value: String) throws {
    let response = Self.lines + ["Sec-WebSocket-Protocol: \(value)"]
    guard case .invalidSubprotocol = try Self.failure(response) else {
      Issue.record("accepted")
      return
    }
  }

  @Test func `the choice of the server is reported`() throws {
    let result = try #require(
      try Self.established(adding: [
        "Sec-WebSocket-Protocol: superchat",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8",
      ]))
    #expect(result.subprotocol == "superchat")
    #expect(result.compression == .init(clientMaxWindowBits: 8))
    #expect(result.head.status.code == 101)
    let plain = try #require(try Self.established())
    #expect(plain.subprotocol == nil && plain.compression == nil)
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.0 101 Switching Protocols\r\n\r\n", "HTTP/2.0 101 x\r\n\r\n",
    "HTTP/1.1 101 x\nUpgrade: websocket\n\n", "\u{15}\u{3}\u{1}",
  ])
  func `what is not HTTP is no connection`(text: String) throws {
    var handshake = try Self.handshake()
    guard case .failed(.unreadable) = handshake.receive(Array(text.utf8).span) else {
      Issue.record("accepted")
      return
    }
  }

  @Test func `a response without end is stopped`() throws {
    for portion in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 x", "a: b\r\n"] {
      var handshake = try Self.handshake()
      var octets = Array(portion.utf8)
      if portion.hasPrefix("a") {
        _ = handshake.receive(Array("HTTP/1.1 101 x\r\n".utf8).span)
      }
      var byteCount = 0
      while case .needsMore = handshake.receive(octets.span), byteCount < 1 << 20 {
        byteCount += octets.count
        if portion.hasSuffix("x") {
          octets = Array(repeating: 0x78, count: 100)
        }
      }
      #expect(byteCount <= 64 << 10)
    }
  }
}
