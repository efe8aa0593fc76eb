import ArgumentParser
import Foundation
import Reports
import Testing

@testable import gauntlet

@Suite("gauntlet ab", .timeLimit(.minutes(5)))
struct ABCommandTests {
  static let short = [
    "--repeat", "4", "--connections", "2", "--warmup", "0s", "--duration", "100ms", "--size", "20",
  ]

  private func ab(_ a: String, _ b: String, _ arguments: [String]) async throws
    -> (code: Int32, process: Subprocess)
  {
    let process = try Subprocess(["ab", "--a", a, "--b", b] + Self.short + arguments)
    return (await process.exitCode(), process)
  }

  /// Our own server, echoing.
  private func server(_ flags: String = "") throws -> String {
    "'\(try Subprocess.executable().path)' serve --port {port} \(flags)"
  }

  @Test func `the same build is no regression, and all runs are kept`() async throws {
    try await withFolder { folder in
      let (code, process) = try await ab(
        try server(), try server(),
        ["--metrics", "errors,rate", "--min-effect", "1000%", "--out", "\(folder)/out"])
      #expect(code == 0, "\(process.output)\(process.errors)")
      #expect(process.output.contains("4 and 4 runs; a change counts from 1000 % on"))
      #expect(process.output.contains("  rate "))
      #expect(process.output.hasSuffix("\nNo regression.\n"))
      #expect(
        process.errors.contains("run 4 of 4: A  ") && process.errors.contains("run 4 of 4: B  "))
      for side in ["a", "b"] {
        let runs = try RunFile.readAll("\(folder)/out/\(side)")
        #expect(runs.count == 4)
        for load in runs.flatMap(\.load) {
          // Four turns, in all of which the server did something.
          #expect(load.phases.count(where: \.isMeasured) == 4)
          #expect(load.measuredSeconds == 0.1)
          #expect(load.scenario.connections == 2 && load.totals.connectionsEstablished == 8)
          #expect(load.totals.messagesReceived > 0 && load.errorCount == 0)
          #expect((load.serverProcess?.cpuNanoseconds ?? 0) > 0)
        }
      }
      for name in ["comparison.md", "comparison.json", "index.html", "a/server.log"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/out/\(name)"), "\(name)")
      }
    }
  }

  @Test func `a build that replies twice is a regression`() async throws {
    let (code, process) = try await ab(
      try server(), try server("--fault messages-twice"),
      ["--metrics", "errors", "--json", "-"])
    #expect(code == 1, "\(process.output)\(process.errors)")
    #expect(process.output.contains("\"judgement\": \"worse\""))
  }

  @Test func `with one turn, or a fixed address, servers do not meet`() async throws {
    try await withFolder { folder in
      // Whoever finds the other's mark has met it.
      let server = """
        mkdir \(folder)/mark || { echo both of us; exit 9; }
        trap 'rmdir \(folder)/mark' EXIT; trap 'exit 0' TERM
        \(try server()) & wait
        """
      let (code, process) = try await ab(
        server, server, ["--metrics", "errors", "--turns", "1"])
      #expect(code == 0, "\(process.output)\(process.errors)")
      let (other, failed) = try await ab(server, server, ["--metrics", "errors", "--turns", "2"])
      #expect(other == 3 && failed.errors.contains("  | both of us"), "\(failed.errors)")
    }
  }

  @Test func `a server that cannot be started is told with its last words`() async throws {
    let (code, process) = try await ab(try server(), "echo no such luck; exit 7", [])
    #expect(code == 3)
    #expect(process.errors.contains("B: the peer exited with code 7 before it took a connection"))
    #expect(process.errors.contains("  | no such luck"))
  }

  @Test func `a signal ends the server as well`() async throws {
    try await withFolder { folder in
      let server = "echo $$ > \(folder)/pid; exec \(try server())"
      let process = try Subprocess([
        "ab", "--a", server, "--b", server, "--duration", "10m", "--out", "\(folder)/out",
      ])
      let pid = try await process.content(of: "\(folder)/pid")
      process.send(signal: SIGINT)
      #expect(await process.exitCode() == 3)
      #expect(process.errors.contains("interrupted"), "\(process.errors)")
      let number = try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(kill(number, 0) != 0)
    }
  }

  @Test func `wrong use is told`() {
    let cases: [([String], String)] = [
      (["--a", "x", "--b", "y", "--repeat", "3"], "--repeat is between 4"),
      (["--a", "x"], "--b"), (["--a", "x", "--b", "y", "--connections", "0"], "between 1"),
      (["--a", "x", "--b", "y", "--turns", "0"], "--turns is between 1 and 100"),
      (
        ["--a", "x", "--b", "y", "--turns", "2", "--url", "ws://[::1]:7/"], "leave {port} in --url"
      ),
      (["--a", "x", "--b", "y", "--turns", "2", "--rate", "1..9"], "needs a rate that stays"),
      (["--a", "x", "--b", "y", "--turns", "2", "--burst", "5/1s"], "needs a rate that stays"),
    ]
    for (arguments, text) in cases {
      let error = #expect(throws: (any Error).self) { try ABCommand.parse(arguments) }
      #expect(error.map { ABCommand.message(for: $0).contains(text) } == true)
    }
  }
}
