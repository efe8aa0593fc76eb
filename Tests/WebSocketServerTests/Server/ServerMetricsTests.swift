import CoreMetrics
import Logging
import ServerLifecycle
import ServiceLifecycle
import Synchronization
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// Keeps what is reported, by label.
private final class TestMetrics: MetricsFactory, Sendable {
  private final class Box: CounterHandler, RecorderHandler, TimerHandler, Sendable {
    let value = Mutex<Int64>(0)
    func increment(by amount: Int64) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }
    func record(_ value: Int64) { self.value.withLock { $0 = value } }
    func record(_ value: Double) { self.value.withLock { $0 = Int64(value) } }
    func recordNanoseconds(_ duration: Int64) { value.withLock { $0 += duration } }
  }

  private let boxes = Mutex<[String: Box]>([:])

  private func box(_ label: String) -> Box {
    boxes.withLock { boxes in
      let box = boxes[label] ?? Box()
      boxes[label] = box
      return box
    }
  }

  func value(_ label: String) -> Int64 { box(label).value.withLock { $0 } }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    box(label)
  }
  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool)
    -> any RecorderHandler
  { box(label) }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { box(label) }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}

@Suite("Measurements and services", .timeLimit(.minutes(5)))
struct ServerMetricsTests {
  /// The process has one metrics system.
  private static let metrics: TestMetrics = {
    let metrics = TestMetrics()
    MetricsSystem.bootstrap(metrics)
    return metrics
  }()

  @Test
  func `swift-metrics is told what is counted`() async throws {
    let metrics = Self.metrics
    try await withServer(configure: {
      $0.metricsPrefix = "test"
      $0.countsTraffic = true
    }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      for _ in 0..<3 {
        client.send(.binary, [1, 2, 3, 4])
        _ = try await client.readFrame()
      }
      let other = try await TestClient(to: address)
      other.send("nonsense\r\n\r\n")
      _ = try await other.readHead()
      while metrics.value("test_messages_sent") < 3 || metrics.value("test_requests_refused") < 1 {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(metrics.value("test_messages_received") == 3)
      #expect(metrics.value("test_bytes_received") == 30)
      #expect(metrics.value("test_connections_accepted") == 2)
      #expect(metrics.value("test_websockets_opened") == 1)
      #expect(metrics.value("test_connections_active") >= 1)
      #expect(metrics.value("test_handshake_latency") > 0)
      #expect(metrics.value("test_message_latency") > 0)
    }
  }

  @Test
  func `a server is a service that ends gracefully`() async throws {
    let started = Record<SocketAddress>()
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0))])
    configuration.timeouts.shutdown = .seconds(60)
    configuration.timeouts.closingHandshake = .seconds(60)
    let server = WebSocketServer(
      configuration: configuration, handler: .asynchronousEcho,
      observer: { if case .started(let all) = $0 { started.append(all[0]) } })
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: server)], logger: .init(label: "test")))
    async let run: Void = group.run()
    let client = try await TestClient(to: try await started.first { _ in true })
    try await client.open()
    client.send(.text, [97])
    #expect(try await client.readFrame()?.payload == [97])
    await group.triggerGracefulShutdown()
    #expect(try await client.readFrame()?.closeCode == .goingAway)
    client.send(Frame.close(.goingAway).masked)
    #expect(try await client.seesOrderlyEnd())
    client.close()
    try await run
    #expect(!server.isRunning)
  }

  @Test
  func `a service that is told to end before it begins ends`() async throws {
    /// Runs the server only when the end has been asked for.
    struct Late: Service {
      let server: WebSocketServer

      func run() async throws {
        try await gracefulShutdown()
        try await server.run()
      }
    }
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0))])
    // So that starting takes its time.
    configuration.loopCount = 16
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    for _ in 0..<10 {
      let group = ServiceGroup(
        configuration: .init(
          services: [.init(service: Late(server: server))], logger: .init(label: "test")))
      async let run: Void = group.run()
      await group.triggerGracefulShutdown()
      try await run
      #expect(!server.isRunning)
    }
  }
}
