import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("A server's life", .timeLimit(.minutes(5)))
struct WebSocketServerTests {
  @Test(arguments: HandlerStyle.allCases)
  func `shutdown sends 1001 and waits for the answers`(style: HandlerStyle) async throws {
    try await withServer(style.echo) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == [97])
      async let end: Void = server.shutdown(within: .seconds(20))
      let close = try #require(try await client.readFrame())
      #expect(close.closeCode == .goingAway)
      #expect(server.connectionCount == 1)
      client.send(Frame.close(.goingAway).masked)
      #expect(try await client.seesOrderlyEnd())
      client.close()
      await end
      #expect(server.connectionCount == 0)
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `shutdown aborts who does not answer in time`(style: HandlerStyle) async throws {
    try await withServer(style.echo) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      await server.shutdown(within: .milliseconds(100))
      #expect(server.connectionCount == 0)
    }
  }

  @Test
  func `whoever waits for the end finds the server at its end`() async throws {
    let configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0))])
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    for _ in 0..<100 {
      try server.start()
      async let end: Void = server.wait()
      async let shutdown: Void = server.shutdown(within: .zero)
      await end
      #expect(!server.isRunning)
      await shutdown
    }
  }

  @Test
  func `nobody is accepted any more while clients stay`() async throws {
    try await withServer { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      server.stopAccepting()
      try await Task.sleep(for: .milliseconds(100))
      await #expect(throws: (any Error).self) { _ = try await TestClient(to: address) }
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == [97])
    }
  }

  @Test
  func `several loops share many connections`() async throws {
    try await withServer(configure: { $0.loopCount = 3 }) { server, address in
      var clients: [TestClient] = []
      for _ in 0..<200 {
        let client = try await TestClient(to: address)
        try await client.open()
        clients.append(client)
      }
      #expect(server.connectionCount == 200)
      for (index, client) in clients.enumerated() { client.send(.binary, [UInt8(index)]) }
      for (index, client) in clients.enumerated() {
        #expect(try await client.readFrame()?.payload == [UInt8(index)])
      }
      for client in clients { client.abort() }
      while server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `IPv6 and Unix-domain listeners serve as well`(style: HandlerStyle) async throws {
    let path = "/tmp/gauntlet-test-\(UInt32.random(in: 0 ... .max)).sock"
    try await withServer(
      style.echo,
      configure: {
        $0.loopCount = 2
        $0.listeners += [
          ListenerConfiguration(address: .loopback6(port: 0)),
          ListenerConfiguration(address: .unix(path: path)),
        ]
      }
    ) { server, _ in
      #expect(server.addresses.count == 3)
      for address in server.addresses {
        let client = try await TestClient(to: address)
        try await client.open()
        client.send(.text, [97])
        #expect(try await client.readFrame()?.payload == [97])
      }
    }
  }

  @Test
  func `a port in use is an error that names it`() async throws {
    try await withServer { _, address in
      let second = WebSocketServer(
        configuration: ServerConfiguration(listeners: [ListenerConfiguration(address: address)]),
        handler: .echo)
      let error = #expect(throws: ServerError.self) { try second.start() }
      let text = try #require(error).description
      #expect(text.contains("\(address)"))
    }
  }

  @Test
  func `a server without listeners does not start`() {
    let server = WebSocketServer(configuration: ServerConfiguration(), handler: .echo)
    #expect(throws: ServerError.self) { try server.start() }
  }

  @Test
  func `observers see the whole life`() async throws {
    let events = Record<String>()
    try await withServer(
      observer: { event in
        switch event {
        case .started: events.append("started")
        case .accepted: events.append("accepted")
        case .opened: events.append("opened")
        case .refused: events.append("refused")
        case .closed: events.append("closed")
        case .acceptFailed: events.append("acceptFailed")
        case .stopping: events.append("stopping")
        case .stopped: events.append("stopped")
        case .listening: events.append("listening")
        case .listenerStopped: events.append("listenerStopped")
        default: events.append("\(event)")
        }
      }
    ) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.abort()
      _ = try await events.first { $0 == "closed" }
      await server.shutdown()
    }
    #expect(
      events.all == [
        "listening", "started", "accepted", "opened", "closed", "stopping", "listenerStopped",
        "stopped",
      ])
  }
}
