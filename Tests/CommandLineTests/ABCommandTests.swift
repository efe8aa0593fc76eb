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
      #expect(process.errors.contains("run 8 of 8: "))
      for side in ["a", "b"] {
        #expect(try RunFile.readAll("\(folder)/out/\(side)").count == 4)
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
    ]
    for (arguments, text) in cases {
      let error = #expect(throws: (any Error).self) { try ABCommand.parse(arguments) }
      #expect(error.map { ABCommand.message(for: $0).contains(text) } == true)
    }
  }
}
