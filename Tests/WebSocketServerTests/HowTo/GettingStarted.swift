import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on the first steps.
enum GettingStarted {
  /// Not run, as its port is fixed.
  static func echo() async throws {
    let server = WebSocketServer(
      configuration: ServerConfiguration(
        listeners: [ListenerConfiguration(address: .loopback(port: 9001))]),
      handler: .asynchronous { connection in
        for try await message in connection.messages {
          try await connection.send(message)
        }
      })
    try await server.run()
  }

  static func shouting(_ configuration: ServerConfiguration) -> WebSocketServer {
    let server = WebSocketServer(
      configuration: configuration, handler: .synchronous { _ in Counting() })
    return server
  }

  static func watched(
    _ configuration: ServerConfiguration, _ tell: @escaping @Sendable (String) -> Void
  ) -> WebSocketServer {
    let server = WebSocketServer(configuration: configuration, handler: .echo) { event in
      switch event {
      case .started(let addresses): tell("listening at \(addresses)")
      case .opened(let request): tell("\(request.connectionID) asks for \(request.target.path)")
      case .closed(let id, let closure): tell("\(id) ended, \(closure.cause)")
      default: break
      }
    }
    return server
  }
}

final class Counting: ConnectionHandler {
  private var count = 0

  func received(
    _ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection
  ) {
    count += 1
    try? connection.send("message \(count) has \(payload.count) octets")
  }
}

@Suite("How to begin", .timeLimit(.minutes(5)))
struct GettingStartedTests {
  private static var configuration: ServerConfiguration {
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: 0))])
    // Tests may share the machine with much else.
    configuration.timeouts.openingHandshake = .seconds(50)
    return configuration
  }

  @Test func `a handler on the loop counts for its connection`() async throws {
    var configuration = Self.configuration
    configuration.compression = nil
    let server = GettingStarted.shouting(configuration)
    try server.start()
    let client = try await TestClient(to: try #require(server.addresses.first))
    try await client.open()
    for number in 1...2 {
      client.send(.binary, [1, 2, 3])
      let answer = Array("message \(number) has 3 octets".utf8)
      #expect(try await client.readFrame()?.payload == answer)
    }
    await server.abort()
  }

  @Test func `an observer is told of the life of connections`() async throws {
    let told = Record<String>()
    let server = GettingStarted.watched(Self.configuration) { told.append($0) }
    try server.start()
    let client = try await TestClient(to: try #require(server.addresses.first))
    try await client.open("/news")
    _ = try await told.first { $0.hasSuffix("asks for /news") }
    client.abort()
    _ = try await told.first { $0.contains("ended") }
    await server.abort()
  }
}
