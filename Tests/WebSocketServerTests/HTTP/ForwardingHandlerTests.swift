import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("RFC 9110 §7.6 Forwarding, octet by octet", .timeLimit(.minutes(5)))
struct ForwardingHandlerTests {
  private static let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

  /// Runs `body` with a server that hands everything over to `origin`.
  private func withForwarding(
    to origin: OriginServer, tls: TLSContext? = nil,
    configure: @escaping (inout ServerConfiguration) -> Void = { _ in },
    _ change: @escaping (inout Forwarding) -> Void = { _ in },
    _ body: (SocketAddress) async throws -> Void
  ) async throws {
    var forwarding = Forwarding(to: .address(origin.address), tls: tls)
    change(&forwarding)
    let configured = forwarding
    try await withServer(configure: {
      configure(&$0)
      $0.http.forward("/", to: configured)
    }) { _, address in try await body(address) }
  }

  // MARK: Requests

  @Test(arguments: ["Content-Length", "content-length", "Host", "Transfer-Encoding"])
  func `a client cannot have fields removed that say where a request ends`(
    name: String
  ) async throws {
    let origin = try OriginServer { socket, _ in socket.send(Self.empty) }
    try await withForwarding(to: origin) { address in
      let client = try await TestClient(to: address)
      let hidden = "GET /hidden HTTP/1.1\r\nHost: admin\r\n\r\n"
      let reply = try await client.ask(
        "POST", "/x", fields: ["Connection: keep-alive, \(name)"], body: hidden)
      #expect(reply.status == 400)
      #expect(origin.received.all.isEmpty)
    }
  }

  @Test func `the length of a body is told as it was understood`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(Self.empty) }
    try await withForwarding(
      to: origin,
      {
        $0.before = { _, head in
          var head = head
          head.fields[.contentLength] = nil
          return .forward(head)
        }
      }
    ) { address in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("POST", "/x", body: "12345").status == 200)
      #expect(origin.text.contains("\r\nContent-Length: 5\r\n"))
      #expect(try await client.ask("POST", "/y", body: "").status == 200)
      #expect(origin.text.contains("\r\nContent-Length: 0\r\n"))
      #expect(try await client.ask("/z").status == 200)
      #expect(origin.text.ranges(of: "Content-Length").count == 2)
    }
  }

  @Test func `octets that are not UTF-8 pass as they are`() async throws {
    let origin = try OriginServer { socket, _ in
      let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Latin: caf"
      socket.write((Array(head.utf8) + [0xe9, 13, 10, 13, 10]).span)
    }
    try await withForwarding(to: origin) { address in
      let client = try await TestClient(to: address)
      client.send(
        Array("GET / HTTP/1.1\r\nHost: a\r\nX-Latin: caf".utf8) + [0xe9, 13, 10, 13, 10])
      let head = try await client.readHeadOctets() + [13, 10]
      let expected = Array("X-Latin: caf".utf8) + [0xe9, 13, 10]
      #expect(head.contains(expected))
      #expect(Array(origin.received.all.joined()).contains(expected))
    }
  }

  @Test func `those a request came by are told, the last one last`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(Self.empty) }
    try await withForwarding(to: origin) { address in
      let client = try await TestClient(to: address)
      _ = try await client.ask("/", fields: ["Via: 1.0 fred", "Via: 1.1 p.example"])
      #expect(origin.text.contains("\r\nVia: 1.0 fred, 1.1 p.example, 1.1 gauntlet\r\n"))
    }
  }

  @Test func `the host that was asked for is the one that is told`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(Self.empty) }
    try await withForwarding(to: origin, { $0.keepsHost = true }) { address in
      let client = try await TestClient(to: address)
      client.send("GET http://good/z HTTP/1.1\r\nHost: evil\r\n\r\n")
      #expect(try await client.readReply().status == 200)
      #expect(origin.text.contains("\r\nHost: good\r\n"))
      #expect(origin.text.contains("\r\nX-Forwarded-Host: good\r\n"))
      #expect(!origin.text.contains("evil"))
      client.send("GET /z HTTP/1.0\r\nX-Forwarded-Host: evil\r\n\r\n")
      #expect(try await client.readReply().status == 200)
      #expect(!origin.text.contains("evil"))
    }
  }

  // MARK: Responses

  @Test(arguments: [
    (Octets("a length", "Content-Length: 12\r\n"), "12"),
    (Octets("a length that is none", "Content-Length: +12\r\n"), nil),
    (Octets("chunks", "Transfer-Encoding: chunked\r\n"), nil), (Octets("neither", ""), nil),
  ])
  func `a response to HEAD has the length that it came with, or none`(
    fields: Octets, length: String?
  ) async throws {
    let origin = try OriginServer { socket, _ in
      socket.send("HTTP/1.1 200 OK\r\n\(fields.text)\r\n")
    }
    try await withForwarding(to: origin) { address in
      let client = try await TestClient(to: address)
      let reply = try await client.ask("HEAD", "/")
      #expect(reply.status == 200)
      #expect(reply["Content-Length"] == length)
    }
  }

  @Test(arguments: [true, false])
  func `a body that ends with the connection is whole only after a close_notify`(
    isWhole: Bool
  ) async throws {
    let origin = try OriginServer(tls: try TLSContext.selfSigned(hostNames: ["localhost"])) {
      socket, _ in
      socket.send("HTTP/1.1 200 OK\r\n\r\nthe first part")
      guard !isWhole else { return socket.close() }
      // What was sent goes out when this returns.
      socket.loop.schedule(after: .milliseconds(50)) { socket.endWithoutNotice() }
    }
    var options = TLSClientOptions()
    options.verifiesPeer = false
    try await withForwarding(to: origin, tls: try TLSContext(client: options)) { address in
      let client = try await TestClient(to: address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      if isWhole {
        #expect(try await client.readReply().text == "the first part")
      } else {
        await #expect(throws: (any Error).self) { try await client.readReply() }
      }
    }
  }

  // MARK: Tunnels

  @Test func `a tunnel whose client lagged for a while has no deadline left from that`()
    async throws
  {
    let flood = String(repeating: "x", count: 8 << 20)
    let origin = try OriginServer { socket, text in
      if text.hasPrefix("GET") { return socket.send(OriginSocket.switching) }
      socket.send(text == "flood" ? flood : text)
    }
    let forwarding = Forwarding(to: .address(origin.address))
    try await withServer(configure: {
      $0.limits.queuedOutputByteCount = 10_000
      $0.http.forward("/", to: forwarding)
    }) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.pauseReading(for: .milliseconds(400))
      client.send("flood")
      client.send(Array("meanwhile".utf8), after: .milliseconds(300))
      #expect(try await client.read(flood.utf8.count).allSatisfy { $0 == UInt8(ascii: "x") })
      #expect(try await server.ofEachConnection { $0.deadline } == [nil])
      #expect(try await client.read(9) == Array("meanwhile".utf8))
    }
  }

  @Test func `a tunnel in which nothing moves ends`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(OriginSocket.switching) }
    try await withForwarding(
      to: origin, configure: { $0.timeouts.idle = .milliseconds(300) }
    ) { address in
      let client = try await TestClient(to: address)
      try await client.open()
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test func `a tunnel in which one side speaks goes on`() async throws {
    let sockets = Record<LoopBound<OriginSocket>>()
    let origin = try OriginServer { socket, _ in
      sockets.append(LoopBound(socket, on: socket.loop))
      socket.send(OriginSocket.switching)
    }
    let forwarding = Forwarding(to: .address(origin.address))
    try await withServer(configure: {
      $0.timeouts.idle = .seconds(1000)
      $0.http.forward("/", to: forwarding)
    }) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      var deadlines = [try await server.ofEachConnection { $0.deadline }.first ?? nil]
      try await Task.sleep(for: .milliseconds(50))
      try await sockets.first { _ in true }.execute { $0.send("x") }
      _ = try await client.read(1)
      deadlines.append(try await server.ofEachConnection { $0.deadline }.first ?? nil)
      let (before, after) = (try #require(deadlines[0]), try #require(deadlines[1]))
      #expect(before < after)
    }
  }

  @Test func `a tunnel that the client has ended ends, whatever follows`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(OriginSocket.switching) }
    try await withForwarding(
      to: origin, configure: { $0.timeouts.closingHandshake = .milliseconds(200) }
    ) { address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.sendEndOfStream()
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test func `what follows an opening handshake waits until the other server has agreed`()
    async throws
  {
    let hidden = "GET /hidden HTTP/1.1\r\nHost: admin\r\n\r\n"
    let origin = try OriginServer { socket, text in
      guard text.hasPrefix("GET /ws") else { return }
      socket.loop.schedule(after: .milliseconds(100)) { socket.send(Self.empty) }
    }
    try await withForwarding(to: origin) { address in
      let client = try await TestClient(to: address)
      client.send(TestClient.request("/ws") + hidden)
      #expect(try await client.readReply().status == 200)
      #expect(!origin.text.contains("/hidden"))
    }
    let agreeing = try OriginServer { socket, text in
      if text.hasPrefix("GET /ws") {
        socket.loop.schedule(after: .milliseconds(100)) { socket.send(OriginSocket.switching) }
      } else {
        socket.send(text)
      }
    }
    try await withForwarding(to: agreeing) { address in
      let client = try await TestClient(to: address)
      client.send(TestClient.request("/ws") + "early")
      _ = try await client.readHead()
      #expect(try await client.read(5) == Array("early".utf8))
    }
  }

  @Test func `WebSockets that are handed over count among the connections`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(OriginSocket.switching) }
    try await withForwarding(
      to: origin, configure: { $0.limits.connectionCount = 1 }
    ) { address in
      let first = try await TestClient(to: address)
      try await first.open()
      let second = try await TestClient(to: address)
      second.send(TestClient.request())
      #expect(try await second.readHead().hasPrefix("HTTP/1.1 503 "))
    }
  }

  @Test func `the target's host decides who gets a WebSocket`() async throws {
    let origin = try OriginServer { socket, _ in socket.send(OriginSocket.switching) }
    let forwarding = Forwarding(to: .address(origin.address))
    try await withServer(configure: { configuration in
      var second = HTTPService()
      second.forward("/", to: forwarding)
      configuration.http.host(["second.test"], second)
    }) { _, address in
      for (target, isForwarded) in [("ws://second.test/a", true), ("http://other.test/b", false)] {
        let client = try await TestClient(to: address)
        client.send(
          TestClient.request(target).replacing(
            "Host: localhost", with: isForwarded ? "Host: other.test" : "Host: second.test"))
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 101 "))
        client.abort()
      }
      #expect(origin.text.contains("GET /a "))
      #expect(!origin.text.contains("GET /b "))
    }
  }
}
