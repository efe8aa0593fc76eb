import Foundation
import Testing

@Suite("gauntlet capacity", .timeLimit(.minutes(5)))
struct CapacityCommandTests {
  /// Searches on a server of ours.
  private func search(
    server flags: [String], _ arguments: [String]
  ) async throws -> (code: Int32, process: Subprocess) {
    var result: (Int32, Subprocess)?
    try await withFolder { folder in
      let server = try Subprocess(
        ["serve", "--port", "0", "--ready-file", "\(folder)/ready"] + flags)
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let process = try Subprocess(["capacity", url, "--drain", "5s"] + arguments)
      result = (await process.exitCode(), process)
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
    return try #require(result)
  }

  @Test func `the connections that a server takes are counted`() async throws {
    try await withFolder { folder in
      let (code, process) = try await search(
        server: ["--max-connections", "23"],
        [
          "--by", "connections", "--slo", "connected=100%", "--warmup", "0s", "--duration", "50ms",
          "--out", folder,
        ])
      #expect(code == 0, "\(process.errors)")
      #expect(process.output.contains("capacity  23 connections with connected=100%"))
      #expect(process.output.contains("gave out  the server's readiness to take connections"))
      let data = try Data(contentsOf: URL(filePath: "\(folder)/run.json"))
      let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let capacity = try #require(run["capacity"] as? [String: Any])
      #expect(capacity["capacity"] as? Double == 23 && capacity["high"] as? Double == 24)
    }
  }

  @Test func `a limit that is carried is said, and one that never is fails`() async throws {
    let short = ["--warmup", "0s", "--duration", "100ms", "--size", "20", "--connections", "2"]
    let easy = try await search(
      server: [], short + ["--slo", "p50<30s", "--from", "20", "--to", "40", "--confirm", "1"])
    #expect(easy.code == 0, "\(easy.process.output)")
    #expect(easy.process.output.contains("capacity  at least 40 messages/s with p50<30s"))
    let hopeless = try await search(
      server: ["--reply-delay", "20ms"],
      short + ["--slo", "p50<10ms", "--from", "40", "--confirm", "1"])
    #expect(hopeless.code == 1)
    #expect(hopeless.process.output.contains("not even the least load met p50<10ms"))
  }

  @Test func `nobody there and nonsense are told apart`() async throws {
    let nobody = try Subprocess(["capacity", "ws://127.0.0.1:1/", "--slo", "p99<1s"])
    #expect(await nobody.exitCode() == 3)
    #expect(nobody.errors.contains("refused"))
    let nonsense = try Subprocess([
      "capacity", "ws://127.0.0.1:1/", "--slo", "p99<1s", "--from", "10", "--to", "5",
    ])
    #expect(await nonsense.exitCode() == 2)
    #expect(nonsense.errors.contains("the search begins at 1 or more and ends at no less"))
  }

  @Test func `a fan-out is carried as long as it reaches all`() async throws {
    let (code, process) = try await search(
      server: ["--broadcast"],
      [
        "--publishers", "1", "--connections", "4", "--from", "20", "--to", "20", "--size", "50",
        "--warmup", "0s", "--duration", "100ms", "--slo", "reach=100%,p50<30s",
      ])
    #expect(code == 0, "\(process.output)\(process.errors)")
    #expect(process.output.contains("capacity  at least 20 messages/s with reach=100%"))
    let wrong = try Subprocess([
      "capacity", "ws://127.0.0.1:1/", "--slo", "reach=100%", "--by", "connections",
      "--publishers", "1",
    ])
    #expect(await wrong.exitCode() == 2)
    #expect(wrong.errors.contains("a fan-out publishes at a rate"), "\(wrong.errors)")
  }
}
