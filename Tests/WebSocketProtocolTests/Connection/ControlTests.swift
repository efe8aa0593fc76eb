import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.5 Control frames")
struct ControlTests {
  @Test(arguments: [Role.server, .client])
  func `a ping is answered with its payload`(role: Role) {
    let endpoint = Endpoint(role)
    let payload = Array("application data".utf8)
    endpoint.receive(Frame(.ping, payload).toward(role))
    #expect(endpoint.takeFrames() == [Frame(.pong, payload)])
  }

  @Test
  func `a ping can be left to the caller`() throws {
    let endpoint = Endpoint(.client, ConnectionConfiguration(repliesToPings: false))
    endpoint.receive(Frame(.ping, [1]))
    #expect(endpoint.events == [.ping([1])])
    #expect(endpoint.output.isEmpty)
    try endpoint.sendPong([1])
    #expect(endpoint.takeFrames() == [Frame(.pong, [1])])
  }

  @Test
  func `a ping is answered also after our own Close, until the peer's has come`() throws {
    let endpoint = Endpoint(.client)
    try endpoint.close(1000)
    _ = endpoint.takeFrames()
    endpoint.receive(Frame(.ping, [1]))
    #expect(endpoint.takeFrames() == [Frame(.pong, [1])])
    endpoint.receive(Frame.close(1000), Frame(.ping, [2]))
    #expect(endpoint.takeFrames().isEmpty)
  }
}

@Suite("RFC 6455 §7.1 The closing handshake")
struct ClosingTests {
  @Test(arguments: [Role.server, .client])
  func `the peer's Close is answered with its code`(role: Role) {
    let endpoint = Endpoint(role)
    endpoint.receive(
      Frame.close(3001, reason: Array("why".utf8)).toward(role), .text("x").toward(role))
    #expect(endpoint.events == [.close(3001, "why")])
    #expect(endpoint.takeFrames() == [.close(3001)])
    #expect(endpoint.state == .awaitingTransportClose)
    #expect(endpoint.closeCode == 3001)
    // RFC 6455 §7.1.1: the server closes first.
    #expect(endpoint.shouldCloseTransport == (role == .server))
    #expect(endpoint.receiveEndOfStream())
    #expect(endpoint.state == .closed)
    #expect(endpoint.wasClean)
    #expect(endpoint.shouldCloseTransport)
    #expect(endpoint.nextDeadline == nil)
  }

  @Test
  func `a Close without code is answered without code, and counts as 1005`() {
    let endpoint = Endpoint(.server)
    endpoint.receive(Frame.close(nil).toward(.server))
    #expect(endpoint.events == [.close(nil, "")])
    #expect(endpoint.takeFrames() == [.close(nil)])
    #expect(endpoint.closeCode == .noStatusReceived)
  }

  @Test
  func `after our Close messages still come until the peer answers, and nothing after`() throws {
    let endpoint = Endpoint(.server)
    try endpoint.close(1001, reason: "maintenance")
    #expect(endpoint.state == .awaitingClose)
    #expect(endpoint.takeFrames() == [.close(1001, reason: Array("maintenance".utf8))])
    endpoint.receive(Frame.text("late").toward(.server))
    endpoint.receive(Frame.close(1001).toward(.server), .text("too late").toward(.server))
    #expect(endpoint.events == [.text("late"), .close(1001, "")])
    #expect(endpoint.output.isEmpty)
    #expect(endpoint.state == .awaitingTransportClose)
  }

  @Test
  func `both may close at once`() throws {
    let client = Endpoint(.client)
    let server = Endpoint(.server)
    try client.close(1000)
    try server.close(1001)
    server.receive(client.takeOutput())
    client.receive(server.takeOutput())
    #expect(server.events == [.close(1000, "")])
    #expect(client.events == [.close(1001, "")])
    #expect(server.output.isEmpty && client.output.isEmpty)
    #expect(server.shouldCloseTransport && !client.shouldCloseTransport)
    #expect(client.receiveEndOfStream() && server.receiveEndOfStream())
  }

  @Test
  func `a peer that does not answer our Close is given up when the time is over`() throws {
    let endpoint = Endpoint(.client, ConnectionConfiguration(closingTimeout: .seconds(3)))
    try endpoint.close(1000)
    #expect(endpoint.nextDeadline == endpoint.now + .seconds(3))
    #expect(endpoint.advance(by: .milliseconds(2999)) == nil)
    #expect(endpoint.advance(by: .milliseconds(1)) == .abandonClosingHandshake)
    #expect(endpoint.state == .closed)
    #expect(endpoint.closeCode == .abnormalClosure)
    #expect(!endpoint.wasClean)
    #expect(endpoint.shouldCloseTransport)
    #expect(endpoint.advance(by: .seconds(9)) == nil)
  }

  @Test(arguments: [Role.server, .client])
  func `a peer that does not end the transport is given up when the time is over`(role: Role) {
    let endpoint = Endpoint(role, ConnectionConfiguration(closingTimeout: .seconds(3)))
    endpoint.receive(Frame.close(1000).toward(role))
    #expect(endpoint.advance(by: .seconds(3)) == .abandonTransport)
    #expect(endpoint.state == .closed)
    #expect(endpoint.wasClean)
  }

  @Test
  func `a failed connection waits for the end of the transport no longer than that`() {
    let endpoint = Endpoint(.server, ConnectionConfiguration(closingTimeout: .seconds(3)))
    endpoint.receive([0xff])
    #expect(endpoint.shouldCloseTransport)
    #expect(endpoint.advance(by: .seconds(3)) == .abandonTransport)
  }

  @Test
  func `the end of the transport without Close counts as 1006`() {
    let endpoint = Endpoint(.server)
    endpoint.receive(Array(Frame.text("Hello").toward(.server).encoded.prefix(8)))
    #expect(!endpoint.receiveEndOfStream())
    #expect(endpoint.closeCode == .abnormalClosure)
    #expect(endpoint.state == .closed)
    #expect(throws: MisuseError.notOpen) { try endpoint.send("x") }
  }

  @Test
  func `a Close may hold 123 octets of reason, with a code that may be sent`() throws {
    let reason = String(repeating: "r", count: 123)
    let endpoint = Endpoint(.server)
    #expect(throws: MisuseError.controlPayloadTooLong) {
      try endpoint.close(1000, reason: reason + "r")
    }
    #expect(throws: MisuseError.closeCodeNotPermitted) { try endpoint.close(1006) }
    #expect(throws: MisuseError.closeCodeNotPermitted) { try endpoint.close(nil, reason: "r") }
    #expect(endpoint.output.isEmpty && endpoint.state == .open)
    try endpoint.close(1000, reason: reason)
    #expect(endpoint.takeFrames() == [.close(1000, reason: Array(reason.utf8))])
    #expect(throws: MisuseError.notOpen) { try endpoint.close(1000) }
  }
}
