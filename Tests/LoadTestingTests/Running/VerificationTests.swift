import Reports
import Testing
import WebSocketProtocol

@testable import LoadTesting

extension Loopback {
  @Suite("Servers that do wrong")
  struct VerificationTests {
    /// A brief closed loop that keeps several messages under way.
    static func plan(_ server: TwistedServer, size: Int = 100) -> LoadPlan {
      var plan = LoadPlan(url: server.url)
      plan.connections = 4
      plan.workload = .closedLoop(depth: 8)
      plan.warmUp = .milliseconds(50)
      plan.duration = .milliseconds(300)
      plan.drain = .seconds(20)
      plan.payload = .generated(.json, byteCount: size)
      plan.kind = .text
      return plan
    }

    /// Plays every seventh message with a twist, and compares all counts.
    func check(
      _ twist: TwistedServer.Twist, size: Int = 100, expected: (UInt64) -> EchoFaults
    ) async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? twist : nil }
      defer { server.stop() }
      var plan = Self.plan(server, size: size)
      if twist == .lose { plan.drain = .seconds(2) }
      let outcome = try await LoadRunner(plan).run()
      let count = server.count(twist)
      #expect(count > 0)
      #expect(outcome.faults == expected(count))
      #expect(outcome.ending == .completed)
      #expect(outcome.isFlawless == (outcome.faults == EchoFaults()))
      #expect(outcome.results.totals.messagesReceived > 0)
    }

    @Test func `lost messages are counted exactly`() async throws {
      try await check(.lose) { count in
        var faults = EchoFaults()
        faults.lost = count
        return faults
      }
    }

    @Test func `doubled replies are counted exactly`() async throws {
      try await check(.double) { count in
        var faults = EchoFaults()
        faults.duplicated = count
        return faults
      }
    }

    @Test func `a reply that came twice is one in the rate`() async throws {
      let server = try TwistedServer { _ in .double }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.warmUp = .zero
      let outcome = try await LoadRunner(plan).run()
      let totals = outcome.results.totals
      #expect(outcome.faults.duplicated > 0)
      #expect(totals.messagesReceived <= totals.messagesSent)
    }

    @Test func `reordered replies are counted exactly`() async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? .delay : nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.drain = .seconds(2)
      let outcome = try await LoadRunner(plan).run()
      // Whatever a connection's last message is, nothing comes after it: if delayed, it stays lost.
      #expect(outcome.faults.lost <= 4)
      #expect(outcome.faults.reordered + outcome.faults.lost == server.count(.delay))
      #expect(outcome.faults.total == server.count(.delay))
    }

    @Test(
      arguments: [
        TwistedServer.Twist.corruptContent, .truncate, .changeKind,
      ], [9, 30, 100, 5000])
    func `corrupted replies are counted exactly`(twist: TwistedServer.Twist, size: Int) async throws
    {
      try await check(twist, size: size) { count in
        var faults = EchoFaults()
        faults.corrupted = count
        return faults
      }
    }

    @Test func `a damaged sequence number is corruption, not loss`() async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? .corruptSequence : nil }
      defer { server.stop() }
      var plan = Self.plan(server, size: 20)
      plan.payload = .generated(.random, byteCount: 20)
      let outcome = try await LoadRunner(plan).run()
      var expected = EchoFaults()
      expected.corrupted = server.count(.corruptSequence)
      #expect(outcome.faults == expected)
    }

    @Test(arguments: [TwistedServer.Twist.split, .ping])
    func `what the protocol permits is no fault`(twist: TwistedServer.Twist) async throws {
      try await check(twist) { _ in EchoFaults() }
    }

    @Test(arguments: [true, false])
    func `compression that is declined changes nothing`(isPlainEcho: Bool) async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? .split : nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.compression = LoadPlan.Compression()
      if !isPlainEcho { plan.slowReaders = SlowReaders(share: 1, octetsPerSecond: 1 << 30) }
      let outcome = try await LoadRunner(plan).run()
      #expect(server.count(.split) > 0)
      #expect(outcome.faults == EchoFaults())
      #expect(outcome.results.totals.wireBytesSent == nil)
    }

    @Test func `losses of an open loop are counted exactly`() async throws {
      let server = try TwistedServer { $0 % 10 == 5 ? .lose : nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.workload = .openLoop(messagesPerSecond: 500)
      plan.drain = .seconds(2)
      let outcome = try await LoadRunner(plan).run()
      #expect(outcome.faults.lost == server.count(.lose))
      #expect(outcome.faults.total == outcome.faults.lost)
      #expect(outcome.unsent == 0)
    }

    @Test(arguments: [true, false])
    func `what a silent server holds up is not the generator's fault`(isPlainEcho: Bool)
      async throws
    {
      let server = try TwistedServer { _ in .lose }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.workload = .openLoop(messagesPerSecond: 1000)
      plan.maximumInFlight = 4
      plan.drain = .milliseconds(100)
      if !isPlainEcho { plan.slowReaders = SlowReaders(share: 1, octetsPerSecond: 1 << 30) }
      let outcome = try await LoadRunner(plan).run()
      #expect(server.count(.lose) == UInt64(4 * plan.connections))
      #expect(outcome.unsent > 0)
      let generator = outcome.results.generator
      #expect(!generator.remarks.contains { $0.contains("were due and never sent") })
      #expect(!generator.remarks.contains { $0.contains("after they were due") })
      let held = try #require(outcome.results.observations?.first)
      #expect(held.name == "held up by the server")
      #expect(held.value.contains("and \(outcome.unsent) never"))
    }

    @Test(arguments: [true, false])
    func `what a slow server holds up is late, and not by us`(isPlainEcho: Bool) async throws {
      let server = try TwistedServer { _ in nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      // All of a burst is due at once, and goes out in as many round trips.
      plan.workload = .openLoop(.bursts(of: 50_000, every: .seconds(10)))
      plan.connections = 1
      plan.warmUp = .zero
      plan.maximumInFlight = 1
      plan.drain = .milliseconds(100)
      if !isPlainEcho { plan.slowReaders = SlowReaders(share: 1, octetsPerSecond: 1 << 30) }
      let outcome = try await LoadRunner(plan).run()
      #expect(
        !outcome.results.generator.remarks.contains { $0.contains("were due and never sent") })
      let held = try #require(outcome.results.observations?.first?.value)
      #expect(!held.hasPrefix("0 messages went out late"), "\(held)")
    }

    @Test func `a reply given up for time is late when it comes`() async throws {
      let server = try TwistedServer { $0 == 3 ? .delay : nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.connections = 1
      plan.workload = .closedLoop(depth: 1)
      plan.warmUp = .zero
      plan.duration = .milliseconds(2500)
      plan.replyTimeout = .milliseconds(200)
      let outcome = try await LoadRunner(plan).run()
      var expected = EchoFaults()
      expected.late = 1
      #expect(outcome.faults == expected)
      #expect(outcome.results.totals.messagesReceived > 10)
    }

    @Test func `without verification only replies are counted`() async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? .corruptContent : nil }
      defer { server.stop() }
      var plan = Self.plan(server)
      plan.verifies = false
      let outcome = try await LoadRunner(plan).run()
      #expect(server.count(.corruptContent) > 0)
      #expect(outcome.isFlawless)
    }
  }
}
