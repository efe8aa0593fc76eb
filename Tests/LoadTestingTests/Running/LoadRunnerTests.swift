import Reports
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@testable import LoadTesting

extension Loopback {
  @Suite("Runs over loopback")
  struct LoadRunnerTests {
    /// Plays a brief run against the reference server.
    func play(
      tls: TLSContext? = nil, _ change: (inout LoadPlan) -> Void = { _ in }
    ) async throws -> LoadOutcome {
      var configuration = ServerConfiguration(listeners: [
        ListenerConfiguration(address: .loopback(port: 0), tls: tls)
      ])
      configuration.loopCount = 1
      let server = WebSocketServer(configuration: configuration, handler: .echo)
      try server.start()
      let scheme = tls == nil ? "ws" : "wss"
      var plan = LoadPlan(url: "\(scheme)://\(server.addresses[0])/")
      plan.connections = 5
      plan.warmUp = .milliseconds(50)
      plan.duration = .milliseconds(400)
      plan.drain = .seconds(20)
      change(&plan)
      let outcome = try await LoadRunner(plan).run()
      await server.shutdown(within: .seconds(1))
      return outcome
    }

    func expectFlawless(_ outcome: LoadOutcome) {
      #expect(outcome.ending == .completed)
      #expect(outcome.isFlawless)
      #expect(outcome.results.errors == [])
      #expect(outcome.results.totals.messagesReceived > 0)
      #expect((outcome.results.latencies.first?.histogram.count ?? 0) > 0)
    }

    @Test(arguments: [1, 16, 100], [1, 2])
    func `a closed loop keeps its depth`(depth: Int, loops: Int) async throws {
      let outcome = try await play {
        $0.workload = .closedLoop(depth: depth)
        $0.loops = loops
      }
      expectFlawless(outcome)
      #expect(outcome.results.setUp.map(\.name) == ["tcp", "upgrade", "total"])
      #expect(outcome.results.series.allSatisfy { $0.queues != nil })
      #expect(outcome.results.setUp.allSatisfy { $0.histogram.count == 5 })
      #expect(outcome.results.scenario.depth == depth)
      #expect(outcome.results.phases.map(\.name).prefix(3) == ["connect", "warm-up", "measure"])
    }

    @Test func `an open loop sends exactly what is planned`() async throws {
      let outcome = try await play {
        $0.workload = .openLoop(messagesPerSecond: 1000)
        $0.loops = 2
      }
      expectFlawless(outcome)
      // 400 messages are planned for the measuring phase, and each is recorded.
      #expect(outcome.results.latencies.map(\.histogram.count) == [400, 400])
      #expect(outcome.results.latencies.map(\.name) == ["from planned send", "from actual send"])
      #expect(outcome.unsent == 0)
    }

    @Test(arguments: [
      LoadSchedule(rate: 2000, arrivals: .poisson), .ramp(from: 500, to: 4000),
      .bursts(of: 40, every: .milliseconds(20)),
    ])
    func `any schedule is kept, with cool-down apart`(schedule: LoadSchedule) async throws {
      let outcome = try await play {
        $0.workload = .openLoop(schedule)
        $0.coolDown = .milliseconds(100)
        $0.loops = 2
      }
      expectFlawless(outcome)
      let pacer = SchedulePacer(
        schedule, measuringStart: 50_000_000, measuringEnd: 450_000_000, seed: 1)
      let planned = pacer.dueCount(at: 449_999_999) - pacer.dueCount(at: 49_999_999)
      #expect(outcome.results.latencies.map(\.histogram.count) == [Int(planned), Int(planned)])
      #expect(outcome.unsent == 0)
      #expect(outcome.results.phases.map(\.name).contains("cool-down"))
      #expect(outcome.results.scenario.settings.contains { $0.name == "schedule" })
    }

    @Test func `a trace is sent again, each message on its connection`() async throws {
      var lines = "time,connection,size,kind,payload\n"
      for number in 0..<120 {
        let kind = number % 3 == 0 ? "binary" : "text"
        let payload = number % 5 == 0 && kind == "text" ? "number \(number)" : ""
        let size = payload.isEmpty ? "\(number * 7)" : ""
        lines += "\(Double(number) / 400),c\(number % 7),\(size),\(kind),\(payload)\n"
      }
      let trace = try LoadTrace(parsing: Array(lines.utf8))
      let outcome = try await play {
        $0.trace = trace
        $0.connections = trace.connectionCount
        $0.workload = .openLoop(messagesPerSecond: trace.meanRate)
        $0.warmUp = .zero
        $0.loops = 2
      }
      expectFlawless(outcome)
      #expect(outcome.results.latencies.map(\.histogram.count) == [120, 120])
      #expect(outcome.results.totals.messagesSent == 120)
      #expect(
        outcome.results.totals.payloadBytesSent
          == trace.messages.reduce(0) { $0 + $1.byteCount })
    }

    @Test func `connections come from several addresses`() async throws {
      let outcome = try await play {
        $0.sourceAddresses = ["127.0.0.2", "127.0.0.3"]
        $0.connections = 6
      }
      expectFlawless(outcome)
      let nowhere = try await play { $0.sourceAddresses = ["192.0.2.1"] }
      guard case .notConnected = nowhere.ending else {
        Issue.record("connected from an address that is not ours: \(nowhere.ending)")
        return
      }
    }

    @Test func `too few ports are told before the start`() async throws {
      var plan = LoadPlan(url: "ws://127.0.0.1:1/")
      plan.connections = 1_000_000
      plan.sourceAddresses = ["127.0.0.2"]
      await #expect(throws: LoadError.self) { try await LoadRunner(plan).run() }
    }

    @Test(arguments: [0, 1, 2, 3, 7, 8, 125, 126, 65_535, 65_536, 200_000])
    func `messages of any size come back`(size: Int) async throws {
      for content in [PayloadContent.random, .text] {
        let outcome = try await play {
          $0.workload = .closedLoop(depth: 3)
          $0.payload = .generated(content, byteCount: size)
          $0.kind = content == .text ? .text : .binary
          $0.duration = .milliseconds(size > 100_000 ? 3000 : 200)
        }
        expectFlawless(outcome)
      }
    }

    @Test func `a file is sent with numbers in it`() async throws {
      let outcome = try await play {
        $0.payload = .octets(Array(#"{"id":"{{sequence}}","text":"größer"}"#.utf8))
        $0.kind = .text
      }
      expectFlawless(outcome)
    }

    @Test func `each frame may have a key of its own`() async throws {
      expectFlawless(try await play { $0.usesFreshMasks = true })
    }

    @Test(arguments: [false, true])
    func `compressed messages are verified as well`(forgets: Bool) async throws {
      let outcome = try await play {
        var compression = LoadPlan.Compression()
        compression.serverNoContextTakeover = forgets
        compression.clientNoContextTakeover = forgets
        $0.compression = compression
        $0.workload = .closedLoop(depth: 4)
        $0.payload = .generated(.json, byteCount: 3000)
        $0.kind = .text
      }
      expectFlawless(outcome)
      #expect(
        outcome.results.target.facts.first?.value.hasPrefix("permessage-deflate") == true)
      let totals = outcome.results.totals
      let (sent, received) = try (
        #require(totals.wireBytesSent), #require(totals.wireBytesReceived)
      )
      #expect(0 < sent && sent < totals.payloadBytesSent / 2)
      #expect(0 < received && received < totals.payloadBytesReceived / 2)
    }

    @Test func `TLS is timed apart`() async throws {
      let tls = try TLSContext.selfSigned(hostNames: ["localhost"])
      let outcome = try await play(tls: tls) {
        $0.verifiesCertificate = false
        $0.payload = .generated(.random, byteCount: 20_000)
      }
      expectFlawless(outcome)
      #expect(outcome.results.setUp.map(\.name) == ["tcp", "tls", "upgrade", "total"])
    }

    @Test func `a certificate that nobody trusts is refused`() async throws {
      let tls = try TLSContext.selfSigned(hostNames: ["localhost"])
      let outcome = try await play(tls: tls)
      guard case .notConnected(let reason) = outcome.ending else {
        Issue.record("\(outcome.ending)")
        return
      }
      #expect(!reason.isEmpty)
      #expect(outcome.results.errors.map(\.kind) == [.tlsFailed])
      #expect(outcome.results.errors.first?.count == 5)
    }

    @Test func `idle connections are opened and held`() async throws {
      let outcome = try await play { $0.workload = .idle }
      #expect(outcome.ending == .completed)
      #expect(outcome.isFlawless)
      #expect(outcome.results.totals.connectionsEstablished == 5)
      #expect(outcome.results.totals.messagesSent == 0)
    }

    @Test func `loops that never sleep are not called busy for it`() async throws {
      let outcome = try await play {
        $0.workload = .openLoop(messagesPerSecond: 200)
        $0.busyPolling = .seconds(1)
      }
      expectFlawless(outcome)
      #expect((outcome.results.generator.loopBusyShare ?? 0) < 0.9)
      #expect(outcome.results.scenario.settings.contains { $0.name == "busy polling" })
    }

    @Test(arguments: [LoadTraffic.echo, .ping], [false, true])
    func `the kernel tells how long replies waited`(
      traffic: LoadTraffic, isSecure: Bool
    ) async throws {
      let tls = isSecure ? try TLSContext.selfSigned(hostNames: ["localhost"]) : nil
      let outcome = try await play(tls: tls) {
        $0.traffic = traffic
        $0.stampsArrivals = true
        $0.verifiesCertificate = false
      }
      #expect(outcome.isFlawless)
      let waits = try #require(outcome.results.latencies.last)
      #expect(waits.name == "reply waiting to be read")
      // A read brings a reply or several.
      let received = outcome.results.totals.messagesReceived
      #expect(waits.histogram.count > 0 && waits.histogram.count <= received + 5)
      #expect(waits.histogram.maximumNanoseconds <= 30_000_000_000)
    }

    @Test(arguments: [true, false])
    func `far more than can be sent neither stops the run nor passes for measured`(
      isPlain: Bool
    ) async throws {
      let outcome = try await play {
        $0.workload = .openLoop(messagesPerSecond: 50_000_000)
        if !isPlain { $0.traffic = .ping }
        $0.payload = .generated(.random, byteCount: 20)
        $0.drain = .seconds(20)
        $0.replyTimeout = .seconds(60)
      }
      #expect(outcome.ending == .completed)
      #expect(outcome.results.totals.messagesSent > 0)
      #expect(outcome.unsent > 1_000_000)
      #expect(outcome.results.generator.validity == .invalid)
    }

    @Test func `connections may be begun at a rate`() async throws {
      let outcome = try await play { $0.connectRate = 50 }
      expectFlawless(outcome)
      #expect((outcome.results.phases.first?.durationNanoseconds ?? 0) >= 79_000_000)
    }

    @Test func `progress is told`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      var plan = Loopback.VerificationTests.plan(server)
      plan.duration = .milliseconds(1200)
      let (stream, continuation) = AsyncStream.makeStream(of: LoadProgress.self)
      _ = try await LoadRunner(plan).run { continuation.yield($0) }
      continuation.finish()
      var phases: [RunPhase] = []
      for await progress in stream {
        phases.append(progress.phase)
        #expect(progress.openConnections == 4)
        #expect(progress.messagesPerSecond > 0)
        #expect(progress.p50Nanoseconds != nil)
      }
      #expect(phases == [.warmUp, .measuring, .measuring])
    }
  }

  @Suite("Runs that go wrong")
  struct BrokenRunTests {
    @Test func `a refused connection is reported`() async throws {
      // A port that was free a moment ago.
      let server = try TwistedServer()
      let url = server.url
      server.stop()
      var plan = LoadPlan(url: url)
      plan.connections = 3
      let outcome = try await LoadRunner(plan).run()
      guard case .notConnected(let reason) = outcome.ending else {
        Issue.record("\(outcome.ending)")
        return
      }
      #expect(reason.contains("connection refused"))
      #expect(outcome.results.errors == [ErrorCount(.connectFailed, count: 3, example: reason)])
    }

    @Test func `a refused upgrade is reported with its status`() async throws {
      let server = try TwistedServer({ _ in nil }, refusesUpgrade: true)
      defer { server.stop() }
      let outcome = try await LoadRunner(Loopback.VerificationTests.plan(server)).run()
      #expect(outcome.results.errors.map(\.kind) == [.upgradeFailed])
      #expect(outcome.results.errors.first?.example?.contains("403") == true)
    }

    @Test func `a server that dies ends the run with what was measured`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      var plan = Loopback.VerificationTests.plan(server)
      plan.duration = .seconds(60)
      async let outcome = LoadRunner(plan).run()
      try await Task.sleep(for: .milliseconds(500))
      server.die()
      let ended = try await outcome
      #expect(ended.ending == .connectionsLost)
      #expect(!ended.isFlawless)
      #expect(ended.results.errors.contains { $0.kind == .disconnected && $0.count == 4 })
      #expect(ended.results.totals.messagesReceived > 0)
    }

    @Test func `a run that is stopped early keeps what was measured`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      var plan = Loopback.VerificationTests.plan(server)
      plan.duration = .seconds(60)
      let runner = try LoadRunner(plan)
      async let outcome = runner.run()
      try await Task.sleep(for: .milliseconds(600))
      runner.stop()
      let ended = try await outcome
      #expect(ended.ending == .interrupted)
      #expect(ended.isFlawless)
      #expect(ended.results.totals.messagesReceived > 0)
      #expect(ended.results.measuredSeconds < 20)
    }

    @Test func `impossible plans are refused before anything happens`() {
      #expect(throws: LoadError.self) { try LoadRunner(LoadPlan(url: "http://127.0.0.1:1/")) }
      var plan = LoadPlan(url: "ws://127.0.0.1:1/")
      plan.fields = [LoadPlan.Field(name: "bad name", value: "x")]
      #expect(throws: LoadError.self) { try LoadRunner(plan) }
      plan.fields = []
      plan.connections = 0
      #expect(throws: LoadError.wrongPlan("connections: 0 is not between 1 and 1000000")) {
        try LoadRunner(plan)
      }
      plan.connections = 1
      plan.busyPolling = .seconds(2)
      #expect(throws: LoadError.self) { try LoadRunner(plan) }
    }
  }
}
