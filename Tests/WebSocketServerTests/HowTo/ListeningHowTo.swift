import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on listening.
enum ListeningHowTo {
  static func several(_ tls: TLSContext, _ folder: String) throws -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.listeners = [
      ListenerConfiguration(address: .loopback(port: 0)),
      ListenerConfiguration(address: .loopback6(port: 0), tls: tls),
      ListenerConfiguration(address: .unix(path: "\(folder)/server.socket")),
    ]
    configuration.listeners += try ListenerConfiguration.named(host: "localhost", service: "0")
    return configuration
  }

  static func tuned() -> ListenerConfiguration {
    var listener = ListenerConfiguration(address: .loopback(port: 0), backlog: 1024)
    listener.sharesPort = true
    listener.sendsAtOnce = true
    listener.receiveBufferByteCount = 128 << 10
    listener.sendBufferByteCount = 256 << 10
    listener.keepAlive = Listener.KeepAlive(
      idle: .seconds(60), interval: .seconds(15), probeCount: 4)
    return listener
  }

  static func life(of server: WebSocketServer) async throws {
    try server.start()
    let bound = server.addresses

    server.stopAccepting()
    try server.resumeAccepting()
    server.disconnectAll(.serviceRestart, reason: "back in a moment")

    try await server.restart(within: .seconds(5))
    await server.shutdown(within: .seconds(10))
    #expect(server.addresses == bound)
  }

  static func watched(_ given: ServerConfiguration) -> WebSocketServer {
    var configuration = given
    configuration.watchdog = Watchdog(interval: .seconds(5), attemptCount: 100)
    let server = WebSocketServer(configuration: configuration, handler: .echo) { event in
      switch event {
      case .listenerFailed(let index, let error): print("listener \(index) has failed: \(error)")
      case .listenerNotRevived(_, let attempt, let error): print("attempt \(attempt): \(error)")
      case .listening(let index, let address): print("listener \(index) is at \(address)")
      default: break
      }
    }
    return server
  }
}

@Suite("How to listen", .timeLimit(.minutes(5)))
struct ListeningHowToTests {
  @Test func `addresses, families and paths side by side`() async throws {
    let folder = "/tmp/howto-\(UInt64.random(in: 0 ... .max))"
    let tls = try TLSContext.selfSigned(hostNames: ["localhost"])
    // The folder is not there: said before anything listens.
    let lost = WebSocketServer(
      configuration: try ListeningHowTo.several(tls, folder), handler: .echo)
    #expect(throws: ServerError.self) { try lost.start() }
    var configuration = try ListeningHowTo.several(tls, "@\(folder)")
    // Tests may share the machine with much else.
    configuration.timeouts.openingHandshake = .seconds(50)
    let server = WebSocketServer(configuration: configuration, handler: .echo)
    try server.start()
    for (index, address) in server.addresses.enumerated() where index != 1 {
      let client = try await TestClient(to: address)
      try await client.open()
    }
    await server.abort()
  }

  @Test func `a server lives, restarts and ends`() async throws {
    let configuration = ServerConfiguration(listeners: [ListeningHowTo.tuned()])
    try await ListeningHowTo.life(of: ListeningHowTo.watched(configuration))
  }
}
