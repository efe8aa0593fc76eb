import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on connections.
enum ConnectionsHowTo {
  static func dismissLaggards(of server: WebSocketServer) async {
    for facts in await server.connections() where facts.queuedByteCount > 1 << 20 {
      server.close(facts.id, .tryAgainLater, reason: "too far behind")
    }
  }

  static func greet(_ id: ConnectionID, of server: WebSocketServer) async -> String? {
    server.send(Message("hello"), to: id)
    server.perform(on: id) { connection in
      connection.idleTimeout = .seconds(3600)
      connection.subscribe(to: "news")
    }
    let facts = await server.facts(of: id)
    return facts?.request?.target.path
  }

  static var factory: HandlerFactory {
    let factory = HandlerFactory { request in
      guard request.target.path == "/chat" else {
        return .refuse(HandshakeRefusal(.notFound, "there is only /chat"))
      }
      return .accept(Visitor(name: request.target.queryValue("name") ?? "guest"))
    }
    return factory
  }

  static func bounds(_ given: ServerConfiguration) throws -> ServerConfiguration {
    var configuration = given
    configuration.limits.connectionCount = 10_000
    configuration.busyMessage = "Full house; come back in a minute."
    configuration.limits.messageByteCount = 1 << 20
    configuration.timeouts.openingHandshake = .seconds(5)
    configuration.timeouts.idle = .seconds(600)
    configuration.timeouts.closingHandshake = .seconds(3)
    configuration.peers = PeerFilter(
      allowed: [try PeerPattern(parsing: "127.0.0.0/8"), try PeerPattern(parsing: "::1")],
      denied: [try PeerPattern(parsing: "192.0.2.0/24")])
    return configuration
  }

  static func hooks(_ given: ServerConfiguration) -> ServerConfiguration {
    var configuration = given
    configuration.hooks.admitsPeer = { arrival in
      arrival.listenerIndex != 0 || arrival.peerAddress.port != 0
    }
    configuration.hooks.unknownProtocol = { _, octets in
      octets.starts(with: "STATUS".utf8) ? .answer(Array("well\n".utf8)) : .refuse
    }
    return configuration
  }

  static func start(_ server: WebSocketServer) -> String? {
    do {
      try server.start()
    } catch {
      print("technical: \(error)")
      print("for a person: \(error.friendlyDescription)")
      return error.friendlyDescription
    }
    return nil
  }
}

final class Visitor: ConnectionHandler {
  private let name: String
  private var said = 0

  init(name: String) { self.name = name }

  func opened(_ connection: inout ActiveConnection) {
    try? connection.send("welcome, \(name)")
  }

  func received(
    _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
  ) {
    said += 1
    if said == 3 { connection.close(.normalClosure, reason: "that will do") }
  }

  func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {
    print("\(name) said \(said); \(closure.wasClean ? "a clean end" : "broken off")")
  }
}

/// Takes no more from its peer while a store is busy; the peer feels it through TCP.
final class Hoarder: ConnectionHandler {
  func received(
    _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
  ) {
    let message = Message(kind, copying: payload)
    let (server, id) = (connection.handle.server, connection.id)
    connection.pauseReceiving()
    Task {
      await Store.shared.keep(message)
      server.perform(on: id) { $0.resumeReceiving() }
    }
  }
}

/// Keeps messages, as slowly as stores are.
actor Store {
  static let shared = Store()
  private(set) var messages: [Message] = []

  func keep(_ message: Message) async {
    await Task.yield()
    messages.append(message)
  }
}

@Suite("How to deal with connections", .timeLimit(.minutes(5)))
struct ConnectionsHowToTests {
  @Test func `a visitor has a handler and a state of its own`() async throws {
    try await withServer(ConnectionsHowTo.factory, configure: { $0.compression = nil }) {
      _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open("/chat?name=ann")
      #expect(try await client.readFrame()?.payload == Array("welcome, ann".utf8))
      for _ in 0..<3 { client.send(.text, [97]) }
      #expect(try await client.readFrame()?.closeCode == .normalClosure)
      let lost = try await TestClient(to: address)
      lost.send(TestClient.request("/nowhere"))
      #expect(try await lost.readHead().hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func `connections are found, told and dismissed`() async throws {
    let ids = Record<ConnectionID>()
    try await withServer(
      configure: {
        $0.compression = nil
        $0 = ConnectionsHowTo.hooks((try? ConnectionsHowTo.bounds($0)) ?? $0)
        // Tests may share the machine with much else.
        $0.timeouts.openingHandshake = .seconds(50)
      },
      observer: { if case .opened(let request) = $0 { ids.append(request.connectionID) } }
    ) { server, address async throws in
      let client = try await TestClient(to: address)
      try await client.open("/here")
      let id = try await ids.first { _ in true }
      #expect(await ConnectionsHowTo.greet(id, of: server) == "/here")
      #expect(try await client.readFrame()?.payload == Array("hello".utf8))
      await ConnectionsHowTo.dismissLaggards(of: server)
      #expect(await server.contains(id))
      #expect(await server.facts(of: id)?.channels == ["news"])
      #expect(ConnectionsHowTo.start(server) == "The server is running already.")
      let other = try await TestClient(to: address)
      other.send("STATUS\r\n")
      #expect(try await other.read(5) == Array("well\n".utf8))
    }
  }

  @Test func `a handler that pauses loses nothing`() async throws {
    try await withServer(.synchronous { _ in Hoarder() }) { _, address async throws in
      let client = try await TestClient(to: address)
      try await client.open()
      for index in 0..<50 { client.send(.binary, [UInt8(index)]) }
      while await Store.shared.messages.count < 50 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(await Store.shared.messages.map { $0.bytes[0] } == Array(0..<50))
    }
  }
}
