import HTTP
import HTTPTypes
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("The connected clients", .timeLimit(.minutes(5)))
struct ConnectionsTests {
  @Test
  func `every fact of a connection can be read, from anywhere`() async throws {
    let opened = Record<ConnectionID>()
    try await withServer(
      configure: {
        $0.subprotocols = ["chat"]
        $0.countsTraffic = true
        $0.timeouts.idle = .seconds(100)
      },
      observer: { if case .opened(let request) = $0 { opened.append(request.connectionID) } }
    ) { server, address in
      let client = try await TestClient(to: address)
      try await client.open(
        "/room?name=x",
        fields: [
          "Origin: http://here", "Sec-WebSocket-Protocol: other, chat", "X-Own: yes",
          "Sec-WebSocket-Extensions: permessage-deflate",
        ])
      client.send(.binary, [1, 2, 3])
      _ = try await client.readFrame()
      let id = try await opened.first { _ in true }
      let facts = try #require(await server.facts(of: id))
      #expect(facts.id == id && facts.phase == .open && facts.listenerIndex == 0)
      #expect(facts.localAddress == address && facts.peerAddress?.host == "127.0.0.1")
      let request = try #require(facts.request).handshake
      #expect(request.resourceName == "/room?name=x" && request.host == "localhost")
      #expect(request.origin == "http://here" && request.subprotocols == ["other", "chat"])
      #expect(request.head.fields.contains { $0.name.canonicalName == "x-own" })
      #expect(request.extensions.map(\.name) == ["permessage-deflate"])
      #expect(facts.subprotocol == "chat" && facts.compression != nil && facts.tls == nil)
      #expect(facts.isReadyToSend && facts.isReceiving && facts.queuedByteCount == 0)
      #expect(facts.idleTimeout == .seconds(100))
      let traffic = try #require(facts.traffic)
      #expect(traffic.receivedMessageCount == 1 && traffic.sentMessageCount == 1)
      #expect(traffic.receivedByteCount == 9 && traffic.sentByteCount > 3)
      #expect(server.statistics.receivedMessageCount == 1)
      #expect(server.statistics.openedCount == 1 && server.statistics.activeCount == 1)
      #expect(server.statistics.handshakeLatencySum > .zero)
    }
  }

  @Test
  func `ids stay valid while others come and go`() async throws {
    let opened = Record<ConnectionID>()
    try await withServer(
      configure: { $0.loopCount = 2 },
      observer: { if case .opened(let request) = $0 { opened.append(request.connectionID) } }
    ) { server, address in
      var clients: [TestClient] = []
      for index in 0..<6 {
        clients.append(try await TestClient(to: address))
        try await clients[index].open()
        while opened.all.count <= index { try await Task.sleep(for: .milliseconds(2)) }
      }
      let ids = opened.all
      #expect(Set(ids).count == 6)
      #expect(Set(await server.connections().map(\.id)) == Set(ids))
      clients[0].abort()
      while await server.contains(ids[0]) { try await Task.sleep(for: .milliseconds(2)) }
      let late = try await TestClient(to: address)
      try await late.open()
      #expect(await server.facts(of: ids[0]) == nil)
      for index in 1..<6 {
        #expect(await server.contains(ids[index]))
        server.send(Message("\(index)"), to: ids[index])
        #expect(try await clients[index].readFrame()?.payload == Array("\(index)".utf8))
      }
      #expect(!(await server.contains(ConnectionID(number: 12_345))))
    }
  }

  @Test
  func `one is closed or disconnected, all are, and listening goes on`() async throws {
    let opened = Record<ConnectionID>()
    try await withServer(
      observer: { if case .opened(let request) = $0 { opened.append(request.connectionID) } }
    ) { server, address in
      let clients = [
        try await TestClient(to: address), try await TestClient(to: address),
        try await TestClient(to: address), try await TestClient(to: address),
      ]
      for (index, client) in clients.enumerated() {
        try await client.open()
        while opened.all.count <= index { try await Task.sleep(for: .milliseconds(2)) }
      }
      let ids = opened.all
      let code = CloseCode(rawValue: 4_321)
      server.close(ids[0], code, reason: "bye")
      let frame = try #require(try await clients[0].readFrame())
      #expect(frame.closeCode == code && frame.payload.dropFirst(2) == Array("bye".utf8)[...])
      #expect(await server.contains(ids[0]))
      server.close(ids[1], code, ending: .atOnce)
      #expect(try await clients[1].readFrame()?.closeCode == code)
      while await server.contains(ids[1]) { try await Task.sleep(for: .milliseconds(2)) }
      server.disconnect(ids[2])
      while await server.contains(ids[2]) { try await Task.sleep(for: .milliseconds(2)) }
      server.disconnectAll(.goingAway, reason: "all")
      #expect(try await clients[3].readFrame()?.closeCode == .goingAway)
      let next = try await TestClient(to: address)
      try await next.open()
      next.send(.text, [97])
      #expect(try await next.readFrame()?.payload == [97])
    }
  }

  @Test
  func `one and all are pinged`() async throws {
    let opened = Record<ConnectionID>()
    try await withServer(
      observer: { if case .opened(let request) = $0 { opened.append(request.connectionID) } }
    ) { server, address in
      let client = try await TestClient(to: address)
      try await client.open()
      server.ping(try await opened.first { _ in true }, [7])
      let one = try await client.readFrame()
      #expect(one?.header.opcode == .ping && one?.payload == [7])
      server.pingAll([8])
      #expect(try await client.readFrame()?.payload == [8])
    }
  }
}

@Suite("Heartbeat", .timeLimit(.minutes(5)))
struct HeartbeatTests {
  @Test
  func `who answers stays, who does not is gone`() async throws {
    let closed = Record<ConnectionClosure>()
    try await withServer(
      configure: {
        $0.heartbeat = Heartbeat(interval: .milliseconds(200), timeout: .seconds(8)) { _ in
          .ping([42])
        }
      },
      observer: { if case .closed(_, let closure) = $0 { closed.append(closure) } }
    ) { server, address in
      let alive = try await TestClient(to: address)
      // From the beginning: it may be long until this task runs again.
      alive.answerReads(with: TestClient.frame(.pong, [42]))
      try await alive.open()
      let dead = try await TestClient(to: address)
      try await dead.open()
      while closed.all.isEmpty {
        let ping = try #require(try await alive.readFrame())
        #expect(ping.header.opcode == .ping && ping.payload == [42])
      }
      let closure = closed.all[0]
      guard case .timeout(.heartbeat) = closure.cause else {
        Issue.record("\(closure.cause)")
        return
      }
      #expect(closed.all.count == 1 && server.connectionCount == 1)
      #expect(try await dead.readFrame()?.header.opcode == .ping)
      alive.send(.text, [97])
      var frame = try await alive.readFrame()
      while frame?.header.opcode == .ping { frame = try await alive.readFrame() }
      #expect(frame?.payload == [97])
    }
  }

  @Test
  func `a beat may be skipped`() async throws {
    let beats = Record<ConnectionID>()
    try await withServer(configure: {
      $0.heartbeat = Heartbeat(interval: .milliseconds(20), timeout: .milliseconds(20)) {
        beats.append($0.id)
        return .skip
      }
    }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      while beats.all.count < 5 { try await Task.sleep(for: .milliseconds(5)) }
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == [97])
    }
  }

  @Test
  func `a connection can have its own idle timeout`() async throws {
    let factory = HandlerFactory.synchronous { _ in ShortLived() }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      #expect(try await client.readFrame()?.closeCode == .goingAway)
    }
  }

  private final class ShortLived: ConnectionHandler {
    func opened(_ connection: inout ActiveConnection) {
      connection.handle.idleTimeout = .milliseconds(50)
    }
  }
}
