import Foundation
import HTTP
import Testing
import Transport
import WebSocketServer

@testable import gauntlet

@Suite("The example of a configuration file", .timeLimit(.minutes(5)))
struct ServeExampleTests {
  /// A server of this process, and how curl asks it.
  private struct Served {
    let folder: ServeFolder
    let addresses: [SocketAddress]
    let schemes: [String]

    /// The status and the body of a response; from the listener with TLS where `scheme` says so.
    func ask(_ path: String, _ options: String = "", scheme: String = "http") -> String {
      let secure = scheme == "https"
      let port = addresses[secure ? 1 : 0].port ?? 0
      let resolved = ["localhost", "second.test"].map { "--resolve \($0):\(port):127.0.0.1" }
      let url = path.hasPrefix("/") ? "\(scheme)://localhost:\(port)\(path)" : "\(scheme)://\(path)"
      return shell(
        "cat \(folder.path)/server.pem \(folder.path)/second.pem > \(folder.path)/trust.pem; "
          + "curl -sS -m 20 --cacert \(folder.path)/trust.pem \(resolved.joined(separator: " ")) "
          + "-w \" %{http_code}\" \(options) \"\(url.replacing(":PORT", with: ":\(port)"))\""
      ).output.replacing("\n", with: "")
    }

    /// The status of an opening handshake.
    func open(_ fields: String...) throws -> String {
      try RawClient(port: addresses[0].port ?? 0, fields: fields).status
    }
  }

  /// Serves the example as the documentation has it, but for the port of the other server.
  private func withExample(_ body: (Served) throws -> Void) async throws {
    try await withFolder { path in
      let folder = try ServeFolder(path)
      var behind = ServerConfiguration(
        listeners: [ListenerConfiguration(address: .loopback(port: 0))])
      behind.http.get("/api/hello") { _ in .text("from behind") }
      let other = WebSocketServer(configuration: behind, handler: .echo)
      try other.start()
      let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let example = try String(
        contentsOf: root.appending(path: "Documentation/serve-example.json"), encoding: .utf8)
      try folder.write(
        example.replacing(":8080", with: ":\(other.addresses[0].port ?? 0)"), to: "server.json")
      let settings = try ServeSettings(path: "\(path)/server.json")
      let server = WebSocketServer(configuration: settings.configuration, handler: .echo)
      try server.start()
      let served = Served(
        folder: folder, addresses: server.addresses, schemes: settings.schemes)
      let result = Result { try body(served) }
      await server.abort()
      await other.abort()
      try result.get()
    }
  }

  @Test func `what it says of HTTP and access is done`() async throws {
    let ann = "-u \"ann:\(ServeFolder.password)\""
    let sensor = "-H \"X-API-Key: \(ServeFolder.key)\""
    try await withExample { served in
      #expect(served.schemes == ["ws", "wss"])
      #expect(served.ask("/health") == "well 200")
      #expect(served.ask("/health", "-i").contains("no-store"))
      #expect(served.ask("/old", "-L") == "a page 200")
      #expect(served.ask("/static/", "-i").lowercased().contains("cache-control: max-age=60"))
      #expect(served.ask("/x").hasSuffix(" 401"))
      #expect(served.ask("/x", "-u ann:wrong").hasSuffix(" 401"))
      #expect(served.ask("/x", ann).hasSuffix(" 404"))
      #expect(served.ask("/", ann).contains("WebSocket test page"))
      #expect(served.ask("/api/hello", ann) == "from behind 200")
      #expect(served.ask("/x?api_key=\(ServeFolder.key)").hasSuffix(" 404"))
      let form = "-F file=@\(served.folder.path)/www/index.html"
      #expect(served.ask("/upload", "\(ann) \(form)").hasSuffix(" 403"))
      let uploaded = served.ask("/upload", "\(sensor) \(form)")
      #expect(uploaded.contains("\(served.folder.path)/uploads/upload-"), "\(uploaded)")
      let jar = "\(served.folder.path)/jar"
      let login = "-c \(jar) -d user=ann -d \"password=\(ServeFolder.password)\""
      #expect(served.ask("/login", login).hasSuffix(" 200"))
      #expect(served.ask("/x", "-b \(jar)").hasSuffix(" 404"))
      let key = "X-API-Key: \(ServeFolder.key)"
      try #expect(served.open() == "401")
      try #expect(served.open(key) == "101")
      try #expect(served.open(key, "Origin: https://a.example.org") == "101")
      try #expect(served.open(key, "Origin: https://evil.test") == "403")
    }
  }

  @Test func `what it says of TLS is done`() async throws {
    try await withExample { served in
      let ann = "-u \"ann:\(ServeFolder.password)\""
      let files = served.folder.path
      #expect(served.ask("/health", scheme: "https") == "well 200")
      #expect(served.ask("/x", scheme: "https").hasSuffix(" 401"))
      let alice = "--cert \(files)/alice.pem --key \(files)/alice.key"
      #expect(served.ask("/x", alice, scheme: "https").hasSuffix(" 404"))
      let old = "--tls-max 1.2"
      #expect(served.ask("/health", old, scheme: "https") == "well 200")
      #expect(served.ask("second.test:PORT/", ann, scheme: "https") == "the second 200")
      #expect(served.ask("second.test:PORT/", "\(ann) \(old)", scheme: "https").hasSuffix(" 000"))
      #expect(served.ask("second.test:PORT/", ann) == "the second 200")
    }
  }
}
