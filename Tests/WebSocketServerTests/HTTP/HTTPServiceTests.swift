import HTTP
import Synchronization
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Handlers by path and method", .timeLimit(.minutes(5)))
struct HTTPServiceTests {
  private static let handlers: @Sendable (inout ServerConfiguration) -> Void = { configuration in
    configuration.http.get("/hello/:name") { .text("Hello \($0.parameters["name"] ?? "")") }
    configuration.http.post("/length", maximumBodyByteCount: 1000) {
      .text("\($0.body.count) \($0.body.first ?? 0)")
    }
    configuration.http.route(
      .put, "/sum/*",
      .asynchronous { request, body in
        var sum = 0
        var count = 0
        for try await piece in body {
          count += piece.count
          for octet in piece { sum &+= Int(octet) }
        }
        return .text("\(count) \(sum)")
      })
    configuration.http.get("/stream") { _ in
      .stream(contentType: "text/plain") { writer in
        for number in 0..<100 { try await writer.write("line \(number)\n") }
      }
    }
    configuration.http.get("/known") { _ in
      .stream(contentType: "text/plain", length: 6) { try await $0.write("sixsix") }
    }
    configuration.http.get("/broken") { _ in
      .stream(contentType: "text/plain") { writer in
        try await writer.write("begun")
        throw RequestFailure(.internalServerError, "no")
      }
    }
    configuration.http.get("/fails") { _ in throw RequestFailure(.conflict, "Not now.") }
    configuration.http.get("/crashes") { _ in throw CancellationError() }
    configuration.http.get("/empty") { _ in ServerResponse(status: .noContent) }
    configuration.http.testPage("/try")
  }

  @Test func `routes answer by path and method`() async throws {
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/hello/you%20all").text == "Hello you all\n")
      let head = try await client.ask("HEAD", "/hello/you")
      #expect(head.status == 200)
      #expect(head["Content-Length"] == "10")
      #expect(head["Date"]?.hasSuffix(" GMT") == true)
      #expect(try await client.ask("POST", "/length", body: "abc").text == "3 97\n")
      #expect(try await client.ask("/nowhere").status == 404)
      let refused = try await client.ask("DELETE", "/length")
      #expect(refused.status == 405)
      #expect(refused["Allow"] == "POST, OPTIONS")
      let options = try await client.ask("OPTIONS", "/hello/x")
      #expect(options.status == 204)
      #expect(options["Allow"] == "GET, HEAD, OPTIONS")
      #expect(try await client.ask("/fails").status == 409)
      #expect(try await client.ask("/crashes").status == 500)
      #expect(try await client.ask("/empty").status == 204)
      #expect(try await client.ask("/hello/%2e%2e").status == 400)
      let page = try await client.ask("/try")
      #expect(page.text.contains("<title>WebSocket test page</title>"))
      #expect(page["Content-Security-Policy"] != nil)
      // The connection is good for a WebSocket still.
      try await client.open()
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == [97])
    }
  }

  @Test func `a host of its own has its own routes`() async throws {
    try await withServer(configure: { configuration in
      var second = HTTPService()
      second.get("/") { _ in .text("second") }
      configuration.http.get("/") { _ in .text("first") }
      configuration.http.get("/only") { _ in .text("first") }
      configuration.http.host(["second.test", "*.second.test", "[::1]"], second)
    }) { _, address in
      let client = try await TestClient(to: address)
      for (host, target, text) in [
        ("localhost", "/", "first\n"), ("second.test", "/", "second\n"),
        ("SECOND.test:9001", "/", "second\n"), ("a.second.test", "/", "second\n"),
        ("a.b.second.test", "/", "first\n"), ("[::1]:80", "/", "second\n"),
        ("localhost", "/only", "first\n"), ("second.test", "/only", "There is nothing here.\n"),
        ("localhost", "http://second.test/", "second\n"),
      ] {
        client.send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try await client.readReply().text == text, "\(host) \(target)")
      }
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a b/..@x", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a", 400),
    ("GET / HTTP/1.1", 400), ("GET / HTTP/1.1\r\nHost:", 400),
    ("GET / HTTP/1.0\r\nHost: a\r\nHost: b", 400), ("GET / HTTP/1.0\r\nHost: a/b", 400),
    ("GET http://a@b/ HTTP/1.1\r\nHost: b", 400), ("GET http://b/ HTTP/1.1\r\nHost: a b", 400),
    ("GET / HTTP/1.0", 200), ("GET / HTTP/1.0\r\nHost: a:80", 200),
    ("GET http://b/ HTTP/1.1\r\nHost: a", 200), ("GET / HTTP/1.1\r\nHost: [::1]:9001", 200),
  ])
  func `a request names one host, or with HTTP/1.0 none`(head: String, status: Int) async throws {
    try await withServer(configure: { $0.http.get("/") { _ in .text("here") } }) { _, address in
      let client = try await TestClient(to: address)
      client.send(head + "\r\n\r\n")
      #expect(try await client.readReply().status == status)
    }
  }

  @Test func `a response that begins before the request ends is not broken into`() async throws {
    let piece = [UInt8](repeating: 65, count: 8 << 20)
    try await withServer(configure: { configuration in
      configuration.timeouts.openingHandshake = .seconds(1000)
      configuration.limits.queuedOutputByteCount = 10_000
      configuration.http.route(
        .post, "/early",
        .asynchronous { _, _ in
          .stream(contentType: "text/plain") { writer in
            try await writer.write(piece)
            // Until the connection ends.
            while true { try await Task.sleep(for: .milliseconds(20)) }
          }
        })
    }) { server, address in
      let client = try await TestClient(to: address)
      client.pauseReading(for: .milliseconds(400))
      client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789")
      _ = try await client.readHead()
      #expect(try await client.read(8) == Array("800000\r\n".utf8))
      #expect(try await client.read(piece.count) == piece)
      #expect(try await client.read(2) == Array("\r\n".utf8))
      // It is the request's again, no more the one of output that nobody takes.
      let end = ContinuousClock.now + .seconds(500)
      #expect(try await server.ofEachConnection { $0.deadline ?? end }.allSatisfy { $0 < end })
      _ = try await server.ofEachConnection { $0.deadlineReached() }
      await #expect(throws: (any Error).self) { try await client.read(1) }
    }
  }

  @Test func `chunked bodies and large ones arrive whole`() async throws {
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      client.send(
        "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "2\r\nab\r\n1;x\r\nc\r\n0\r\nT: v\r\n\r\nGET /hello/next HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.readReply().text == "3 97\n")
      #expect(try await client.readReply().text == "Hello next\n")
      let octets = [UInt8].noise(3_000_000)
      let sum = octets.reduce(0) { $0 &+ Int($1) }
      client.send("PUT /sum/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: \(octets.count)\r\n\r\n")
      client.send(octets)
      #expect(try await client.readReply().text == "3000000 \(sum)\n")
    }
  }

  @Test func `a client that expects 100 is told to go on`() async throws {
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      client.send(
        "POST /length HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(try await client.readHead() == "HTTP/1.1 100 Continue")
      client.send("xy")
      #expect(try await client.readReply().text == "2 120\n")
      client.send(
        "POST /length HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n")
      #expect(try await client.readReply().status == 413)
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test(arguments: [
    (Octets("two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400),
    (
      Octets("both framings", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400
    ),
    (Octets("unknown coding", "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501),
    (Octets("bad chunk", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 400),
    (
      Octets(
        "too long in chunks",
        "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + String(repeating: "x", count: 2000)), 413
    ),
  ])
  func `a malformed body ends the connection`(request: Octets, status: Int) async throws {
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      client.send("POST /length HTTP/1.1\r\nHost: a\r\n" + request.text)
      let reply = try await client.readReply()
      #expect(reply.status == status)
      #expect(reply["Connection"] == "close")
      #expect(try await client.seesOrderlyEnd())
    }
  }

  @Test func `what a client sends ahead is answered in order`() async throws {
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      let names = (0..<300).map { "\($0)" }
      client.send(
        names.map { name in
          name.hasSuffix("7")
            ? "PUT /sum/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\u{1}"
            : "GET /hello/\(name) HTTP/1.1\r\nHost: a\r\n\r\n"
        }.joined())
      for name in names {
        let text = try await client.readReply().text
        #expect(text == (name.hasSuffix("7") ? "1 1\n" : "Hello \(name)\n"))
      }
    }
  }

  @Test func `a stream comes in chunks, or to the end of the connection`() async throws {
    let expected = (0..<100).map { "line \($0)\n" }.joined()
    try await withServer(configure: Self.handlers) { _, address in
      let client = try await TestClient(to: address)
      let reply = try await client.ask("/stream")
      #expect(reply["Transfer-Encoding"] == "chunked")
      #expect(reply.text == expected)
      #expect(try await client.ask("/known").text == "sixsix")
      client.send("GET /stream HTTP/1.0\r\n\r\n")
      let old = try await client.readReply()
      #expect(old["Transfer-Encoding"] == nil)
      #expect(old.text == expected)
      let broken = try await TestClient(to: address)
      broken.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
      await #expect(throws: (any Error).self) { try await broken.readReply() }
    }
  }

  @Test func `a response may be written while the request is read, and ends with the connection`()
    async throws
  {
    let (endings, ended) = AsyncStream.makeStream(of: Bool.self)
    let configure: @Sendable (inout ServerConfiguration) -> Void = { configuration in
      configuration.http.route(
        .put, "/echo",
        .asynchronous { _, body in
          .stream(contentType: "text/plain") { writer in
            do {
              for try await piece in body { try await writer.write(piece) }
              ended.yield(true)
            } catch {
              ended.yield(false)
              throw error
            }
          }
        })
    }
    try await withServer(configure: configure) { _, address in
      var ending = endings.makeAsyncIterator()
      for isWhole in [true, false] {
        let client = try await TestClient(to: address)
        client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        _ = try await client.readHead()
        if isWhole { client.send("def") } else { client.abort() }
        #expect(await ending.next() == isWhole)
        if isWhole { client.abort() }
      }
    }
  }

  @Test func `a stream waits for a client that does not read`() async throws {
    let written = Mutex(0)
    try await withServer(configure: { configuration in
      configuration.limits.queuedOutputByteCount = 100_000
      configuration.http.get("/flood") { _ in
        .stream(contentType: "application/octet-stream", length: 64 << 20) { writer in
          for _ in 0..<1024 {
            try await writer.write([UInt8](repeating: 7, count: 64 << 10))
            written.withLock { $0 += 1 }
          }
        }
      }
    }) { _, address in
      let client = try await TestClient(to: address)
      client.pauseReading()
      client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
      var last = -1
      while written.withLock({ $0 }) != last || last == 0 {
        last = written.withLock { $0 }
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(last < 512)
      client.resumeReading()
      _ = try await client.readHead()
      let octets = try await client.read(64 << 20)
      #expect(octets.allSatisfy { $0 == 7 })
    }
  }

  @Test func `a hook sees every request first`() async throws {
    try await withServer(configure: { configuration in
      Self.handlers(&configuration)
      configuration.http.screen = { request in
        request.fields[.userAgent] == "bad"
          ? .respond(.text("Go away.", status: .forbidden)) : .proceed
      }
    }) { _, address in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/hello/a").status == 200)
      #expect(try await client.ask("/hello/a", fields: ["User-Agent: bad"]).status == 403)
      client.send(TestClient.request(fields: ["User-Agent: bad"]))
      #expect(try await client.readReply().text == "Go away.\n")
      #expect(try await client.seesOrderlyEnd())
    }
  }
}
