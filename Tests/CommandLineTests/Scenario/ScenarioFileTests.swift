import Foundation
import LoadTesting
import Reports
import Testing

@testable import gauntlet

@Suite("Scenario files")
struct ScenarioFileTests {
  func file(_ text: String) throws -> ScenarioFile {
    try ScenarioFile(Array(text.utf8), path: "x.json")
  }

  func problem(_ text: String) -> String? {
    do {
      _ = try file(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `a group without more is a closed loop of echoes`() throws {
    let file = try file(#"{"groups": [{"url": "ws://h:1/"}]}"#)
    #expect(file.test == LoadTest([LoadTest.Group(LoadPlan(url: "ws://h:1/"))]))
    #expect(file.objectives == [nil])
  }

  @Test func `keys say what flags say`() throws {
    let file = try file(
      #"""
      {"title": "T", "loops": 2, "busyPoll": "1ms", "realTime": true, "slo": "p99<1s",
       "phases": {"warmUp": 1, "duration": "2s", "coolDown": "500ms", "drain": "3s"},
       "groups": [
        {"name": "g", "url": "wss://h/", "connections": 20, "slo": "errors=0",
         "workload": {"kind": "requests", "correlate": "id=", "depth": 3, "verify": false},
         "payload": {"message": "-id={{sequence}}"},
         "headers": {"X-A": "b:c"}, "subprotocols": ["s"], "auth": {"user": "u", "password": "p"},
         "tls": {"verify": false}, "compression": {"level": 2},
         "churn": {"lifetime": "1s", "law": "exponential"},
         "storms": [{"at": 1, "share": "50%", "reset": true}],
         "slow": {"share": 0.25, "octetsPerSecond": "1K"},
         "connect": {"concurrency": 5, "over": "2s", "timeout": "4s"}},
        {"url": "ws://h/", "workload": {"kind": "push", "subscribe": ["a"], "timeMarker": "t="}},
        {"url": "ws://h/", "schedule": {"rate": "10..20", "arrivals": "poisson"}}
       ]}
      """#)
    #expect(file.title == "T")
    #expect(file.test.loops == 2)
    #expect(file.test.busyPolling == .milliseconds(1) && file.test.isRealTime)
    #expect(file.test.coolDown == .milliseconds(500))
    #expect(file.test.drain == .seconds(3))
    #expect(
      file.objectives.map { $0?.objectives.map(\.text) } == [["errors=0"], ["p99<1s"], ["p99<1s"]])
    let plan = file.test.groups[0].plan
    #expect(file.test.groups[0].name == "g")
    #expect(plan.traffic == .exchange(LoadTraffic.Exchange(marker: "id=")))
    #expect(plan.workload == .closedLoop(depth: 3))
    #expect(plan.payload == .octets(Array("-id={{sequence}}".utf8)))
    #expect(!plan.verifies && !plan.verifiesCertificate)
    #expect(
      plan.fields == [
        LoadPlan.Field(name: "X-A", value: "b:c"),
        LoadPlan.Field(name: "Authorization", value: "Basic dTpw"),
      ])
    #expect(plan.subprotocols == ["s"])
    #expect(plan.compression?.level == 2)
    #expect(plan.lifetime == ConnectionLifetime(.exponential, mean: .seconds(1)))
    #expect(plan.storms == [ReconnectStorm(offset: .seconds(1), share: 0.5, resets: true)])
    #expect(plan.slowReaders == SlowReaders(share: 0.25, octetsPerSecond: 1024))
    #expect(plan.connectRate == 10)
    #expect(plan.connectTimeout == .seconds(4))
    var push = LoadTraffic.Push()
    push.subscriptions = ["a"]
    push.time = LoadTraffic.TimeField(.text(marker: "t="), unit: 1_000_000)
    #expect(file.test.groups[1].plan.traffic == .push(push))
    #expect(
      file.test.groups[2].plan.workload
        == .openLoop(LoadSchedule([.init(from: 10, to: 20)], arrivals: .poisson)))
  }

  @Test func `a group may be spread over targets by weight`() throws {
    let file = try file(
      #"""
      {"groups": [{"name": "g", "connections": 10, "schedule": {"rate": 100},
        "targets": [{"url": "ws://a/", "weight": 3}, {"url": "ws://b/"}]}]}
      """#)
    #expect(file.test.groups.map(\.name) == ["g at ws://a/", "g at ws://b/"])
    #expect(file.test.groups.map(\.plan.connections) == [8, 2])
    #expect(
      file.test.groups.map(\.plan.workload) == [
        .openLoop(messagesPerSecond: 80), .openLoop(messagesPerSecond: 20),
      ])
    #expect(ScenarioFile.shares(of: 7, weights: [1, 1, 1]) == [3, 2, 2])
    #expect(ScenarioFile.shares(of: 1, weights: [1, 9]) == [0, 1])
  }

  @Test func `cases can play beside messages`() throws {
    let file = try file(
      #"""
      {"groups": [{"url": "ws://h/"},
        {"url": "ws://h/", "workload": {"kind": "cases", "cases": ["autobahn:1.1.*"]}}]}
      """#)
    guard case .cases(let replay) = file.test.groups[1].plan.traffic else {
      Issue.record("\(file.test.groups[1].plan.traffic)")
      return
    }
    #expect(replay.cases.count == 8)
  }

  @Test(arguments: [
    (#"{"groups": []}"#, "x.json:1:12: error: groups: write at least one group"),
    (#"{"groups": [{"url": "ws://h/", "x": 1}]}"#, "x.json:1:32: error: groups[0].x is no key"),
    (#"{"groups": [{"url": "http://h/"}]}"#, "x.json:1:21: error: groups[0].url: "),
    (#"{"groups": [{}]}"#, "groups[0].url: write \"ws://host:port/\""),
    (#"{"groups": [{"url": "ws://h/", "connections": 0}]}"#, "from 1 to 1000000"),
    (
      #"{"groups": [{"url": "ws://h/", "workload": {"kind": "fanOut"}}]}"#,
      "groups[0].workload.kind: \"fanOut\" needs \"publishers\""
    ),
    (
      #"{"groups": [{"url": "ws://h/", "workload": {"publishers": 1}}]}"#,
      "groups[0].workload.publishers: it is for \"kind\": \"fanOut\""
    ),
    (
      #"{"groups": [{"url": "ws://h/", "workload": {"kind": "dance"}}]}"#,
      "groups[0].workload.kind: write one of echo, idle"
    ),
    (#"{"groups": [{"url": "ws://h/", "storms": [{}]}]}"#, "groups[0].storms[0].at: write when"),
    (
      #"{"groups": [{"url": "ws://h/", "slow": {"share": 2, "octetsPerSecond": 1}}]}"#,
      "groups[0].slow.share: write a share such as 0.1"
    ),
    (
      #"{"groups": [{"url": "ws://h/", "storms": [{"at": "11s"}]}]}"#,
      "groups[0]: storm at 11.0 seconds: it is not within the duration"
    ),
    (
      #"{"groups": [{"url": "ws://h/", "schedule": {"rate": "fast"}}]}"#,
      "groups[0]: The value 'fast' is invalid for '--rate"
    ),
    (#"{"groups": [{"url": "ws://h/"}], "slo": "p99"}"#, "slo: the objective 'p99'"),
    (#"{"groups": [{"url": "ws://h/"}], "loops": 11}"#, ": 11 is not between 1 and 10"),
    (
      #"{"groups": [{"url": "ws://h/", "targets": []}]}"#,
      "groups[0].url: \"targets\" takes its place"
    ),
    (
      #"{"groups": [{"targets": [{"url": "ws://h/"}, {"url": "ws://i/"}], "connections": 1}]}"#,
      "groups[0].connections: too few for 2 targets"
    ),
    ("{", "x.json:1:2: error: "),
  ])
  func `a mistake is told with its place and what is allowed`(text: String, words: String) {
    #expect(problem(text)?.contains(words) == true, "\(problem(text) ?? "accepted")")
  }

  @Test func `the example in the documentation can be played`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "Documentation/scenario-example.json").path
    #expect(try ScenarioFile(path: path).test.groups.count == 3)
  }
}
