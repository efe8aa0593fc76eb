import Foundation
import Testing

@Suite("gauntlet serve", .timeLimit(.minutes(2)))
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
    (["--deflate-level", "10"], 2, "--deflate-level"),
    (["--loops", "0"], 2, "--loops"),
    (["--max-message", "big"], 2, "--max-message"),
    (["--unknown"], 2, "--unknown"),
    (["--port", "0", "--ready-file", "/none/ready"], 3, "/none/ready"),
  ])
  func `what cannot run says so`(
    arguments: [String], code: Int32, mention: String
  ) async throws {
    let server = try Subprocess(["serve"] + arguments)
    #expect(await server.exitCode() == code)
    #expect(server.errors.contains(mention), "\(server.errors)")
  }
}
