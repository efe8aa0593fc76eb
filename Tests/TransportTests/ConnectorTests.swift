import Glibc
import Testing

@testable import Transport

@Suite("Connectors")
struct ConnectorTests {
  /// How connecting fails.
  private func failure(_ connector: Connector) async throws -> TransportError? {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let log = connect(on: group.loops[0], connector)
    try await log.wait(for: "the failure") { !$0.closed.isEmpty }
    #expect(log.now.closed.count == 1)
    #expect(log.now.timings == nil)
    return log.now.closed.first?.connectError
  }

  /// A port that nobody listens at.
  private func freePort() throws -> UInt16 {
    let loop = try EventLoop()
    let listener = try Listener(loop: loop, address: .loopback(port: 0)) { _ in nil }
    let port = listener.localAddress.port ?? 0
    listener.closeNow()
    return port
  }

  @Test func `a port without a listener refuses`() async throws {
    let port = try freePort()
    let error = try await failure(Connector(to: .host("127.0.0.1", port: port)))
    #expect(error?.kind == .connectionRefused)
    #expect(error?.description == "cannot connect to 127.0.0.1:\(port): connection refused")
  }

  @Test func `a name's addresses are tried in order`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      // `localhost` is often ::1 first; only 127.0.0.1 listens.
      let listener = try Listener(loop: loop, address: .loopback(port: 0)) {
        EchoSocket(loop: $0.loop)
      }
      let connector = Connector(
        to: .host("localhost", port: listener.localAddress.port ?? 0))
      for _ in 0..<2 {
        let log = connect(on: loop, connector)
        try await log.wait(for: "the connection") { $0.timings != nil }
        #expect(log.now.timings?.resolved != nil)
      }
    }
  }

  @Test func `a name that does not exist is said so`() async throws {
    let error = try await failure(Connector(to: .host("no-such-name.invalid", port: 1)))
    #expect([.nameNotFound, .nameServerFailed, .timedOut].contains(error?.kind))
    #expect(error?.description.contains("no-such-name.invalid") == true)
  }

  @Test func `a listener that does not answer times out`() async throws {
    // A full backlog: the kernel drops further attempts.
    let listener = Descriptors.streamSocket(AF_INET)
    defer { _ = Glibc.close(listener) }
    #expect(Descriptors.bind(listener, to: .loopback(port: 0)) == 0)
    #expect(listen(listener, 0) == 0)
    let address = try #require(SocketAddress(.local, of: listener))
    var fillers: [Int32] = []
    defer { for filler in fillers { _ = Glibc.close(filler) } }
    for _ in 0..<4 {
      let filler = Descriptors.streamSocket(AF_INET)
      fillers.append(filler)
      _ = Descriptors.connect(filler, to: address)
    }
    var options = Connector.Options()
    options.timeout = .milliseconds(300)
    let error = try await failure(Connector(to: .address(address), options: options))
    #expect(error?.kind == .timedOut)
  }

  @Test func `aborting ends an attempt`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let log = SocketLog()
      loop.execute {
        let socket = ScriptSocket(loop: loop, log: log)
        Connector(to: .host("localhost", port: 1)).connect(socket)
        socket.abort()
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      try await Task.sleep(for: .milliseconds(50))
      #expect(log.now.closed.count == 1)
    }
  }

  @Test func `our side's address can be chosen`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let listener = try Listener(loop: loop, address: .loopback(port: 0)) {
        EchoSocket(loop: $0.loop)
      }
      var options = Connector.Options()
      options.localAddress = try SocketAddress(parsing: "127.0.0.77:0")
      let log = connect(on: loop, Connector(to: .address(listener.localAddress), options: options))
      { socket in
        socket.onConnected = { socket in
          let host = socket.localAddress?.host ?? ""
          socket.log.change { $0.notes = [host] }
        }
      }
      try await log.wait(for: "the connection") { !$0.notes.isEmpty }
      #expect(log.now.notes == ["127.0.0.77"])
      options.localAddress = try SocketAddress(parsing: "192.0.2.1:0")
      let error = try await failure(
        Connector(to: .address(listener.localAddress), options: options))
      #expect(error?.kind == .addressNotAvailable)
    }
  }

  @Test func `a missing Unix socket is said so`() async throws {
    let error = try await failure(Connector(to: .address(.unix(path: "/tmp/no-such-socket"))))
    #expect(error?.kind == .fileNotUsable)
  }
}
