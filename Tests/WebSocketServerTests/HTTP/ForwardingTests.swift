import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Forwarding to another server", .timeLimit(.minutes(5)))
struct ForwardingTests {
  /// Runs `body` with a server that hands everything below `/up` over to another one.
  private func withTwo(
    _ change: @escaping (inout Forwarding) -> Void = { _ in },
    _ body: (TestClient) async throws -> Void
  ) async throws {
    try await withServer(
      .asynchronous { connection in
        try await connection.send(
          connection.request.handshake.head.fields[.init("X-Forwarded-For") ?? .via] ?? "none")
        for try await message in connection.messages { try await connection.send(message) }
      },
      configure: { configuration in
        configuration.http.get("/up/see") { request in
          .text(
            ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Connection", "X-Hop"]
              .map { name in
                HTTPField.Name(name).flatMap { request.fields[$0] } ?? "-"
              }.joined(separator: " "))
        }
        configuration.http.route(
          .post, "/up/echo",
          .asynchronous { _, body in
            ServerResponse(body: .octets(try await body.collect(upTo: 10 << 20)))
          })
        configuration.http.get("/up/stream") { _ in
          .stream(contentType: "text/plain") { writer in
            for _ in 0..<100 { try await writer.write([UInt8](repeating: 65, count: 50_000)) }
          }
        }
        configuration.http.get("/up/broken") { _ in
          .stream(contentType: "text/plain") { writer in
            try await writer.write("begun")
            throw CancellationError()
          }
        }
      }
    ) { _, upstream in
      var forwarding = Forwarding(to: .address(upstream))
      change(&forwarding)
      let configured = forwarding
      try await withServer(
        configure: { $0.http.forward("/up", to: configured) }
      ) { _, address in
        try await body(try await TestClient(to: address))
      }
    }
  }

  @Test func `requests and responses pass, their framing anew`() async throws {
    try await withTwo { client in
      let seen = try await client.ask(
        "/up/see", fields: ["Connection: X-Hop", "X-Hop: secret", "X-Forwarded-For: lie"])
      #expect(seen.text == "127.0.0.1 http localhost close -\n")
      let octets = String(repeating: "0123456789", count: 100_000)
      #expect(try await client.ask("POST", "/up/echo", body: octets).text == octets)
      client.send(
        "POST /up/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
      #expect(try await client.readReply().text == "hello world")
      #expect(try await client.ask("/up/stream").body.count == 5_000_000)
      #expect(try await client.ask("HEAD", "/up/see").status == 200)
      #expect(try await client.ask("/up/none").status == 404)
      #expect(try await client.ask("/else").status == 404)
      client.send("GET /up/broken HTTP/1.1\r\nHost: a\r\n\r\n")
      await #expect(throws: (any Error).self) { try await client.readReply() }
    }
  }

  @Test func `a WebSocket passes both ways`() async throws {
    try await withTwo { client in
      try await client.open("/up/socket")
      #expect(try await client.readFrame()?.payload == Array("127.0.0.1".utf8))
      for count in [1, 5_000, 300_000] {
        client.send(.binary, .noise(count))
        #expect(try await client.readFrame()?.payload == .noise(count))
      }
      client.send(Frame.close(.normalClosure).masked)
      #expect(try await client.readFrame()?.closeCode == .normalClosure)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test func `hooks see requests before and responses after`() async throws {
    try await withTwo({ forwarding in
      forwarding.before = { request, head in
        if request.path == "/up/secret" { return .respond(.text("no", status: .forbidden)) }
        var head = head
        head.fields[HTTPField.Name("X-Hop") ?? .via] = "added"
        return .forward(head)
      }
      forwarding.after = { _, head in head.fields[.via] = "after" }
    }) { client in
      let seen = try await client.ask("/up/see")
      #expect(seen.text.hasSuffix("added\n"))
      #expect(seen["Via"] == "after")
      #expect(try await client.ask("/up/secret").status == 403)
    }
  }

  @Test func `a server that is not there is told as 502`() async throws {
    let port = try FreePort.find()
    try await withServer(configure: {
      $0.http.forward("/", to: Forwarding(to: .address(.loopback(port: port))))
    }) { _, address in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/x").status == 502)
      let other = try await TestClient(to: address)
      other.send(TestClient.request("/x"))
      #expect(try await other.readReply().status == 502)
    }
  }
}
