import ArgumentParser
import Foundation
import Testing

@testable import gauntlet

@Suite("gauntlet load --repeat, and gauntlet compare", .timeLimit(.minutes(5)))
struct LoadRepetitionTests {
  @Test func `each repetition is a run of its own that can be compared`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let arguments = ["load", url, "--repeat", "4"] + LoadCommandTests.short
      let load = try Subprocess(arguments + ["--out", "\(folder)/out"])
      #expect(await load.exitCode() == 0, "\(load.errors)")
      #expect(load.output.contains("run 4 of 4: rate "))
      #expect(load.output.contains("\n  4 runs "))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      for name in ["run-1/run.json", "run-4/run.json", "run-4/index.html", "index.html"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/out/\(name)"), "\(name)")
      }

      // Against itself nothing can have changed, and two runs are too few to say so.
      let same = try Subprocess([
        "compare", "\(folder)/out", "\(folder)/out", "--metrics", "rate",
      ])
      #expect(await same.exitCode() == 0, "\(same.errors)")
      #expect(same.output.contains("no change") && same.output.contains("4 and 4 runs"))
      let few = try Subprocess([
        "compare", "--base", "\(folder)/out/run-1", "--base", "\(folder)/out/run-2", "--head",
        "\(folder)/out/run-3",
      ])
      #expect(await few.exitCode() == 3, "\(few.errors)")
      #expect(few.output.contains("not judged  too few runs: 2 and 1, it takes "))

      // A second series in the same folder would mix with the first.
      let again = try Subprocess(arguments + ["--out", "\(folder)/out"])
      #expect(await again.exitCode() == 2)
      #expect(again.errors.contains("holds a run already (run-1)"))
    }
  }

  @Test func `a run leaves no descriptors to the next`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let gauntlet = try Subprocess.executable().path
      let (status, output) = shell(
        "ulimit -n 40; exec \(gauntlet) load \(url) --repeat 15 --connections 1 --warmup 0s "
          + "--duration 10ms --trust any --quiet")
      #expect(status == 0, "\(output)")
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test func `what was played before an objective was missed is kept`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let load = try Subprocess([
        "load", url, "--repeat", "3", "--slo", "p50<1ns", "--abort-on-slo", "--warmup", "0s",
        "--duration", "60s",
        "--connections", "2", "--rate", "100", "--trust", "any", "--out", "\(folder)/out",
      ])
      #expect(await load.exitCode() == 1, "\(load.errors)")
      #expect(load.errors.contains("run 1 ended early: p50<1ns"))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      for (name, isThere) in [("run-1/run.json", true), ("index.html", true), ("run-2", false)] {
        #expect(
          FileManager.default.fileExists(atPath: "\(folder)/out/\(name)") == isThere, "\(name)")
      }
    }
  }

  @Test func `wrong use is told`() {
    for (arguments, text) in [(["0"], "--repeat is between"), (["2", "--json", "-"], "--out")] {
      let error = #expect(throws: (any Error).self) {
        try LoadCommand.parse(["ws://127.0.0.1:9/", "--repeat"] + arguments)
      }
      #expect(error.map { LoadCommand.message(for: $0).contains(text) } == true)
    }
  }
}
