import Foundation
import Synchronization
import Testing

@testable import Transport

@Suite("TLS")
struct TLSContextTests {
  private let certificates: Certificates

  init() throws { certificates = try Certificates.shared.get() }

  private func server(
    protocols: [String] = [], maximum: TLSVersion = .v1_3, expired: Bool = false
  ) throws -> TLSContext {
    let files = expired ? certificates.expired : certificates.server
    var options = TLSServerOptions(certificateChainFile: files.chain, privateKeyFile: files.key)
    options.acceptsExpiredCertificate = expired
    options.applicationProtocols = protocols
    options.maximumVersion = maximum
    return try TLSContext(server: options)
  }

  private func client(
    protocols: [String] = [], minimum: TLSVersion = .v1_2
  ) throws -> TLSContext {
    var options = TLSClientOptions()
    options.authoritiesFile = certificates.authority
    options.applicationProtocols = protocols
    options.minimumVersion = minimum
    return try TLSContext(client: options)
  }

  private func echoListener(
    _ loop: EventLoop, _ tls: TLSContext?, log: SocketLog = SocketLog()
  ) throws -> Listener {
    var options = Listener.Options()
    options.tls = tls
    return try Listener(loop: loop, address: .loopback(port: 0), options: options) {
      let socket = ScriptSocket(loop: $0.loop, log: log)
      socket.keepsOctets = false
      socket.onReceive = { socket, bytes in socket.write(bytes.span) }
      return socket
    }
  }

  private func connector(
    _ listener: Listener, _ tls: TLSContext, name: String = "localhost"
  ) -> Connector {
    var options = Connector.Options()
    options.tls = tls
    options.serverName = name
    return Connector(to: .address(listener.localAddress), options: options)
  }

  @Test(arguments: TLSVersion.allCases)
  func `octets go there and back`(version: TLSVersion) async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try echoListener(
        group.loops[0], try server(maximum: version), log: serverLog)
      let log = connect(on: group.loops[1], connector(listener, try client())) { socket in
        socket.onConnected = { socket in
          let facts = socket.tlsFacts
          socket.log.change { $0.notes = [facts?.version ?? "", facts?.cipher ?? ""] }
          socket.write(Array("hello ".utf8).span, Array("world".utf8).span)
        }
        socket.onReceive = { socket, _ in
          if socket.log.now.received.count == 11 { socket.close() }
        }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      #expect(String(decoding: log.now.received, as: UTF8.self) == "hello world")
      #expect(log.now.notes.first == version.rawValue)
      #expect(log.now.timings?.tlsEstablished != nil)
      #expect(serverLog.now.endOfStreamCount == 1)
      #expect(serverLog.now.timings?.tlsEstablished != nil)
    }
  }

  @Test(arguments: TLSVersion.allCases)
  func `much goes there and back`(version: TLSVersion) async throws {
    let count = 8 << 20
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 12) }
    try await withLoops(2) { group in
      let listener = try echoListener(group.loops[0], try server(maximum: version))
      let log = connect(on: group.loops[1], connector(listener, try client())) { socket in
        socket.onConnected = { $0.write(data.span) }
        socket.onReceive = { socket, _ in
          if socket.log.now.receivedByteCount == count { socket.shutdownOutput() }
        }
        socket.onEndOfStream = { socket in
          let truncated = socket.inputWasTruncated
          socket.log.change { $0.notes = ["\(truncated)"] }
        }
      }
      try await log.wait(for: "the end", within: 60) { !$0.closed.isEmpty }
      #expect(log.now.received == data)
      #expect(log.now.notes == ["false"])
    }
  }

  @Test func `a wrong name is refused`() async throws {
    let error = try await failure { connector($0, try client(), name: "example.org") }
    #expect(error?.kind == .tlsWrongName)
    #expect(error?.description.contains("hostname mismatch") == true)
  }

  @Test func `an address in the certificate is a name too`() async throws {
    try await withLoops { group in
      let listener = try echoListener(group.loops[0], try server())
      let good = connect(
        on: group.loops[0], connector(listener, try client(), name: "127.0.0.1"))
      let bad = connect(on: group.loops[0], connector(listener, try client(), name: "127.0.0.2"))
      try await good.wait(for: "the connection") { $0.timings != nil }
      try await bad.wait(for: "the refusal") { !$0.closed.isEmpty }
      #expect(bad.now.closed.first?.connectError?.kind == .tlsWrongName)
    }
  }

  @Test(arguments: ["::1", "::1%lo", "::1%1"])
  func `an IPv6 address is verified without its zone`(name: String) async throws {
    let error = try await failure { connector($0, try client(), name: name) }
    #expect(error?.kind == .tlsWrongName)
    let issued = try IssuedCertificate(.init(commonName: "a", hostNames: ["::1"]))
    var options = TLSClientOptions()
    options.authorities = [issued.certificate]
    let trust = try TLSContext(client: options)
    try await withLoops { group in
      let listener = try echoListener(
        group.loops[0],
        try TLSContext(
          server: TLSServerOptions(
            identity: .pem(certificateChain: issued.certificate, privateKey: issued.key))))
      let log = connect(on: group.loops[0], connector(listener, trust, name: name))
      try await log.wait(for: "the connection") { $0.timings != nil }
    }
  }

  @Test func `an unknown authority is refused`() async throws {
    let error = try await failure { connector($0, try TLSContext()) }
    #expect(error?.kind == .tlsUntrusted)
  }

  @Test func `an expired certificate is refused`() async throws {
    let error = try await failure(expired: true) { connector($0, try client()) }
    #expect(error?.kind == .tlsExpired)
  }

  @Test func `without verification anything goes`() async throws {
    var options = TLSClientOptions()
    options.verifiesPeer = false
    let insecure = try TLSContext(client: options)
    try await withLoops { group in
      let selfSigned = try TLSContext.selfSigned(hostNames: ["localhost", "127.0.0.1"])
      let listener = try echoListener(group.loops[0], selfSigned)
      let log = connect(on: group.loops[0], connector(listener, insecure, name: "example.org"))
      try await log.wait(for: "the connection") { $0.timings != nil }
    }
  }

  @Test func `a server without TLS is told apart`() async throws {
    try await withLoops { group in
      let listener = try Listener(loop: group.loops[0], address: .loopback(port: 0)) {
        let socket = ScriptSocket(loop: $0.loop)
        socket.onConnected = { $0.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span) }
        return socket
      }
      let log = connect(on: group.loops[0], connector(listener, try client()))
      try await log.wait(for: "the refusal") { !$0.closed.isEmpty }
      #expect(log.now.closed.first?.connectError?.kind == .notTLS)
    }
  }

  @Test func `a client without TLS is told apart`() async throws {
    try await withLoops { group in
      let serverLog = SocketLog()
      let listener = try echoListener(group.loops[0], try server(), log: serverLog)
      let plain = Connector(to: .address(listener.localAddress))
      _ = connect(on: group.loops[0], plain) { socket in
        socket.onConnected = { $0.write(Array("GET / HTTP/1.1\r\n\r\n".utf8).span) }
      }
      try await serverLog.wait(for: "the refusal") { !$0.closed.isEmpty }
      #expect(serverLog.now.closed.first?.connectError?.kind == .notTLS)
    }
  }

  @Test func `no version in common is an error`() async throws {
    try await withLoops { group in
      let listener = try echoListener(group.loops[0], try server(maximum: .v1_2))
      let log = connect(
        on: group.loops[0], connector(listener, try client(minimum: .v1_3)))
      try await log.wait(for: "the refusal") { !$0.closed.isEmpty }
      #expect(log.now.closed.first?.connectError?.kind == .tlsProtocol)
    }
  }

  @Test func `the server's order decides the application protocol`() async throws {
    try await withLoops { group in
      let listener = try echoListener(
        group.loops[0], try server(protocols: ["http/1.1", "chat"]))
      let tls = try client(protocols: ["chat", "http/1.1"])
      let log = connect(on: group.loops[0], connector(listener, tls)) { socket in
        socket.onConnected = { socket in
          let name = socket.tlsFacts?.applicationProtocol
          socket.log.change { $0.notes = [name ?? "none"] }
        }
      }
      try await log.wait(for: "the connection") { !$0.notes.isEmpty }
      #expect(log.now.notes == ["http/1.1"])
      let stranger = connect(
        on: group.loops[0], connector(listener, try client(protocols: ["spdy"])))
      try await stranger.wait(for: "the refusal") { !$0.closed.isEmpty }
      #expect(stranger.now.closed.first?.connectError?.kind == .tlsProtocol)
    }
  }

  @Test(arguments: TLSVersion.allCases)
  func `a later connection resumes the session`(version: TLSVersion) async throws {
    try await withLoops(2) { group in
      let listener = try echoListener(group.loops[0], try server(maximum: version))
      let connector = connector(listener, try client())
      for round in 0..<2 {
        let log = connect(on: group.loops[1], connector) { socket in
          socket.onConnected = { socket in
            let isResumed = socket.tlsFacts?.isResumed ?? false
            socket.log.change { $0.notes = ["\(isResumed)"] }
            socket.write([1].span)
          }
          socket.onReceive = { socket, _ in socket.close() }
        }
        try await log.wait(for: "the end") { !$0.closed.isEmpty }
        #expect(log.now.notes == ["\(round == 1)"])
      }
    }
  }

  @Test func `an end without close_notify is noticed`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      var options = Listener.Options()
      options.tls = try server()
      let listener = try Listener(
        loop: group.loops[0], address: .loopback(port: 0), options: options
      ) {
        let socket = ScriptSocket(loop: $0.loop, log: serverLog)
        socket.onEndOfStream = { socket in
          let truncated = socket.inputWasTruncated
          socket.log.change { $0.notes = ["\(truncated)"] }
          socket.close()
        }
        return socket
      }
      _ = connect(on: group.loops[1], connector(listener, try client())) { socket in
        socket.onConnected = { _ = shutdown($0.descriptor, Int32(SHUT_WR)) }
      }
      try await serverLog.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(serverLog.now.notes == ["true"])
    }
  }

  @Test func `the key log has the secrets`() async throws {
    let shared = LineBox()
    var options = TLSClientOptions()
    options.authoritiesFile = certificates.authority
    options.keyLog = { shared.add($0) }
    let tls = try TLSContext(client: options)
    try await withLoops { group in
      let listener = try echoListener(group.loops[0], try server())
      let log = connect(on: group.loops[0], connector(listener, tls))
      try await log.wait(for: "the connection") { $0.timings != nil }
    }
    #expect(shared.lines.contains { $0.hasPrefix("CLIENT_HANDSHAKE_TRAFFIC_SECRET ") })
  }

  @Test func `files that cannot be used are named`() throws {
    #expect {
      try TLSContext(
        server: TLSServerOptions(certificateChainFile: "/nowhere.pem", privateKeyFile: "/x"))
    } throws: {
      "\($0)" == "cannot use the certificate /nowhere.pem: no such file or directory"
    }
    #expect {
      try TLSContext(
        server: TLSServerOptions(
          certificateChainFile: certificates.server.chain,
          privateKeyFile: "\(certificates.folder)/ca.key"))
    } throws: {
      "\($0)".contains("ca.key: key values mismatch")
    }
  }

  /// How a connection to an echo server fails.
  private func failure(
    expired: Bool = false, _ makeConnector: (Listener) throws -> Connector
  ) async throws -> TransportError? {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let listener = try echoListener(group.loops[0], try server(expired: expired))
    let log = connect(on: group.loops[0], try makeConnector(listener))
    try await log.wait(for: "the refusal") { !$0.closed.isEmpty }
    return log.now.closed.first?.connectError
  }
}

/// Lines that any thread adds.
private final class LineBox: Sendable {
  private let content = Mutex<[String]>([])

  var lines: [String] { content.withLock { $0 } }

  func add(_ line: String) { content.withLock { $0.append(line) } }
}
