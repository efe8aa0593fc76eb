import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Who may connect", .timeLimit(.minutes(5)))
struct WhoMayConnectTests {
  @Test(arguments: [
    ("127.0.0.0/8", "127.1.2.3", true), ("127.0.0.0/8", "128.0.0.1", false),
    ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
    ("::/0", "2001:db8::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
    ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("0.0.0.0/0", "2001:db8::1", false),
  ])
  func `a network holds the addresses that begin with its bits`(
    network: String, address: String, isIn: Bool
  ) throws {
    let network = try #require(IPNetwork(network))
    #expect(network.contains(try #require(SocketAddress(host: address, port: 1))) == isIn)
  }

  @Test(arguments: ["", "10.0.0.0/33", "300.0.0.1", "10.0.0.0/", "a b", "::1/129"])
  func `what is no peer is refused with what would be one`(text: String) throws {
    let error = #expect(throws: ServerError.self) { try PeerPattern(parsing: text) }
    #expect(try #require(error).description.contains("host name"))
  }

  @Test(arguments: [
    (PeerFilter(denied: [.name("localhost")]), false),
    (PeerFilter(allowed: [.name("localhost")]), true),
  ])
  func `the filter decides before anything is read`(filter: PeerFilter, isIn: Bool) async throws {
    let turned = Record<TurnAwayReason>()
    try await withServer(
      configure: { $0.peers = filter },
      observer: { if case .turnedAway(_, let reason) = $0 { turned.append(reason) } }
    ) { server, address in
      let client = try? await TestClient(to: address)
      if isIn {
        try await #require(client).open()
      } else {
        #expect(try await turned.first { _ in true } == .filter)
        #expect(server.statistics.turnedAwayCount == 1 && server.connectionCount == 0)
      }
    }
  }

  @Test
  func `the application's hook decides too`() async throws {
    let turned = Record<TurnAwayReason>()
    try await withServer(
      configure: {
        $0.listeners.append(ListenerConfiguration(address: .loopback6(port: 0)))
        $0.hooks.admitsPeer = { $0.listenerIndex == 1 }
      },
      observer: { if case .turnedAway(_, let reason) = $0 { turned.append(reason) } }
    ) { server, address in
      _ = try? await TestClient(to: address)
      #expect(try await turned.first { _ in true } == .hook)
      let client = try await TestClient(to: server.addresses[1])
      try await client.open()
    }
  }

  @Test
  func `the busy message is the application's`() async throws {
    try await withServer(configure: {
      $0.limits.connectionCount = 1
      $0.busyMessage = "full house"
    }) { _, address in
      let first = try await TestClient(to: address)
      try await first.open()
      let second = try await TestClient(to: address)
      second.send(TestClient.request())
      #expect(try await second.readHead().hasPrefix("HTTP/1.1 503 "))
      #expect(try await second.read(11) == Array("full house\n".utf8))
    }
  }

  /// Sends everything back, without WebSocket.
  private final class RawEcho: RawHandler {
    func received(_ bytes: Span<UInt8>, on connection: ServerConnection) { connection.write(bytes) }
  }

  @Test
  func `a peer that speaks no HTTP goes to a hook`() async throws {
    try await withServer(configure: {
      $0.hooks.unknownProtocol = { _, octets in
        switch octets.first {
        case 1: .handOver(RawEcho())
        case 2: .answer(Array("what?".utf8))
        case 3: .drop
        default: .refuse
        }
      }
    }) { server, address in
      let raw = try await TestClient(to: address)
      raw.send([1, 2, 3])
      #expect(try await raw.read(3) == [1, 2, 3])
      raw.send([9])
      #expect(try await raw.read(1) == [9])
      raw.sendEndOfStream()
      #expect(try await raw.seesOrderlyEnd())
      let answered = try await TestClient(to: address)
      answered.send([2])
      #expect(try await answered.read(5) == Array("what?".utf8))
      #expect(try await answered.seesOrderlyEnd())
      let dropped = try await TestClient(to: address)
      dropped.send([3])
      await #expect(throws: (any Error).self) { try await dropped.read(1) }
      let refused = try await TestClient(to: address)
      refused.send([4, 13, 10, 13, 10])
      #expect(try await refused.readHead().hasPrefix("HTTP/1.1 400 "))
      let client = try await TestClient(to: address)
      try await client.open()
    }
  }

  @Test
  func `errors are told in two registers`() {
    let error = TransportError(.addressInUse, attempt: "listen", detail: "in use")
    let wrapped = ServerError.listening(listener: 0, error)
    #expect(wrapped.description == "cannot listen: in use")
    #expect(wrapped.friendlyDescription == "Another program is already using this address.")
  }
}
