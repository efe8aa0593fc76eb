import Foundation
import Testing

@Suite("gauntlet serve", .timeLimit(.minutes(5)))
struct ServeCommandTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func `it tells its URLs when ready, and a signal ends it in order`(signal: Int32) async throws {
    try await withFolder { folder in
      let file = "\(folder)/ready"
      let server = try Subprocess([
        "serve", "--listen", "ws://127.0.0.1:0", "--listen", "wss://[::1]:0",
        "--listen", "unix:\(folder)/socket", "--tls-self-signed", "--ready-file", file,
      ])
      let urls = try await server.content(of: file).split(separator: "\n")
      #expect(urls.count == 3)
      #expect(urls[0].hasPrefix("ws://127.0.0.1:") && !urls[0].hasPrefix("ws://127.0.0.1:0/"))
      #expect(urls[1].hasPrefix("wss://[::1]:"))
      #expect(urls[2] == "wss+unix:\(folder)/socket")
      server.send(signal: signal)
      #expect(await server.exitCode() == 0)
      #expect(server.output == "listening on \(urls.joined(separator: " "))\n")
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test
  func `a port in use is said in one line, with exit code 3`() async throws {
    try await withFolder { folder in
      let file = "\(folder)/ready"
      let first = try Subprocess(["serve", "--port", "0", "--ready-file", file])
      let url = try await first.content(of: file)
      let port = try #require(url.split(separator: ":").last?.split(separator: "/").first)
      let second = try Subprocess(["serve", "--port", String(port)])
      #expect(await second.exitCode() == 3)
      #expect(second.errors.contains("127.0.0.1:\(port)"))
      #expect(second.errors.split(separator: "\n").count == 1)
      first.send(signal: SIGTERM)
      #expect(await first.exitCode() == 0)
    }
  }

  @Test(arguments: [
    (["--tls-certificate", "/none.pem", "--tls-key", "/none.pem"], Int32(3), "/none.pem"),
    (["--listen", "192.0.2.1:9001"], 3, "192.0.2.1:9001"),
    (["--listen", "nonsense"], 2, "nonsense"),
    (["--listen", "wss://127.0.0.1:0"], 2, "--tls-certificate"),
    (["--tls-key", "/none.pem"], 2, "--tls-certificate"),
    (["--tls-self-signed", "--tls-client", "required"], 2, "--tls-client-ca"),
    (["--tls-self-signed", "--tls-groups", "NOSUCH"], 3, "groups NOSUCH"),
    (["--tls-self-signed", "--tls-host", "x"], 2, "--tls-host"),
    (["--tls-security-level", "9"], 2, "--tls-security-level"),
    (["--files", "/none/files"], 3, "/none/files"),
    (["--users", "/none/users"], 3, "/none/users"),
    (["--forward", "/x=ftp://a"], 2, "--forward"),
    (["--request-rate", "0"], 2, "--request-rate"),
    (["--deflate-level", "10"], 2, "--deflate-level"),
    (["--loops", "0"], 2, "--loops"),
    (["--max-message", "big"], 2, "--max-message"),
    (["--unknown"], 2, "--unknown"),
    (["--config", "/none.json"], 2, "/none.json"),
    (["--config", "/none.json", "--port", "1"], 2, "--port and --config"),
    (["--deny", "1.2.3.4/40"], 2, "--deny: 1.2.3.4/40"),
    (["--slow-consumers", "kill"], 2, "dropOldest"),
    (["--port", "0", "--ready-file", "/none/ready"], 3, "/none/ready"),
  ])
  func `what cannot run says so`(
    arguments: [String], code: Int32, mention: String
  ) async throws {
    let server = try Subprocess(["serve"] + arguments)
    #expect(await server.exitCode() == code)
    #expect(server.errors.contains(mention), "\(server.errors)")
  }

  @Test
  func `a file says what flags say, and more`() async throws {
    try await withFolder { folder in
      try """
      {
        "listeners": [
          { "address": "127.0.0.1:0", "backlog": 64, "keepAlive": { "idle": "30s" } },
          { "host": "localhost", "service": "0", "tls": null }
        ],
        "handler": "asynchronous", "loops": 1, "delivery": "asSent",
        "limits": { "message": "64K" }, "timeouts": { "idle": 30 },
        "heartbeat": { "interval": "10s", "timeout": "5s" }, "compression": false,
        "peers": { "allow": ["127.0.0.0/8", "::1"] }, "watchdog": { "attempts": 3 }
      }
      """.write(toFile: "\(folder)/server.json", atomically: true, encoding: .utf8)
      let server = try Subprocess([
        "serve", "--config", "\(folder)/server.json", "--ready-file", "\(folder)/ready",
      ])
      let urls = try await server.content(of: "\(folder)/ready").split(separator: "\n")
      #expect(urls.count >= 2)
      let client = try Subprocess([
        "conform", "server", String(try #require(urls.first)), "--cases", "autobahn:1.1.1",
        "--out", "\(folder)/out",
      ])
      #expect(await client.exitCode() == 0, "\(client.errors)")
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test(arguments: [
    (
      "{ \"listeners\": [],\n \"limit\": 1 }",
      ":2:2: error: limit is no key; allowed here: access"
    ),
    (
      "{ \"listeners\": [{ \"address\": \"x\" }] }",
      ":1:30: error: listeners[0].address: that is no address: write 127.0.0.1"
    ),
    ("{ \"listeners\": [] }", "name at least one listener"),
    ("{\n\"limits\": { \"message\":\n \"big\" } }", ":3:2: error: limits.message: write a size"),
    (
      "{ \"heartbeat\": { \"every\": 1 } }",
      "heartbeat.every is no key; allowed here: interval, timeout"
    ),
    ("{ \"slowConsumers\": \"x\" }", "slowConsumers: write one of wait, dropOldest"),
    ("{ \"peers\": { \"deny\": [\"1.2.3.4/99\"] } }", "peers.deny: 1.2.3.4/99 is no peer"),
    ("{ \"loops\": 1, \"loops\": 2 }", "is there twice"),
    ("{ \"loops\": }", ":1:12: error:"),
  ])
  func `a mistake in the file is told with its place`(text: String, mention: String) async throws {
    try await withFolder { folder in
      let path = "\(folder)/server.json"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let server = try Subprocess(["serve", "--config", path])
      #expect(await server.exitCode() == 2)
      #expect(server.errors.hasPrefix(path) && server.errors.contains(mention), "\(server.errors)")
      #expect(server.errors.split(separator: "\n").count == 1)
    }
  }

  @Test
  func `what a file names and cannot be used is told before anything listens`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/server.json"
      let text = """
        { "listeners": [{ "address": "127.0.0.1:0" }, { "address": "127.0.0.1:0",
          "tls": { "certificate": "none.pem", "key": "none.key" } }] }
        """
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let server = try Subprocess(["serve", "--config", path, "--ready-file", "\(folder)/ready"])
      #expect(await server.exitCode() == 3)
      #expect(server.errors.hasPrefix("\(path):2:27: error: listeners[1].tls.certificate: cannot"))
      #expect(server.output.isEmpty)
    }
  }
}
