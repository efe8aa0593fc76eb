import Reports
import Synchronization
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@testable import LoadTesting

/// Sends what comes to all clients, but for what its plan says; and counts what it did.
final class TwistedRoom: ConnectionHandler, Sendable {
  let plan: @Sendable (Int) -> TwistedServer.Twist?
  private let state = Mutex((number: 0, counts: [TwistedServer.Twist: Int]()))

  init(_ plan: @escaping @Sendable (Int) -> TwistedServer.Twist? = { _ in nil }) {
    self.plan = plan
  }

  func count(_ twist: TwistedServer.Twist) -> Int { state.withLock { $0.counts[twist] ?? 0 } }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    let twist = state.withLock { state in
      defer { state.number += 1 }
      let twist = plan(state.number)
      if let twist { state.counts[twist, default: 0] += 1 }
      return twist
    }
    var octets = (0..<payload.count).map { payload[$0] }
    if twist == .corruptContent { octets[octets.count - 1] ^= 1 }
    guard twist != .lose else { return }
    let server = connection.handle.server
    server.broadcast(Message(kind, copying: octets.span))
    if twist == .double { server.broadcast(Message(kind, copying: octets.span)) }
  }
}

/// Answers a subscription with numbered messages, of which it leaves out one and doubles another.
final class Pusher: ConnectionHandler, Sendable {
  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    for number in [1, 2, 3, 5, 6, 6, 7] {
      try? connection.send("{\"n\":\(number),\"t\":1}")
    }
  }
}

/// Closes every connection as soon as it is open.
final class Closer: ConnectionHandler, Sendable {
  func opened(_ connection: inout ActiveConnection) { connection.close(.goingAway, reason: "no") }
}

/// Echoes, but closes the connection that sends first.
final class Dismisser: ConnectionHandler, Sendable {
  private let hasClosed = Mutex(false)

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    let isFirst = hasClosed.withLock { hasClosed in
      defer { hasClosed = true }
      return !hasClosed
    }
    if isFirst { return connection.close(.goingAway) }
    try? connection.send(kind, payload)
  }
}

extension Loopback {
  @Suite("Workloads other than the echo")
  struct TrafficTests {
    /// Plays briefly against a handler.
    func play(
      _ handler: HandlerFactory = .echo, _ change: (inout LoadPlan) -> Void
    ) async throws -> LoadOutcome {
      var configuration = ServerConfiguration(listeners: [
        ListenerConfiguration(address: .loopback(port: 0))
      ])
      configuration.loopCount = 1
      let server = WebSocketServer(configuration: configuration, handler: handler)
      try server.start()
      var plan = LoadPlan(url: "ws://\(server.addresses[0])/")
      plan.connections = 6
      plan.warmUp = .milliseconds(50)
      plan.duration = .milliseconds(300)
      plan.drain = .seconds(20)
      change(&plan)
      let outcome = try await LoadRunner(plan).run()
      await server.shutdown(within: .seconds(1))
      return outcome
    }

    @Test func `pings are timed, as planned or one after the other`() async throws {
      let closed = try await play { $0.traffic = .ping }
      #expect(closed.isFlawless)
      #expect(closed.results.totals.messagesReceived > 0)
      let open = try await play {
        $0.traffic = .ping
        $0.loops = 2
        $0.workload = .openLoop(messagesPerSecond: 1000)
      }
      #expect(open.isFlawless)
      #expect(open.results.latencies.map(\.histogram.count) == [300, 300])
      let spaced = try await play {
        $0.traffic = .ping
        $0.interval = .seconds(60)
      }
      // Each sends once a minute, at moments of its own: of six only the first has its within the run.
      #expect(spaced.isFlawless)
      #expect(spaced.results.scenario.workload == "pings, one every 60.0 seconds each")
    }

    @Test(arguments: [TwistedServer.Twist.lose, .double], ["\"id\":", "/id"])
    func `faults of requests are counted exactly`(
      twist: TwistedServer.Twist, marker: String
    ) async throws {
      let server = try TwistedServer { $0 % 7 == 3 ? twist : nil }
      defer { server.stop() }
      var plan = Loopback.VerificationTests.plan(server)
      plan.traffic = .exchange(LoadTraffic.Exchange(marker: marker))
      plan.payload = .octets(Array("{\"id\": {{sequence}}}".utf8))
      plan.workload = .openLoop(messagesPerSecond: 2000)
      plan.drain = .milliseconds(500)
      let outcome = try await LoadRunner(plan).run()
      #expect(server.count(twist) > 0)
      #expect(twist != .lose || outcome.faults.lost == server.count(.lose))
      #expect(twist != .double || outcome.faults.duplicated == server.count(.double))
      #expect(outcome.faults.total == server.count(twist))
    }

    @Test func `what is published reaches all, and is timed from its plan`() async throws {
      let room = TwistedRoom()
      let outcome = try await play(.synchronous { _ in room }) {
        $0.traffic = .fanOut(LoadTraffic.FanOut(publishers: 2))
        $0.workload = .openLoop(messagesPerSecond: 200)
        $0.loops = 2
      }
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      let delivery = try #require(outcome.results.delivery)
      #expect((delivery.published, delivery.expected, delivery.received) == (60, 240, 240))
      #expect(delivery.variation == 0)
      #expect(outcome.results.latencies.map(\.histogram.count) == [240])
      #expect(delivery.reach == 1)
    }

    @Test(arguments: [TwistedServer.Twist.lose, .double, .corruptContent])
    func `faults of a fan-out are counted exactly`(twist: TwistedServer.Twist) async throws {
      let room = TwistedRoom { $0 % 7 == 3 ? twist : nil }
      let outcome = try await play(.synchronous { _ in room }) {
        var fanOut = LoadTraffic.FanOut(publishers: 1)
        fanOut.publishersListen = true
        $0.traffic = .fanOut(fanOut)
        $0.workload = .openLoop(messagesPerSecond: 200)
        $0.warmUp = .zero
        $0.drain = .milliseconds(500)
      }
      let count = UInt64(room.count(twist) * 6)
      #expect(count > 0)
      var faults = EchoFaults()
      switch twist {
      case .lose: faults.lost = count
      case .double: faults.duplicated = count
      default: faults.corrupted = count
      }
      #expect(outcome.faults == faults)
      let delivery = try #require(outcome.results.delivery)
      #expect(delivery.expected == 60 * 6)
      #expect(delivery.received == delivery.expected - Int(faults.lost))
    }

    @Test func `what the server pushes is counted by its numbers`() async throws {
      let outcome = try await play(.synchronous { _ in Pusher() }) {
        var push = LoadTraffic.Push()
        push.subscriptions = ["go"]
        push.sequenceMarker = "\"n\":"
        $0.traffic = .push(push)
        $0.workload = .idle
        $0.connections = 3
      }
      #expect(outcome.faults.lost == 3)
      #expect(outcome.faults.duplicated == 3)
      #expect(outcome.faults.total == 6)
    }

    @Test func `a server that sends nothing of what was asked for is no success`() async throws {
      let outcome = try await play {
        var push = LoadTraffic.Push()
        push.subscriptions = ["go"]
        push.sequenceMarker = "\"n\":"
        $0.traffic = .push(push)
        $0.workload = .idle
        $0.connections = 3
      }
      #expect(!outcome.isFlawless)
      #expect(outcome.results.errors.map(\.kind) == [.other])
    }

    @Test func `compressed messages differ, and what they take on the wire is counted`()
      async throws
    {
      let outcome = try await play {
        $0.compression = LoadPlan.Compression()
        $0.payload = .generated(.random, byteCount: 3000)
        $0.slowReaders = SlowReaders(share: 1, octetsPerSecond: 1 << 30)
      }
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      let totals = outcome.results.totals
      let (sent, received) = try (
        #require(totals.wireBytesSent), #require(totals.wireBytesReceived)
      )
      // Random octets do not become fewer, unless the window has had them before.
      #expect(sent > totals.payloadBytesSent / 10 * 9)
      #expect(received > totals.payloadBytesReceived / 10 * 9)
    }

    @Test func `a storm drops its share, and all come back`() async throws {
      let outcome = try await play {
        $0.storms = [
          ReconnectStorm(offset: .milliseconds(50), share: 0.5, resets: true),
          ReconnectStorm(offset: .milliseconds(150)),
        ]
        $0.loops = 2
      }
      #expect(outcome.ending == .completed)
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      let storms = try #require(outcome.results.reconnects)
      #expect(storms.map(\.dropped) == [3, 6])
      #expect(storms.map(\.returned) == [3, 6])
      #expect(storms.allSatisfy { $0.allBackNanoseconds != nil && $0.failures == 0 })
      #expect(outcome.results.totals.connectionsEstablished == 15)
    }

    @Test func `connections that live briefly are replaced without loss`() async throws {
      for law in ConnectionLifetime.Law.allCases {
        let outcome = try await play {
          $0.lifetime = ConnectionLifetime(law, mean: .milliseconds(60))
          $0.workload = .openLoop(messagesPerSecond: 500)
        }
        #expect(outcome.ending == .completed)
        #expect(outcome.faults.total == 0)
        // What was due when its connection was away at the very end stays unsent.
        #expect(
          outcome.results.errors.allSatisfy { $0.kind == .unsent }, "\(outcome.results.errors)")
        let churn = try #require(outcome.results.reconnects?.first)
        #expect(churn.dropped >= 6)
        #expect(churn.returned == churn.dropped)
      }
    }

    @Test func `slow readers are told apart, and do not hold up the others`() async throws {
      let room = TwistedRoom()
      let outcome = try await play(.synchronous { _ in room }) {
        $0.traffic = .fanOut(LoadTraffic.FanOut(publishers: 1))
        $0.workload = .openLoop(messagesPerSecond: 20)
        $0.slowReaders = SlowReaders(share: 0.5, octetsPerSecond: 20_000)
      }
      #expect(outcome.isFlawless, "\(outcome.results.errors)")
      #expect(
        outcome.results.latencies.map(\.name) == ["from planned publishing", "to slow readers"])
      // Of the connections 1, 3 and 5 are slow, of the subscribers three of five.
      #expect(outcome.results.latencies.map(\.histogram.count) == [12, 18])
    }

    @Test func `a server that closes what it has opened ends the run`() async throws {
      for loops in [1, 3] {
        let outcome = try await play(.synchronous { _ in Closer() }) {
          $0.traffic = .ping
          $0.workload = .openLoop(messagesPerSecond: 2000)
          $0.duration = .seconds(30)
          $0.drain = .milliseconds(200)
          $0.loops = loops
        }
        #expect(outcome.ending == .connectionsLost)
        let disconnected = outcome.results.errors.first { $0.kind == .disconnected }
        #expect(disconnected?.count == 6)
        #expect(disconnected?.example == "the server closed with 1001 no")
      }
    }

    @Test(arguments: [false, true])
    func `what a connection that ended did not send is not the generator's fault`(
      isPlainEcho: Bool
    ) async throws {
      let handler = Dismisser()
      let outcome = try await play(.synchronous { _ in handler }) {
        $0.workload = .openLoop(messagesPerSecond: 600)
        if !isPlainEcho { $0.slowReaders = SlowReaders(share: 1, octetsPerSecond: 1 << 30) }
      }
      #expect(outcome.unsent > 20)
      #expect(!outcome.results.generator.remarks.contains { $0.contains("never sent") })
      #expect(outcome.results.errors.contains { $0.kind == .unsent })
    }

    @Test func `what ended connections of a trace did not send is not the generator's fault`()
      async throws
    {
      let handler = Dismisser()
      var lines = "time,connection,size\n"
      for number in 0..<180 { lines += "\(Double(number) / 600),c\(number % 6),20\n" }
      let trace = try LoadTrace(parsing: Array(lines.utf8))
      let outcome = try await play(.synchronous { _ in handler }) {
        $0.trace = trace
        $0.workload = .openLoop(messagesPerSecond: trace.meanRate)
        $0.warmUp = .zero
      }
      #expect(outcome.unsent > 0)
      #expect(!outcome.results.generator.remarks.contains { $0.contains("never sent") })
    }

    @Test func `a server that dies in a storm ends the run with what was measured`() async throws {
      let server = try TwistedServer()
      defer { server.stop() }
      var plan = Loopback.VerificationTests.plan(server)
      plan.duration = .milliseconds(1500)
      plan.storms = [ReconnectStorm(offset: .milliseconds(800))]
      plan.connectTimeout = .seconds(1)
      async let outcome = LoadRunner(plan).run()
      try await Task.sleep(for: .milliseconds(500))
      server.die()
      let ended = try await outcome
      #expect(!ended.isFlawless)
      #expect(ended.results.totals.messagesReceived > 0)
      #expect(ended.results.errors.contains { $0.kind == .disconnected })
      #expect(ended.results.errors.contains { $0.kind == .connectFailed })
    }
  }
}
