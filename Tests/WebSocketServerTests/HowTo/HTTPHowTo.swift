import Foundation
import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on HTTP.
enum HTTPHowTo {
  static func routes(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.http.testPage("/")
    configuration.http.metricsPage("/metrics")
    configuration.http.get("/hello/:name") { request in
      .text("Hello \(request.parameters["name"] ?? "")")
    }
    configuration.http.post("/say", maximumBodyByteCount: 64 << 10) { request in
      request.server.broadcast(Message(request.text))
      return .text("\(request.body.count) octets for everybody", status: .accepted)
    }
    return configuration
  }

  static func streams(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.http.get("/clock") { _ in
      .stream(contentType: "text/plain") { writer in
        for number in 1...3 {
          try await writer.write("tick \(number)\n")
          try await Task.sleep(for: .milliseconds(10))
        }
      }
    }
    configuration.http.route(
      .put, "/sum",
      .asynchronous(maximumBodyByteCount: 1 << 30) { _, body in
        var sum = 0
        for try await piece in body { sum = piece.reduce(sum) { $0 &+ Int($1) } }
        return .text("\(sum)")
      })
    return configuration
  }

  static func files(_ given: ServerConfiguration, _ folder: String) throws -> ServerConfiguration {
    var configuration = given
    var files = try FileService(root: folder)
    files.indexFile = "index.html"
    files.cacheControl = "max-age=60"
    configuration.http.files("/static", files)
    return configuration
  }

  static func uploads(_ given: ServerConfiguration, _ folder: String) -> ServerConfiguration {
    var configuration = given
    var options = UploadOptions(folder: folder)
    options.maximumFileByteCount = 10 << 20
    options.beforeFile = { _, part in
      part.contentType == "image/png" ? .accept : .refuse(.init(.unsupportedMediaType, "only PNG"))
    }
    configuration.http.upload("/pictures", options) { _, form in
      form["picture"]?.file?.keep()
      return .text(
        "\(form["title"]?.text ?? "untitled"): \(form["picture"]?.byteCount ?? 0) octets")
    }
    return configuration
  }

  static func sessions(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    var options = SessionStore.Options()
    options.timeout = .seconds(20 * 60)
    options.ended = { session in print("session \(session.id.prefix(4))… is over") }
    configuration.http.sessions = SessionStore(options)
    configuration.http.get("/visits") { request in
      let count = (request.session?["visits"].flatMap { Int($0) } ?? 0) + 1
      request.session?["visits"] = "\(count)"
      return .text("visit \(count)")
    }
    return configuration
  }

  static func forward(_ given: ServerConfiguration, to port: UInt16) -> ServerConfiguration {
    var configuration = given
    var backend = Forwarding(to: .host("127.0.0.1", port: port))
    backend.responseTimeout = .seconds(30)
    backend.before = { request, head in
      request.path.hasPrefix("/api/internal")
        ? .respond(.text("no", status: .notFound)) : .forward(head)
    }
    backend.after = { _, head in head.fields[.server] = nil }
    configuration.http.forward("/api", to: backend)
    return configuration
  }

  static func screen(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.http.screen = { request in
      if request.path == "/health" { return .exempt }
      if request.fields[.userAgent]?.contains("BadBot") == true {
        return .respond(.text("no robots", status: .forbidden))
      }
      return .proceed
    }
    configuration.http.get("/health") { _ in .text("well") }
    return configuration
  }

  static func hosts(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    var second = HTTPService()
    second.get("/") { _ in .text("the second house") }
    configuration.http.host(["second.test", "*.second.test"], second)
    return configuration
  }
}

@Suite("How to answer HTTP", .timeLimit(.minutes(5)))
struct HTTPHowToTests {
  @Test func `all of it on one port`() async throws {
    let folder = NSTemporaryDirectory() + "howto-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("a page".utf8).write(to: URL(filePath: "\(folder)/index.html"))
    try await withServer(configure: { $0.http.get("/api/x") { _ in .text("backend") } }) {
      _, backend async throws in
      let port = try #require(backend.port)
      try await withServer(configure: { given in
        var all = HTTPHowTo.uploads(HTTPHowTo.streams(HTTPHowTo.routes(given)), folder)
        all = HTTPHowTo.screen(HTTPHowTo.hosts(HTTPHowTo.sessions(all)))
        all = (try? HTTPHowTo.files(all, folder)) ?? all
        given = HTTPHowTo.forward(all, to: port)
      }) { _, address async throws in
        let client = try await TestClient(to: address)
        #expect(try await client.ask("/hello/ann").text == "Hello ann\n")
        #expect(try await client.ask("/metrics").text.contains("gauntlet_connections_active 1\n"))
        #expect(try await client.ask("POST", "/say", body: "hi").status == 202)
        #expect(try await client.ask("/clock").text == "tick 1\ntick 2\ntick 3\n")
        #expect(try await client.ask("PUT", "/sum", body: "ab").text == "195\n")
        #expect(try await client.ask("/static/").text == "a page")
        let first = try await client.ask("/visits")
        let cookie = try #require(first["Set-Cookie"]?.split(separator: ";").first)
        #expect(try await client.ask("/visits", fields: ["Cookie: \(cookie)"]).text == "visit 2\n")
        #expect(try await client.ask("/api/x").text == "backend\n")
        let other = try await TestClient(to: address)
        #expect(try await other.ask("/api/internal").text == "no\n")
        #expect(try await client.ask("/health").text == "well\n")
        #expect(try await client.ask("/", fields: ["User-Agent: BadBot"]).status == 403)
        let form =
          "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n"
          + "Content-Type: image/png\r\n\r\n123\r\n--x--\r\n"
        let type = "Content-Type: multipart/form-data; boundary=x"
        #expect(
          try await client.ask("POST", "/pictures", fields: [type], body: form).text
            == "untitled: 3 octets\n")
        client.send("GET / HTTP/1.1\r\nHost: a.second.test\r\n\r\n")
        #expect(try await client.readReply().text == "the second house\n")
      }
    }
  }
}
