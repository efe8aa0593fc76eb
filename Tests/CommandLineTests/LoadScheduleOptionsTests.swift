import Foundation
import LoadTesting
import Testing

@testable import gauntlet

@Suite("The schedules of gauntlet load")
struct LoadScheduleOptionsTests {
  @Test func `a rate may rise, and be random`() throws {
    #expect(try loadPlan("--rate", "1000..5000").workload == .openLoop(.ramp(from: 1000, to: 5000)))
    #expect(
      try loadPlan("--rate", "1000..5000", "--ramp-time", "3s").workload
        == .openLoop(.ramp(from: 1000, to: 5000, over: .seconds(3))))
    #expect(
      try loadPlan("--rate", "1000", "--schedule", "poisson").workload
        == .openLoop(LoadSchedule(rate: 1000, arrivals: .poisson)))
    #expect(
      try loadPlan("--rate", "1000", "--schedule", "constant").workload
        == .openLoop(messagesPerSecond: 1000))
  }

  @Test func `steps say how long to measure`() throws {
    let plan = try loadPlan("--rate-steps", "1000@10s,2000..4000@500ms", "--cooldown", "3s")
    #expect(
      plan.workload
        == .openLoop(
          LoadSchedule([
            LoadSchedule.Stretch(from: 1000, duration: .seconds(10)),
            LoadSchedule.Stretch(from: 2000, to: 4000, duration: .milliseconds(500)),
          ])))
    #expect(plan.duration == .milliseconds(10_500))
    #expect(plan.coolDown == .seconds(3))
    #expect(
      loadProblem("--rate-steps", "1000@10s,2000@10s", "--duration", "15s")?
        .contains("the schedule takes 20.0 seconds, and measuring only 15.0 seconds") == true)
  }

  @Test func `rates may be those of a connection`() throws {
    let plan = try loadPlan(
      "--burst", "100/1s", "--rate-per-connection", "--connections", "5")
    #expect(plan.workload == .openLoop(.bursts(of: 500, every: .seconds(1))))
    #expect(
      try loadPlan("--rate", "2", "--rate-per-connection", "--connections", "50").workload
        == .openLoop(messagesPerSecond: 100))
    #expect(
      loadProblem("--burst", "1000000/1s", "--rate-per-connection", "--connections", "\(Int.max)")?
        .contains("connections: 9223372036854775807 is not between") == true)
  }

  @Test func `a trace says what, when and on how many connections`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/trace.csv"
      try "time,connection,size\n5,a,100\n5.5,b,300\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let plan = try loadPlan("--trace", path)
      #expect(plan.connections == 2)
      #expect(plan.warmUp == .zero && plan.duration == .milliseconds(501))
      #expect(plan.payloadByteCount == 200)
      #expect(plan.trace?.messages.count == 2)
      #expect(loadProblem("--trace", path, "--size", "5")?.contains("--trace") == true)
      #expect(
        loadProblem("--trace", path, "--connections", "3")?.contains("the trace has 2") == true)
      #expect(loadProblem("--trace", path, "--schedule", "poisson")?.contains("own times") == true)
      try "time,size\n5,100\nx,3".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(
        loadProblem("--trace", path)?.contains("trace.csv:3: time: expected seconds, not 'x'")
          == true)
      #expect(loadProblem("--trace", "\(folder)/none")?.contains("cannot be read") == true)
    }
  }

  @Test func `source addresses are named, or refused`() throws {
    #expect(
      try loadPlan("--source", "127.0.0.2-127.0.0.3").sourceAddresses == ["127.0.0.2", "127.0.0.3"])
    #expect(loadProblem("--source", "nowhere")?.contains("is no address") == true)
    #expect(loadProblem("--abort-on-slo")?.contains("--slo") == true)
    #expect(loadProblem("--exec", "x", "--pid", "1")?.contains("leave out --pid") == true)
  }

  @Test(arguments: [
    ["--rate", "5..x"], ["--rate", "1..2..3"], ["--rate-steps", "1000"],
    ["--rate-steps", "1@0s"], ["--rate-steps", "1@1s,"], ["--burst", "100"], ["--burst", "0/1s"],
    ["--rate", "1e99"],
  ])
  func `a schedule that cannot be read is named`(arguments: [String]) {
    #expect(loadProblem(arguments[0], arguments[1])?.contains(arguments[0]) == true)
  }

  @Test func `what makes no sense together is refused`() {
    #expect(loadProblem("--rate", "5", "--burst", "1/1s")?.contains("exclude each other") == true)
    #expect(loadProblem("--schedule", "poisson")?.contains("add --rate") == true)
    #expect(loadProblem("--rate-per-connection")?.contains("add --rate") == true)
    #expect(loadProblem("--rate", "5", "--ramp-time", "1s")?.contains("1000..5000") == true)
    #expect(loadProblem("--burst", "5/1s", "--schedule", "poisson")?.contains("chance") == true)
    #expect(loadProblem("--idle", "--burst", "5/1s")?.contains("--idle") == true)
    #expect(loadProblem("--rate-steps", "0@5s")?.contains("no message is ever due") == true)
  }
}
