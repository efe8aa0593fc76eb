import ArgumentParser
import Foundation
import Reports
import Testing

@testable import gauntlet

@Suite("gauntlet history", .timeLimit(.minutes(5)))
struct HistoryCommandTests {
  /// A folder of runs, one a day, the last of which has this verdict.
  private func fill(_ folder: String, last: Verdict) throws {
    for day in 0..<4 {
      var run = Run(
        started: Timestamp(millisecondsSinceEpoch: 1_790_000_000_000 + Int64(day) * 86_400_000),
        isComplete: true)
      run.conformance = ConformanceResults(
        role: .client,
        cases: [
          CaseDescription(id: "case", section: "RFC 6455 §5.5", level: .must, why: "…")
        ],
        agents: [
          AgentResults(
            name: "server",
            results: [
              CaseResult(
                caseID: "case", verdict: day < 3 ? Verdict(.pass) : last, reason: "as it is",
                started: run.started, elapsed: .zero)
            ])
        ])
      run.environment.source = SourceRevision(commit: "commit-\(day)")
      try ReportWriter.write(run, toFolder: "\(folder)/day-\(day)", formats: .json)
    }
  }

  private func history(_ arguments: [String]) async throws -> (code: Int32, process: Subprocess) {
    let process = try Subprocess(["history"] + arguments)
    return (await process.exitCode(), process)
  }

  @Test func `a regression is told in every form, and is the exit code`() async throws {
    try await withFolder { folder in
      try fill(folder + "/runs", last: Verdict(.fail))
      try ReportWriter.write("{", to: "\(folder)/runs/cut.json")
      let (code, process) = try await history([
        folder + "/runs", "--site", folder + "/site", "--json", folder + "/h.json", "--csv",
        folder + "/h.csv",
      ])
      #expect(code == 1, "\(process.errors)")
      #expect(process.output.contains("commit-2 → commit-3"))
      #expect(process.output.contains("Regression in the last 10 runs: 1 case of server\n"))
      #expect(process.errors.contains("left out: \(folder)/runs/cut.json: not a whole JSON"))
      #expect(FileManager.default.fileExists(atPath: folder + "/site/runs/day-3.html"))
      #expect(try await process.content(of: folder + "/h.json").contains("\"isRegression\": true"))
      #expect(try await process.content(of: folder + "/h.csv").hasPrefix("time,commit,"))
      let old = try await history([folder + "/runs", "--recent", "0", "--quiet"])
      #expect(old.code == 0 && old.process.output.isEmpty)
    }
  }

  @Test func `pruning says what it removes, and removes no more`() async throws {
    try await withFolder { folder in
      try fill(folder, last: Verdict(.pass))
      let dry = try await history([folder, "--prune", "--keep", "3", "--dry-run"])
      #expect(dry.code == 0)
      #expect(dry.process.errors == "would remove \(folder)/day-0\n")
      let wet = try await history([folder, "--prune", "--keep", "3"])
      #expect(wet.process.errors == "removed \(folder)/day-0\n")
      let young = try await history([folder, "--prune", "--older-than", "36500d"])
      #expect(young.process.errors.isEmpty)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.sorted() == ["day-1", "day-2", "day-3"])
    }
  }

  @Test func `no run is wrong use, and no folder cannot be run`() async throws {
    try await withFolder { folder in
      let empty = try await history([folder])
      #expect(empty.code == 2 && empty.process.errors.contains("no run.json is in this folder"))
      let none = try await history([folder + "/none"])
      #expect(none.code == 3 && none.process.errors.contains("no such file or folder"))
    }
  }

  @Test(arguments: [
    (["d", "--keep", "3"], "go with --prune"), (["d", "--prune"], "--keep or --older-than"),
    (["d", "--prune", "--keep", "0"], "at least 1"), (["d", "--min-runs", "1"], "--min-runs"),
    (["d", "--json", "-", "--csv", "-"], "standard output"), (["d", "--metrics", "x"], "'x'"),
    (["d", "--confidence", "10"], "--confidence"), ([], "DIR"),
  ])
  func `wrong use is told`(arguments: [String], text: String) {
    let error = #expect(throws: (any Error).self) { try HistoryCommand.parse(arguments) }
    #expect(error.map { HistoryCommand.message(for: $0).contains(text) } == true)
  }
}
