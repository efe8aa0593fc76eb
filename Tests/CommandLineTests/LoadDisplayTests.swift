import LoadTesting
import Reports
import Testing

@testable import gauntlet

@Suite("The progress of gauntlet load")
struct LoadDisplayTests {
  /// Two of five seconds, an open loop that was late once.
  private var progress: LoadProgress {
    var progress = LoadProgress(
      phase: .measuring, elapsed: .seconds(63), openConnections: 20, plannedConnections: 20)
    progress.phaseFraction = 0.4
    progress.messagesPerSecond = 1999.6
    (progress.p50Nanoseconds, progress.p99Nanoseconds) = (104_000, 3_230_000)
    progress.errors = 1
    var sample = LoadSample(offset: .seconds(2), duration: .seconds(1))
    (sample.p90Nanoseconds, sample.maximumNanoseconds) = (301_000, 9_090_000)
    sample.generatorCPUNanoseconds = 137_000_000
    var server = ServerSample()
    server.cpuNanoseconds = 350_000_000
    sample.server = server
    progress.interval = sample
    var generator = GeneratorReport()
    generator.validity = .suspect
    generator.remarks = ["4.5 % of the messages went out more than 1 ms after they were due"]
    progress.generator = generator
    return progress
  }

  @Test func `a terminal shows rate, latencies, connections, and whether the generator keeps up`() {
    let lines = LoadDisplay.block(progress, rates: [0, 1000, 1999.6], width: 100)
    #expect(
      lines == [
        "measuring  ━━━━━━━━━━━━──────────────────  40 %  1:03",
        "  rate         2,000/s  ▁▅█",
        "  latency      p50 104 µs  p90 301 µs  p99 3.23 ms  max 9.09 ms",
        "  connections  20/20  1 error",
        "  generator    SUSPECT  14 % of a processor  4.5 % of the messages went out more than 1 ms after t…",
        "  server       35 % of a processor",
      ])
  }

  @Test(arguments: 1...120) func `no line is wider than the terminal`(width: Int) {
    for line in LoadDisplay.block(progress, rates: Array(repeating: 1, count: 30), width: width) {
      #expect(line.count <= max(10, width - 1))
    }
  }

  @Test func `a narrow terminal shows fewer numbers, and none of them in part`() {
    let lines = LoadDisplay.block(progress, rates: [0, 1000, 1999.6], width: 40)
    #expect(
      lines == [
        "measuring  ━━─────  40 %  1:03",
        "  rate         2,000/s  ▁▅█",
        "  latency      p50 104 µs  p90 301 µs …",
        "  connections  20/20  1 error",
        "  generator    SUSPECT …",
        "  server       35 % of a processor",
      ])
  }

  @Test func `while connecting there are no rates`() {
    var progress = LoadProgress(
      phase: .connecting, elapsed: .seconds(1), openConnections: 5, plannedConnections: 20)
    progress.phaseFraction = 0.25
    let lines = LoadDisplay.block(progress, rates: [], width: 60)
    #expect(lines.map { $0.prefix(13) } == ["connecting  ━", "  connections"])
    #expect(LoadDisplay.line(progress) == "connecting 25 %  5/20 connections  0 errors")
  }

  @Test func `elsewhere a second is a line`() {
    #expect(
      LoadDisplay.line(progress)
        == "measuring 40 %  2000 msg/s  p50 104 µs  p99 3.23 ms  20/20 connections  1 error  SUSPECT"
    )
  }

  @Test func `JSON Lines call a phase as all reports do`() throws {
    var progress = LoadProgress(
      phase: .measuring, elapsed: .seconds(1), openConnections: 1, plannedConnections: 1)
    progress.interval = LoadSample(offset: .zero, duration: .seconds(1))
    #expect(try #require(LoadLines.line(progress)).contains("\"phase\":\"measure\""))
  }
}
