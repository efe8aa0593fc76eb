import Foundation
import Testing

@Suite("gauntlet load --scenario", .timeLimit(.minutes(5)))
struct ScenarioCommandTests {
  @Test func `the groups of a file play at once, each against its objectives`() async throws {
    try await withFolder { folder in
      let server = try Subprocess([
        "serve", "--port", "0", "--broadcast", "--ready-file", "\(folder)/ready",
      ])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let scenario = """
        {"phases": {"warmUp": 0, "duration": "300ms"}, "slo": "errors=0", "groups": [
          {"name": "one", "url": "\(url)", "connections": 5, "schedule": {"rate": 100},
           "workload": {"kind": "fanOut", "publishers": 1}, "payload": {"size": 64},
           "slo": "reach=100%"},
          {"name": "two", "url": "\(url)", "connections": 3, "workload": {"kind": "ping"},
           "slo": "p50<1ns"}
        ]}
        """
      try scenario.write(toFile: "\(folder)/s.json", atomically: true, encoding: .utf8)
      let process = try Subprocess([
        "load", "--scenario", "\(folder)/s.json", "--trust", "any", "--out", "\(folder)/out",
      ])
      #expect(await process.exitCode() == 1, "\(process.output)\(process.errors)")
      #expect(process.output.contains("  met  reach=100%: 100.000 %\n"))
      #expect(process.output.contains("  reach  100.000 %: 120 of 120 deliveries of 30 messages"))
      #expect(process.output.contains("  MISSED  p50<1ns: "))
      let data = try Data(contentsOf: URL(filePath: "\(folder)/out/run.json"))
      let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let load = try #require(run["load"] as? [[String: Any]])
      #expect(load.map { $0["group"] as? String } == ["one", "two"])
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test
  func `the server of a scenario is started, and the group that misses its objectives ends it all`()
    async throws
  {
    try await withFolder { folder in
      let path = "\(folder)/s.json"
      let scenario = """
        {"phases": {"warmUp": 0, "duration": "10m"}, "groups": [
          {"name": "one", "url": "ws://127.0.0.1:{port}/", "connections": 2},
          {"name": "two", "url": "ws://localhost:{port}/", "connections": 2, "slo": "p50<1ns"}]}
        """
      try scenario.write(toFile: path, atomically: true, encoding: .utf8)
      let program = try Subprocess.executable().path
      let process = try Subprocess([
        "load", "--scenario", path, "--exec", "exec \(program) serve --port {port}",
        "--abort-on-slo", "--trust", "any", "--out", "\(folder)/out",
      ])
      #expect(await process.exitCode() == 1, "\(process.output)\(process.errors)")
      #expect(process.errors.contains("gauntlet: ended early: two: p50<1ns: "), "\(process.errors)")
      let alone = try Subprocess(["load", "--scenario", path])
      #expect(await alone.exitCode() == 2)
      #expect(alone.errors.contains("{port} is for --exec"))
      try #"{"groups": [{"url": "ws://127.0.0.1:1/"}]}"#
        .write(toFile: path, atomically: true, encoding: .utf8)
      let pointless = try Subprocess(["load", "--scenario", path, "--abort-on-slo"])
      #expect(await pointless.exitCode() == 2)
      #expect(pointless.errors.contains("neither the scenario nor --slo requires anything"))
    }
  }

  @Test func `a file is checked without playing it`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/s.json"
      try #"{"groups": [{"url": "ws://127.0.0.1:1/"}]}"#
        .write(toFile: path, atomically: true, encoding: .utf8)
      let good = try Subprocess(["load", "--scenario", path, "--check"])
      #expect(await good.exitCode() == 0)
      #expect(good.output == "1 group, 10 connections, 12.0 s: can be played\n")
      try #"{"groups": [{"url": "ws://127.0.0.1:1/", "no": 1}]}"#
        .write(toFile: path, atomically: true, encoding: .utf8)
      let bad = try Subprocess(["load", "--scenario", path, "--check"])
      #expect(await bad.exitCode() == 2)
      #expect(
        bad.errors.hasPrefix("\(path):1:42: error: groups[0].no is no key; allowed here: auth"))
      let missing = try Subprocess(["load", "--scenario", "\(folder)/none.json"])
      #expect(await missing.exitCode() == 3)
      let both = try Subprocess(["load", "--scenario", path, "--depth", "2"])
      #expect(await both.exitCode() == 2)
      #expect(both.errors.contains("leave out other flags of the load"))
    }
  }
}
