import Glibc
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Listening", .timeLimit(.minutes(5)))
struct ListeningTests {
  private func echo(at address: SocketAddress) async throws -> TestClient {
    let client = try await TestClient(to: address)
    try await client.open()
    client.send(.text, [97])
    #expect(try await client.readFrame()?.payload == [97])
    return client
  }

  @Test
  func `a server restarts at the port that the system has chosen`() async throws {
    try await withServer { server, address in
      for _ in 0..<10 {
        _ = try await echo(at: address)
        try await server.restart(within: .milliseconds(50))
        #expect(server.addresses == [address])
      }
      _ = try await echo(at: address)
    }
  }

  @Test
  func `a server starts again after its end, but not twice at a time`() async throws {
    try await withServer { server, address in
      #expect(throws: ServerError.self) { try server.start() }
      await server.shutdown(within: .zero)
      #expect(!server.isRunning)
      #expect(throws: ServerError.self) { try server.resumeAccepting() }
      try server.start()
      _ = try await echo(at: try #require(server.addresses.first))
    }
  }

  @Test
  func `accepting stops and resumes while clients stay`() async throws {
    let events = Record<String>()
    try await withServer(
      observer: { if case .listenerStopped = $0 { events.append("stopped") } }
    ) { server, address in
      let client = try await echo(at: address)
      server.stopAccepting()
      #expect(!server.isAccepting)
      _ = try await events.first { $0 == "stopped" }
      client.send(.text, [98])
      #expect(try await client.readFrame()?.payload == [98])
      try server.resumeAccepting()
      #expect(server.isAccepting && server.addresses == [address])
      _ = try await echo(at: address)
    }
  }

  @Test(arguments: [1, 3])
  func `the watchdog revives a listener that has died`(loopCount: Int) async throws {
    let events = Record<String>()
    try await withServer(
      configure: {
        $0.loopCount = loopCount
        $0.watchdog = Watchdog(interval: .milliseconds(20))
      },
      observer: {
        switch $0 {
        case .listenerFailed(let index, _): events.append("failed \(index)")
        case .listening: events.append("listening")
        default: break
        }
      }
    ) { server, address in
      let client = try await echo(at: address)
      let port = try #require(address.port)
      let descriptors = OpenSockets.listening(at: port)
      #expect(descriptors.count == loopCount)
      for descriptor in descriptors { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
      while events.all.count(where: { $0 == "listening" }) < 1 + loopCount {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(events.all.count { $0 == "failed 0" } == loopCount)
      #expect(OpenSockets.listening(at: port).count == loopCount)
      client.send(.text, [98])
      #expect(try await client.readFrame()?.payload == [98])
      for _ in 0..<(3 * loopCount) { _ = try await echo(at: address) }
    }
  }

  @Test
  func `nothing is revived once the server has stopped accepting`() async throws {
    let failures = Record<Bool>()
    try await withServer(
      configure: { $0.watchdog = Watchdog(interval: .milliseconds(50)) },
      observer: { if case .listenerFailed = $0 { failures.append(true) } }
    ) { server, address in
      let port = try #require(address.port)
      _ = shutdown(try #require(OpenSockets.listening(at: port).first), Int32(SHUT_RDWR))
      _ = try await failures.first { $0 }
      server.stopAccepting()
      try await Task.sleep(for: .milliseconds(200))
      #expect(!server.isAccepting && OpenSockets.listening(at: port).isEmpty)
      try server.resumeAccepting()
      _ = try await echo(at: address)
    }
  }

  @Test
  func `a watchdog gives up after as many attempts as it has`() async throws {
    let events = Record<Int>()
    try await withServer(
      configure: { $0.watchdog = Watchdog(interval: .milliseconds(250), attemptCount: 2) },
      observer: {
        if case .listenerNotRevived(_, let attempt, _) = $0 { events.append(attempt) }
      }
    ) { server, address in
      let port = try #require(address.port)
      let descriptor = try #require(OpenSockets.listening(at: port).first)
      // Somebody else takes the port as soon as it is free, before the watchdog can.
      _ = shutdown(descriptor, Int32(SHUT_RDWR))
      var thief: WebSocketServer?
      while thief == nil {
        let other = WebSocketServer(
          configuration: ServerConfiguration(listeners: [ListenerConfiguration(address: address)]),
          handler: .echo)
        if (try? other.start()) != nil { thief = other }
      }
      _ = try await events.first { $0 == 2 }
      await thief?.abort()
      #expect(!server.isAccepting)
      try server.resumeAccepting()
      _ = try await echo(at: address)
    }
  }

  @Test
  func `options reach the sockets that are accepted`() async throws {
    try await withServer(configure: {
      $0.listeners[0].keepAlive = .init(idle: .seconds(33), interval: .seconds(7), probeCount: 3)
      $0.listeners[0].receiveBufferByteCount = 65_536
      $0.listeners[0].sendBufferByteCount = 32_768
      $0.listeners[0].sendsAtOnce = false
    }) { _, address in
      let client = try await echo(at: address)
      let port = try #require(address.port)
      let descriptor = try #require(OpenSockets.accepted(at: port).first)
      let tcp = Int32(IPPROTO_TCP)
      #expect(OpenSockets.option(SOL_SOCKET, SO_KEEPALIVE, of: descriptor) == 1)
      #expect(OpenSockets.option(tcp, TCP_KEEPIDLE, of: descriptor) == 33)
      #expect(OpenSockets.option(tcp, TCP_KEEPINTVL, of: descriptor) == 7)
      #expect(OpenSockets.option(tcp, TCP_KEEPCNT, of: descriptor) == 3)
      #expect(OpenSockets.option(tcp, TCP_NODELAY, of: descriptor) == 0)
      // The kernel doubles what it is asked for.
      #expect(OpenSockets.option(SOL_SOCKET, SO_RCVBUF, of: descriptor) == 131_072)
      #expect(OpenSockets.option(SOL_SOCKET, SO_SNDBUF, of: descriptor) == 65_536)
      client.close()
    }
  }

  @Test
  func `a port may be shared if both sides say so`() async throws {
    try await withServer(configure: { $0.listeners[0].sharesPort = true }) { _, address in
      try await withServer(configure: {
        $0.listeners = [ListenerConfiguration(address: address)]
        $0.listeners[0].sharesPort = true
      }) { second, _ in
        #expect(second.addresses == [address])
        for _ in 0..<4 { _ = try await echo(at: address) }
      }
    }
  }

  @Test
  func `one wildcard listener takes both families, unless told otherwise`() async throws {
    for isIPv6Only in [false, true] {
      try await withServer(configure: {
        $0.listeners = [ListenerConfiguration(address: .ipv6(0, port: 0))]
        $0.listeners[0].isIPv6Only = isIPv6Only
      }) { server, address in
        let port = try #require(address.port)
        _ = try await echo(at: .loopback6(port: port))
        // Where it is not ours, the port of the other family may be another test's.
        _ = try? await echo(at: .loopback(port: port))
        #expect(server.statistics.openedCount == (isIPv6Only ? 1 : 2))
      }
    }
  }

  @Test
  func `hosts and services are found by their names`() throws {
    let listeners = try ListenerConfiguration.named(host: "localhost", service: "http")
    #expect(listeners.contains { $0.address == .loopback(port: 80) })
    let all = try ListenerConfiguration.named(host: "*", service: "0")
    #expect(all.map(\.address) == [.ipv6(0, port: 0)])
    let error = #expect(throws: ServerError.self) {
      try ListenerConfiguration.named(host: nil, service: "no-such-service")
    }
    #expect(try #require(error).description.contains("no-such-service"))
  }

  @Test
  func `a connection knows its listener`() async throws {
    let record = Record<Int>()
    let factory = HandlerFactory { request in
      record.append(request.listenerIndex)
      return .accept(EchoHandler())
    }
    try await withServer(
      factory,
      configure: {
        $0.listeners.append(ListenerConfiguration(address: .loopback6(port: 0), backlog: 7))
      }
    ) { server, _ in
      for address in server.addresses { _ = try await echo(at: address) }
      #expect(record.all == [0, 1])
    }
  }

  @Test(arguments: [0, 65_536])
  func `a backlog out of range is refused with what is allowed`(backlog: Int) throws {
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0))])
    configuration.listeners[0].backlog = backlog
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    let error = #expect(throws: ServerError.self) { try server.start() }
    #expect(try #require(error).description == "the backlog is \(backlog); allowed is 1 to 65535")
  }
}
