import LoadTesting
import Testing
import WebSocketProtocol

@testable import gauntlet

@Suite("The flags of gauntlet load for other workloads")
struct LoadTrafficOptionsTests {
  @Test func `each workload has its flags`() throws {
    #expect(try loadPlan("--ping").traffic == .ping)
    let requests = try loadPlan(
      "--correlate", "id=", "--message", "id={{sequence}}", "--depth", "3")
    #expect(requests.traffic == .exchange(LoadTraffic.Exchange(marker: "id=")))
    #expect(requests.payload == .octets(Array("id={{sequence}}".utf8)))
    #expect(requests.kind == .text)
    #expect(requests.workload == .closedLoop(depth: 3))
    let pushed = try loadPlan(
      "--push", "--subscribe", "go", "--time-marker", "t=", "--time-unit", "us",
      "--sequence-marker", "n=")
    var push = LoadTraffic.Push()
    push.subscriptions = ["go"]
    push.time = LoadTraffic.TimeField(.text(marker: "t="), unit: 1000)
    push.sequenceMarker = "n="
    #expect(pushed.traffic == .push(push))
    #expect(pushed.workload == .idle)
    let fanned = try loadPlan(
      "--publishers", "2", "--channels", "2", "--publishers-listen", "--rate", "10",
      "--subscribe", "join {{channel}}")
    var fanOut = LoadTraffic.FanOut(publishers: 2)
    fanOut.channels = 2
    fanOut.publishersListen = true
    fanOut.subscriptions = ["join {{channel}}"]
    #expect(fanned.traffic == .fanOut(fanOut))
  }

  @Test func `connections come, go and lag as flags say`() throws {
    let plan = try loadPlan(
      "--lifetime", "5s", "--lifetime-law", "exponential", "--storm", "1s:50%:reset", "--storm",
      "2s", "--slow", "10%:64K", "--connect-over", "4s", "--connections", "100", "--interval",
      "250ms")
    #expect(plan.lifetime == ConnectionLifetime(.exponential, mean: .seconds(5)))
    #expect(
      plan.storms == [
        ReconnectStorm(offset: .seconds(1), share: 0.5, resets: true),
        ReconnectStorm(offset: .seconds(2)),
      ])
    #expect(plan.slowReaders == SlowReaders(share: 0.1, octetsPerSecond: 65_536))
    #expect(plan.connectRate == 25)
    #expect(plan.interval == .milliseconds(250))
  }

  @Test(
    arguments: [
      (["--ping", "--push"], "exclude each other"),
      (["--subscribe", "x"], "--subscribe is for --push and --publishers"),
      (["--time-marker", "t="], "need --push"),
      (["--channels", "2"], "need --publishers"),
      (["--publishers", "2"], "a fan-out publishes at a rate"),
      (["--publishers", "10", "--rate", "1"], "of 10 connections 1 to 9 can publish, not 10"),
      (["--publishers", "1", "--rate", "1", "--size", "10"], "has at least 44 octets"),
      (["--publishers", "1", "--rate", "1", "--message", "x"], "needs {{stamp}} in it"),
      (
        ["--correlate", "/a~b", "--message", "{{sequence}}"],
        "correlation: '/a~b' is no JSON Pointer (RFC 6901): behind ~ comes 0 or 1"
      ),
      (
        ["--push", "--sequence-marker", ""], "sequence number: the text before the number is empty"
      ),
      (["--correlate", "id="], "a message with {{sequence}} in it"),
      (["--message", "x", "--size", "5"], "--message takes the place of"),
      (["--storm", "20s"], "not within the duration"),
      (["--storm", "1s:0%"], "storm"),
      (["--slow", "10%"], "slow"),
      (["--slow", "200%:1K"], "slow"),
      (["--lifetime-law", "fixed"], "--lifetime-law needs --lifetime"),
      (["--lifetime", "0s"], "lifetime: "),
      (["--interval", "1s", "--rate", "5"], "an interval is for a closed loop"),
      (["--connect-over", "1s", "--connect-rate", "5"], "exclude each other"),
    ] as [([String], String)])
  func `what makes no sense is refused in clear words`(arguments: [String], words: String) {
    #expect(
      loadProblem(arguments)?.contains(words) == true, "\(loadProblem(arguments) ?? "accepted")")
  }
}
