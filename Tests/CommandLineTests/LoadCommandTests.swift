import Foundation
import Testing

@Suite("gauntlet load", .timeLimit(.minutes(5)))
struct LoadCommandTests {
  static let short = [
    "--connections", "2", "--warmup", "0s", "--duration", "200ms", "--size", "20",
    // The machine that tests may be busy with other things.
    "--trust", "any",
  ]

  /// Runs `gauntlet load` against our own server.
  private func run(_ arguments: [String]) async throws -> (code: Int32, process: Subprocess) {
    var result: (Int32, Subprocess)?
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let process = try Subprocess(["load", url] + Self.short + arguments)
      result = (await process.exitCode(), process)
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
    return try #require(result)
  }

  @Test func `objectives that are met are listed, and decide`() async throws {
    let (code, process) = try await run(["--slo", "p99<30s,reach=100%,errors=0"])
    #expect(code == 0, "\(process.output)\(process.errors)")
    #expect(process.output.contains("  met  reach=100%: 100.000 %\n"))
    #expect(process.output.contains("  met  errors=0: 0\n"))
  }

  @Test func `an objective that is missed is said, is kept, and fails the run`() async throws {
    try await withFolder { folder in
      let (code, process) = try await run([
        "--slo", "p50<1ns,errors=0", "--out", "\(folder)/out",
      ])
      #expect(code == 1)
      #expect(process.output.contains("  MISSED  p50<1ns: "))
      let data = try Data(contentsOf: URL(filePath: "\(folder)/out/run.json"))
      let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let load = try #require((run["load"] as? [[String: Any]])?.first)
      let objectives = try #require(load["objectives"] as? [[String: Any]])
      #expect(objectives.map { $0["isMet"] as? Bool } == [false, true])
      let junit = try String(contentsOfFile: "\(folder)/out/junit.xml", encoding: .utf8)
      #expect(junit.contains("type=\"objectives\""))
    }
  }

  @Test func `cases are played as load, and what fails under load fails the run`() async throws {
    try await withFolder { folder in
      let (code, process) = try await run([
        "--replay", "--cases", "5.5.2/*", "--out", "\(folder)/out",
      ])
      #expect(code == 0, "\(process.output)\(process.errors)")
      #expect(process.output.contains(#/plays of [0-9]+ cases/#), "\(process.output)")
      let data = try Data(contentsOf: URL(filePath: "\(folder)/out/run.json"))
      let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(run["conformance"] != nil)
    }
    let (code, process) = try await run(["--cases", "5.5.2/*"])
    #expect(code == 2)
    #expect(process.errors.contains("a choice of cases needs --replay"), "\(process.errors)")
  }

  @Test func `who measures the wrong server, or nobody, is told`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let taken = try Subprocess(["load", url, "--exec", "sleep 60"] + Self.short)
      #expect(await taken.exitCode() == 3)
      #expect(
        taken.errors.contains("somebody takes connections at \(url) already"), "\(taken.errors)")
      let nobody = try Subprocess(["load", url, "--pid", "0"])
      #expect(await nobody.exitCode() == 2)
      #expect(nobody.errors.contains("--pid 0: there is no such process"))
      let nowhere = try Subprocess(
        ["load", url, "--json", "\(folder)/none/run.json", "--duration", "600s"])
      #expect(await nowhere.exitCode() == 3)
      #expect(nowhere.errors.contains("cannot write \(folder)/none/run.json"))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test func `output that cannot be written is no success`() throws {
    let gauntlet = try Subprocess.executable().path
    let full = shell("\(gauntlet) cases list > /dev/full")
    #expect(full.status == 3)
    #expect(full.output.contains("cannot write standard output: No space left on device"))
    let gone = shell("{ \(gauntlet) cases list; echo code $? >&2; } | head -1 > /dev/null")
    #expect(gone.output == "code 3\n")
  }

  @Test func `a server that dies is told with its last words`() async throws {
    try await withFolder { folder in
      let gauntlet = try Subprocess.executable().path
      // It dies once the run has told of its first second.
      let server =
        "\(gauntlet) serve --port {port} & until [ -s \(folder)/lines ]; do sleep 0.1; done; "
        + "echo panic; kill $!; exit 42"
      let load = try Subprocess([
        "load", "ws://127.0.0.1:{port}/", "--exec", server, "--rate", "50", "--warmup", "0s",
        "--duration", "600s", "--trust", "any", "--jsonl", "\(folder)/lines", "--out", folder,
      ])
      #expect(await load.exitCode() == 1, "\(load.output)\(load.errors)")
      #expect(load.errors.contains("the server exited with code 42 before the run was over"))
      #expect(load.errors.contains("  | panic"))
    }
  }

  @Test(arguments: [SIGINT, SIGHUP])
  func `a run that somebody ends is reported, and is not as required`(signal: Int32) async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let load = try Subprocess([
        "load", url, "--rate", "100", "--warmup", "0s", "--duration", "600s", "--trust", "any",
        "--jsonl", "\(folder)/lines", "--out", "\(folder)/out",
      ])
      _ = try await load.content(of: "\(folder)/lines")
      load.send(signal: signal)
      // As timeout(1) does: the process, and then its group.
      load.send(signal: SIGTERM)
      #expect(await load.exitCode() == 3, "\(load.output)\(load.errors)")
      #expect(load.errors.contains("interrupted before the run was over"))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/out/run.json"))
    }
  }

  @Test func `an objective that cannot be read is wrong use`() async throws {
    let process = try Subprocess(["load", "ws://127.0.0.1:1/", "--slo", "p99<fast"])
    #expect(await process.exitCode() == 2)
    #expect(process.errors.contains("'p99<fast' has no bound after <"), "\(process.errors)")
  }

  @Test(arguments: [
    ("lose/70", "lost"), ("double/70", "duplicated"), ("reorder/70", "reordered"),
    ("corrupt/70", "corrupted"), ("truncate/70", "corrupted"),
  ])
  func `what befell messages is counted exactly`(mishap: String, kind: String) async throws {
    try await withFolder { folder in
      let server = try Subprocess([
        "serve", "--port", "0", "--ready-file", "\(folder)/ready", "--mishap", mishap,
      ])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let process = try Subprocess([
        "load", url, "--connections", "3", "--depth", "4", "--warmup", "0s", "--duration",
        "300ms", "--drain", "60s", "--reply-timeout", "120s",
        "--trust", "any", "--json", "-",
      ])
      #expect(await process.exitCode() == 1)
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      // Such as "20 mishaps in 1000 messages".
      let count = try #require(server.errors.split(separator: " ").first.flatMap { Int($0) })
      let run = try #require(
        try JSONSerialization.jsonObject(with: Data(process.output.utf8)) as? [String: Any])
      let load = try #require((run["load"] as? [[String: Any]])?.first)
      let errors = try #require(load["errors"] as? [[String: Any]])
      #expect(errors.count == 1)
      #expect(errors.first?["kind"] as? String == kind)
      // The last of all has no successor that it could come behind.
      let least = kind == "reordered" ? count - 1 : count
      #expect((least...count).contains(errors.first?["count"] as? Int ?? 0))
    }
  }
}
