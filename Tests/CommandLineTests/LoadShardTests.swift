import ArgumentParser
import Foundation
import LoadTesting
import Reports
import Testing

@testable import gauntlet

@Suite("gauntlet load --shard, and gauntlet report merge", .timeLimit(.minutes(5)))
struct LoadShardTests {
  @Test func `processes that share a plan give one run`() async throws {
    try await withFolder { folder in
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", "\(folder)/ready"])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let start = Timestamp.now(advancedBy: .seconds(8))
      let parts = try (1...3).map { number in
        try Subprocess([
          "load", url, "--connections", "7", "--rate", "900", "--schedule", "poisson", "--warmup",
          "100ms", "--duration", "500ms", "--trust", "any", "--shard", "\(number)/3",
          "--start-at", "\(start)", "--out", "\(folder)/parts/\(number)", "--slo", "p50<1ns",
        ])
      }
      for part in parts { #expect(await part.exitCode() == 1, "\(part.errors)") }
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      let merge = try Subprocess([
        "report", "merge", "\(folder)/parts", "--out", "\(folder)/whole", "--trust", "any",
        "--slo", "errors=0,reach=100%",
      ])
      #expect(await merge.exitCode() == 0, "\(merge.errors)")
      let whole = try RunFile.read("\(folder)/whole").load[0]
      let runs = try (1...3).map { try RunFile.read("\(folder)/parts/\($0)").load[0] }
      #expect(runs.map(\.scenario.connections) == [3, 2, 2])
      #expect(whole.scenario.connections == 7)
      #expect(whole.scenario.plannedMessagesPerSecond == 900)
      #expect(whole.totals.connectionsEstablished == 7)
      let histograms = runs.map { $0.latencies[0].histogram }
      let merged = whole.latencies[0].histogram
      #expect(merged.count == histograms.map(\.count).reduce(0, +))
      #expect(merged.maximumNanoseconds == histograms.map(\.maximumNanoseconds).max())
      // Of 450 messages on average; each was sent by one of them alone.
      #expect(350...550 ~= merged.count)

      let missing = try Subprocess([
        "report", "merge", "\(folder)/parts/1", "\(folder)/parts/3", "--out", "\(folder)/other",
      ])
      #expect(await missing.exitCode() == 2)
      #expect(missing.errors.contains("gauntlet: part 2/3 is missing\n"), "\(missing.errors)")
      let forced = try Subprocess([
        "report", "merge", "\(folder)/parts/1", "\(folder)/parts/3", "--out", "\(folder)/other",
        "--force", "--trust", "any",
      ])
      // What was required of the first part is required of the whole.
      #expect(await forced.exitCode() == 1, "\(forced.errors)")
    }
  }

  @Test func `the parts of a fan-out know together who lacks what`() async throws {
    try await withFolder { folder in
      let server = try Subprocess([
        "serve", "--port", "0", "--broadcast", "--ready-file", "\(folder)/ready",
      ])
      let url = try await server.content(of: "\(folder)/ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let start = Timestamp.now(advancedBy: .seconds(8))
      let parts = try (1...3).map { number in
        try Subprocess([
          "load", url, "--connections", "8", "--publishers", "2", "--rate", "200", "--size", "60",
          "--warmup", "200ms", "--duration", "500ms", "--drain", "1s", "--trust", "any",
          "--shard", "\(number)/3", "--start-at", "\(start)", "--out", "\(folder)/parts/\(number)",
          "--slo", "reach=100%",
        ])
      }
      for part in parts { #expect(await part.exitCode() == 0, "\(part.errors)\(part.output)") }
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      let merge = try Subprocess([
        "report", "merge", "\(folder)/parts", "--out", "\(folder)/whole", "--trust", "any",
      ])
      #expect(await merge.exitCode() == 0, "\(merge.errors)\(merge.output)")
      let runs = try (1...3).map { try RunFile.read("\(folder)/parts/\($0)").load[0] }
      #expect(runs.map { $0.delivery?.publishers } == [1, 1, 0])
      #expect(runs.map { $0.delivery?.subscribers } == [2, 2, 2])
      #expect(runs.map(\.scenario.plannedMessagesPerSecond) == [100, 100, 0])
      // Each part had all that the others published too.
      let whole = try RunFile.read("\(folder)/whole").load[0]
      let delivery = try #require(whole.delivery)
      #expect(delivery.publishers == 2)
      #expect(delivery.subscribers == 6)
      #expect(delivery.published == 100)
      #expect(delivery.expected == 600)
      #expect(delivery.received == 600)
      #expect(whole.errors.isEmpty)
      #expect(whole.scenario.plannedMessagesPerSecond == 200)
      #expect(whole.latencies[0].histogram.count == 600)
      #expect(merge.output.contains("100.000 %: 600 of 600 deliveries"), "\(merge.output)")

      let alone = try Subprocess([
        "load", url, "--connections", "8", "--publishers", "2", "--rate", "200", "--shard", "1/3",
      ])
      #expect(await alone.exitCode() == 2)
      #expect(alone.errors.contains("a fan-out in parts needs --start-at"), "\(alone.errors)")
    }
  }

  @Test func `a start that is over is said`() async throws {
    let process = try Subprocess([
      "load", "ws://127.0.0.1:1/", "--start-at", "2020-01-01T00:00:00Z",
    ])
    #expect(await process.exitCode() == 3)
    #expect(process.errors.contains("--start-at 2020-01-01T00:00:00.000Z is over"))
  }

  func shard(_ environment: [String: String]) throws -> LoadShard? {
    try ShardEnvironment.shard(environment)?.get()
  }

  @Test func `job systems say which part to play`() throws {
    #expect(try shard(["PATH": "/bin"]) == nil)
    #expect(
      try shard(["JOB_COMPLETION_INDEX": "2", "GAUNTLET_SHARD_COUNT": "4"])
        == LoadShard(index: 2, of: 4))
    #expect(
      try shard(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == LoadShard(index: 0, of: 8))
    #expect(
      try shard([
        "SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_ARRAY_TASK_ID": "5",
        "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "4",
      ]) == LoadShard(index: 1, of: 3))
    #expect(
      try shard(["OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4"])
        == LoadShard(index: 3, of: 4))
    #expect(try shard(["SLURM_PROCID": "0", "SLURM_NTASKS": "1"]) == .whole)
    #expect(throws: ValidationError.self) { try shard(["JOB_COMPLETION_INDEX": "2"]) }
    #expect(throws: ValidationError.self) {
      try shard(["SLURM_PROCID": "8", "SLURM_NTASKS": "8"])
    }
  }

  @Test(arguments: ["0/4", "5/4", "1", "a/b", "1/0", "/", "1/4/2"])
  func `a part that is none is wrong use`(name: String) {
    #expect(ShardName(argument: name) == nil)
  }

  @Test func `a start is RFC 3339, or seconds since 1970`() {
    #expect(
      WallTime(argument: "2026-11-21T02:30:00Z")?.timestamp
        == WallTime(argument: "1795228200")?.timestamp)
    #expect(WallTime(argument: "soon") == nil)
  }
}
