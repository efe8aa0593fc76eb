import Foundation
import Testing

@Suite("gauntlet sweep", .timeLimit(.minutes(5)))
struct SweepCommandTests {
  private static let short = [
    "--connections", "2", "--warmup", "0s", "--duration", "100ms", "--size", "2K",
  ]

  @Test func `what compression gains stands beside what it costs`() async throws {
    try await withFolder { folder in
      let server = try Subprocess([
        "serve", "--port", "0", "--deflate", "--ready-file", "\(folder)/ready",
      ])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let process = try Subprocess(
        [
          "sweep", url, "--payloads", "json,random", "--windows", "15", "--out", "\(folder)/out",
          "--trust", "any",
        ] + Self.short)
      #expect(await process.exitCode() == 0, "\(process.output)\(process.errors)")
      let names = process.output.split(separator: "\n").compactMap {
        $0.firstMatch(of: #/^(?:json|random), (?:window 15, )?[a-z ]*[a-z]/#)?.output
      }
      #expect(
        names == [
          "json, plain", "json, window 15, takeover", "json, window 15, no takeover",
          "random, plain", "random, window 15, takeover", "random, window 15, no takeover",
        ], "\(process.output)")
      let data = try Data(contentsOf: URL(filePath: "\(folder)/out/run.json"))
      let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let loads = try #require(run["load"] as? [[String: Any]])
      #expect(loads.map { $0["name"] as? String } == names.map(String.init))
      let totals = try #require(loads[2]["totals"] as? [String: Any])
      let (payload, wire) = try (
        #require(totals["payloadBytesSent"] as? Int), #require(totals["wireBytesSent"] as? Int)
      )
      #expect(wire < payload / 2)
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test(arguments: [
    (["--windows", "8"], "window bits: each is between 9 and 15"),
    (["--payloads", "json,poetry"], "'poetry' is not one of"),
    (["--level", "10"], "compression level: 10 is not between 0 and 9"),
  ])
  func `wrong use is said`(_ flags: [String], _ words: String) async throws {
    let process = try Subprocess(["sweep", "ws://127.0.0.1:1/"] + flags)
    #expect(await process.exitCode() == 2)
    #expect(process.errors.contains(words), "\(process.errors)")
  }
}
