import ArgumentParser
import Foundation
import Testing

@testable import gauntlet

@Suite("What flags of gauntlet serve do", .timeLimit(.minutes(5)))
struct ServeFlagsTests {
  /// Runs `body` with a server and the port of its first listener.
  private func withServer(
    _ flags: [String], _ body: (_ port: UInt16, _ folder: String) async throws -> Void
  ) async throws {
    try await withFolder { folder in
      let flags = flags.map { $0.replacing("FOLDER", with: folder) }
      let server = try Subprocess(["serve", "--ready-file", "\(folder)/ready"] + flags)
      let urls = try await server.content(of: "\(folder)/ready")
      let port = try #require(urls.split(separator: ":").last.map { $0.prefix { $0.isNumber } })
      try await body(try #require(UInt16(port)), folder)
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test func `a broadcast reaches everyone, its author too`() async throws {
    try await withServer(["--port", "0", "--broadcast"]) { port, _ in
      let (first, second) = (try RawClient(port: port), try RawClient(port: port))
      first.send([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
      for client in [first, second] { #expect(client.read(4) == [0x81, 2, 0x68, 0x69]) }
    }
  }

  @Test func `a server that works on each message echoes all the same`() async throws {
    try await withServer(["--port", "0", "--work", "20us"]) { port, _ in
      let client = try RawClient(port: port)
      client.send([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
      #expect(client.read(4) == [0x81, 2, 0x68, 0x69])
    }
    let settings = try ServeSettings(flags: ServeCommand.parse(["--work", "500ns"]).members)
    #expect(settings.echo == .working(.nanoseconds(500)))
    for flags in [["--work", "2s"], ["--work", "1us", "--async"]] {
      #expect(throws: (any Error).self) {
        try ServeSettings(flags: ServeCommand.parse(flags).members)
      }
    }
  }

  @Test func `a heartbeat pings who is silent, and ends who does not answer`() async throws {
    let flags = ["--port", "0", "--heartbeat", "100ms", "--heartbeat-timeout", "200ms"]
    try await withServer(flags) { port, _ in
      let client = try RawClient(port: port)
      let ping = try #require(client.read(2))
      #expect(ping[0] == 0x89)
      // What else comes before the end does not matter: further pings, a Close.
      while client.read(1) != nil {}
    }
  }

  @Test func `SIGUSR2 restarts at the same port`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
      let text = try #require(url.split(separator: ":").last).prefix { $0.isNumber }
      let port = try #require(UInt16(text))
      let client = try RawClient(port: port)
      server.send(signal: SIGUSR2)
      // Close 1001 with a reason, which is answered; then the end.
      let head = try #require(client.read(2))
      #expect(head[0] == 0x88)
      #expect(client.read(Int(head[1]))?.prefix(2) == [0x03, 0xe9])
      client.send([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9])
      #expect(client.read(1) == nil)
      let end = ContinuousClock.now + .seconds(30)
      while !server.errors.contains("restarted"), ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(try RawClient(port: port).status == "101")
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test func `the secrets of TLS go to a file that nobody else may read`() async throws {
    let flags = [
      "--listen", "wss://127.0.0.1:0", "--tls-self-signed", "--tls-key-log", "FOLDER/keys",
    ]
    try await withServer(flags) { port, folder in
      #expect(shell("curl -sSk https://127.0.0.1:\(port)/ -o \(folder)/page").status == 0)
      let lines = try String(contentsOfFile: "\(folder)/keys", encoding: .utf8)
      #expect(lines.contains("SERVER_TRAFFIC_SECRET_0 "), "\(lines)")
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/keys")[
        .posixPermissions]
      #expect(mode as? Int == 0o600)
    }
  }
}
