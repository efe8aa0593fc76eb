import FoundationEssentials
import Testing

@testable import Reports

@Suite("Names of loads")
struct LoadNamesTests {
  private func load(_ change: (inout LoadScenario) -> Void = { _ in }) -> LoadResults {
    var scenario = LoadScenario(
      mode: .openLoop, connections: 10, plannedMessagesPerSecond: 3000, payloadByteCount: 1024)
    change(&scenario)
    return LoadResults(
      name: "echo", scenario: scenario, target: LoadTarget(url: "ws://127.0.0.1:9001/"))
  }

  private var different: [LoadResults] {
    let schedules = [
      "2000 to 4000 messages/s", "3000 messages/s, Poisson", "3000 messages/s, in bursts of 30",
    ]
    return [
      load(), load { $0.plannedMessagesPerSecond = 3000.25 },
      load { $0.plannedMessagesPerSecond = 12_340 }, load { $0.plannedMessagesPerSecond = 12_341 },
      load { $0.payloadByteCount = 1500 }, load { $0.payloadByteCount = 1501 },
      load { $0.verifies = false }, load { $0.loops = 2 }, load { $0.workload = "pings" },
      load { $0.settings = [Fact("payload", "json")] },
    ] + schedules.map { schedule in load { $0.settings = [Fact("schedule", schedule)] } }
  }

  @Test func `no two loads have one key`() throws {
    let keys = different.map(\.key)
    #expect(Set(keys).count == keys.count)
    #expect(keys.allSatisfy { $0.utf8.count == $0.count })
    #expect(keys[0] == "10 connections, open loop at 3,000 messages/s, 1024 B binary")
    let object = try JSONDecoder().decode(
      [String: [String: [String: Double]]].self,
      from: Data(BencherReport.text(for: different.map { Run(load: [$0]) }).utf8))
    #expect(object.count == keys.count)
  }

  @Test func `a key does not depend on what the server agrees to`() {
    var agreed = load { $0.offersCompression = true }
    agreed.target.facts = [Fact("compression", "permessage-deflate")]
    var declined = agreed
    declined.target.facts = [.compressionDeclined]
    #expect(agreed.key == declined.key)
    #expect(agreed.title.hasSuffix("1 KiB binary, permessage-deflate"))
    #expect(declined.title.hasSuffix("1 KiB binary, permessage-deflate declined"))
    #expect(SweepText.render([agreed, declined]).contains("echo: declined"))
  }

  @Test func `groups of one load are told apart, and so are those without a name`() {
    var named = load()
    named.group = "buyers"
    let run = Run(load: [load(), named, load()])
    let key = load().key
    #expect(run.keyedLoads.map(\.key) == [key, "buyers, \(key)", "\(key), number 2"])
    let metrics = OpenMetricsReport.text(for: run)
    #expect(metrics.split(separator: "\n").count { $0.hasPrefix("gauntlet_connections{") } == 3)
    #expect(!named.differences(from: load()).isEmpty)
  }

  @Test func `held connections are no closed loop`() {
    let idle = load {
      $0.mode = .closedLoop
      $0.connections = 1
      $0.settings = [Fact("workload", "idle")]
    }
    #expect(idle.title == "1 connection, idle" && idle.key == idle.title)
    #expect(!idle.scenario.isEcho)
  }

  @Test func `loads that differ late in a long text are different`() {
    let (one, other) = (load(), load())
    func scheduled(_ results: LoadResults, _ ending: String) -> LoadResults {
      var results = results
      results.scenario.settings = [
        Fact("schedule", String(repeating: "1000 for 10 s, ", count: 8) + ending)
      ]
      return results
    }
    let differences = scheduled(one, "5").differences(from: scheduled(other, "6"))
    #expect(differences.count == 1)
    #expect(differences.first?.hasSuffix("1000 for 10 s, 5") == true)
  }
}
