import ArgumentParser
import LoadTesting
import Reports
import Synchronization
import Transport
import WebSocketProtocol
import WebSocketServer

/// The modes that listen and test nobody, and the one that opens many connections.
extension WstestCommand {
  /// Runs an echo, testee or broadcast server until it is told to end.
  func runServer(_ mode: WstestMode) async throws {
    let url = try parsedURL(place)
    let tls = try serverTLS(for: url, key: key, certificate: cert)
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: try address(port: url.port), tls: tls)])
    let limit = 64 << 20
    configuration.limits.messageByteCount = limit
    configuration.limits.inflatedMessageByteCount = limit
    configuration.limits.framePayloadByteCount = limit
    configuration.limits.fragmentCount = 1 << 20
    if mode != .testeeserver { configuration.compression = nil }
    if mode == .broadcastserver, webport != 0, Int(webport) != url.port {
      configuration.listeners.append(
        ListenerConfiguration(address: try address(port: Int(webport))))
    }
    let audience = Audience()
    let server = WebSocketServer(
      configuration: configuration,
      handler: mode == .broadcastserver ? .synchronous { _ in Listener(audience) } : .echo)
    let signals = TerminationSignals()
    do {
      try server.start()
    } catch {
      throw couldNotRun("\(error); choose another port with -w, or with -u (0: none)")
    }
    let addresses = server.addresses.map(\.description).joined(separator: " and ")
    printToStandardOutput("Listening at \(addresses)")
    let ticking = Task {
      var count = 0
      while mode == .broadcastserver, !Task.isCancelled {
        try await Task.sleep(for: .seconds(1))
        count += 1
        audience.send(.text, Array("tick \(count)".utf8))
      }
    }
    await signals.next()
    ticking.cancel()
    await server.shutdown(within: .seconds(2))
  }

  /// Everybody who is connected to a broadcast server.
  private final class Audience: Sendable {
    private let members = Mutex<[ConnectionID: LoopBound<ServerConnection>]>([:])

    func join(_ connection: ServerConnection) {
      let member = LoopBound(connection, on: connection.loop)
      members.withLock { $0[connection.id] = member }
    }

    func leave(_ id: ConnectionID) {
      members.withLock { $0[id] = nil }
    }

    func send(_ kind: MessageKind, _ payload: [UInt8]) {
      for member in members.withLock({ Array($0.values) }) {
        member.execute { $0.send(kind, payload) }
      }
    }
  }

  private final class Listener: ConnectionHandler {
    private let audience: Audience

    init(_ audience: Audience) {
      self.audience = audience
    }

    func opened(_ connection: inout ActiveConnection) {
      audience.join(connection.handle)
    }

    func received(
      _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
    ) {
      audience.send(kind, (0..<payload.count).map { payload[$0] })
    }

    func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {
      audience.leave(connection.id)
    }
  }

  // MARK: massconnect

  /// Opens the connections of a spec, one server after the other, and says how long each took.
  func runMassConnect() async throws {
    let mass = try MassConnectSpec(try specObject(default: MassConnectSpec.text))
    DescriptorLimit.raise()
    for server in mass.servers {
      printToStandardOutput(
        "Connecting \(mass.connections) clients to \(server.name) at \(server.url)"
          + (server.description.isEmpty ? "" : " (\(server.description))"))
      var plan = LoadPlan(url: server.url)
      plan.connections = mass.connections
      plan.workload = .idle
      plan.warmUp = .zero
      plan.duration = .milliseconds(1)
      plan.verifiesCertificate = false
      plan.connectConcurrency = max(mass.batchCount, 1)
      plan.connectRetryDelay = mass.retryDelay
      let delay = mass.batchDelay / .seconds(1)
      plan.connectRate = delay > 0 ? Double(mass.batchCount) / delay : nil
      try await open(plan, server.url)
    }
  }

  private func open(_ plan: LoadPlan, _ url: String) async throws {
    do {
      let runner = try LoadRunner(plan)
      let outcome = try await runner.run { _ in }
      if case .notConnected(let reason) = outcome.ending { throw couldNotRun("\(url): \(reason)") }
      let count = outcome.results.totals.connectionsEstablished
      let connecting = outcome.results.phases.first { $0.name == "connect" }
      let nanoseconds = connecting?.durationNanoseconds ?? Int64(outcome.elapsed / .nanoseconds(1))
      printToStandardOutput(
        "\(count) of \(plan.connections) clients were connected in \(nanoseconds / 1_000_000) ms")
    } catch let error as LoadError {
      throw couldNotRun("\(url): \(error)")
    }
  }
}
