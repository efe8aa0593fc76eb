import Foundation
import Reports
import Testing

@testable import LoadTesting
@testable import gauntlet

@Suite("What gauntlet load tells while it runs", .timeLimit(.minutes(5)))
struct LoadWatchTests {
  @Test func `a server that is started is watched on the time line`() async throws {
    try await withFolder { folder in
      let program = try Subprocess.executable().path
      let load = try Subprocess([
        "load", "ws://127.0.0.1:{port}/", "--exec", "exec \(program) serve --port {port}",
        "--connections", "200", "--rate", "200", "--warmup", "0s", "--duration", "2s",
        "--size", "20", "--trust", "any", "--source", "127.0.0.2-127.0.0.5", "--out",
        "\(folder)/out", "--jsonl", "\(folder)/lines",
      ])
      #expect(await load.exitCode() == 0, "\(load.errors)")
      let results = try RunFile.read("\(folder)/out").load[0]
      let measured = results.series.filter { $0.server != nil }
      #expect(!measured.isEmpty)
      // On a busy machine the last look may come when connections have been closed already.
      #expect(measured.contains { ($0.server?.descriptors ?? 0) > 200 })
      #expect(measured.allSatisfy { ($0.server?.residentBytes ?? 0) > 1_000_000 })
      #expect(measured.allSatisfy { $0.kernel != nil && $0.generatorCPUNanoseconds != nil })
      #expect((results.generator.clockReadNanoseconds ?? 0) > 0)
      let page = try String(contentsOfFile: "\(folder)/out/index.html", encoding: .utf8)
      #expect(page.contains("Processors in use") && page.contains("Context switches"))
      let lines = try String(contentsOfFile: "\(folder)/lines", encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 2)
      for line in lines {
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["type"] as? String == "interval")
        #expect(object["phase"] as? String == "measure")
      }
    }
  }

  @Test func `a run ends early when an objective is missed`() async throws {
    try await withFolder { folder in
      let program = try Subprocess.executable().path
      let load = try Subprocess([
        "load", "ws://127.0.0.1:{port}/", "--exec", "exec \(program) serve --port {port}",
        "--connections", "2", "--warmup", "0s", "--duration", "10m", "--trust", "any", "--slo",
        "p50<1ns", "--abort-on-slo", "--out", "\(folder)/out",
      ])
      #expect(await load.exitCode() == 1, "\(load.errors)")
      #expect(load.errors.contains("gauntlet: ended early: p50<1ns: "), "\(load.errors)")
      let run = try RunFile.read("\(folder)/out")
      #expect(!run.isComplete && run.load[0].measuredSeconds < 300)
    }
  }

  @Test func `monitoring systems hear of it`() {
    let metrics = LoadMetrics()
    #expect(metrics.text().hasSuffix("# EOF\n"))
    var progress = LoadProgress(
      phase: .measuring, elapsed: .seconds(1), openConnections: 3, plannedConnections: 4)
    var interval = LoadSample(offset: .zero, duration: .seconds(1))
    interval.messagesSent = 7
    interval.p99Nanoseconds = 1_500_000
    progress.interval = interval
    metrics.note(progress)
    metrics.note(progress)
    let text = metrics.text()
    #expect(text.contains("gauntlet_load_sent_total 14.0\n"))
    #expect(text.contains("gauntlet_load_open_connections 3.0\n"))
    #expect(text.contains("gauntlet_load_latency_seconds{quantile=\"0.99\"} 0.0015\n"))
    #expect(text.contains("gauntlet_load_phase{gauntlet_load_phase=\"measuring\"} 1.0\n"))
  }
}
