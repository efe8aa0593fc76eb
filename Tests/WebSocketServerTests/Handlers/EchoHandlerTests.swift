import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Echo", .timeLimit(.minutes(5)))
struct EchoHandlerTests {
  @Test(arguments: HandlerStyle.allCases)
  func `messages of every length class come back`(style: HandlerStyle) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      for count in [0, 1, 125, 126, 4096, 4097, 65_535, 65_536, 1 << 20] {
        let payload = [UInt8].noise(count)
        client.send(.binary, payload)
        let frame = try #require(try await client.readFrame())
        #expect(frame.header.opcode == .binary)
        #expect(frame.payload == payload)
      }
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `frames glued to the handshake and to each other come back in order`(
    style: HandlerStyle
  ) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      var octets = Array(TestClient.request().utf8)
      let texts = (0..<300).map { "message \($0)" }
      for text in texts { octets += TestClient.frame(.text, Array(text.utf8)) }
      client.send(octets)
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 101 "))
      for text in texts {
        #expect(try await client.readFrame()?.payload == Array(text.utf8))
      }
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `octets that come one by one make the same message`(style: HandlerStyle) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      for octet in Array(TestClient.request().utf8) { client.send([octet]) }
      _ = try await client.readHead()
      for octet in TestClient.frame(.text, Array("héllo".utf8)) { client.send([octet]) }
      #expect(try await client.readFrame()?.payload == Array("héllo".utf8))
    }
  }

  @Test
  func `fragments come back as fragments where they are delivered`() async throws {
    try await withServer(configure: { $0.delivery = .fragments }) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(.text, Array("ab".utf8), isFinal: false)
      let first = try #require(try await client.readFrame())
      #expect(first.header.opcode == .text && !first.header.isFinal)
      client.send(.continuation, Array("cd".utf8))
      let second = try #require(try await client.readFrame())
      #expect(second.header.opcode == .continuation && second.header.isFinal)
      #expect(first.payload + second.payload == Array("abcd".utf8))
    }
  }

  @Test(arguments: HandlerStyle.allCases)
  func `a fragmented message with a ping inside is answered in order`(
    style: HandlerStyle
  ) async throws {
    try await withServer(style.echo) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.send(
        TestClient.frame(.text, [97], isFinal: false) + TestClient.frame(.ping, [1, 2])
          + TestClient.frame(.continuation, [98]))
      let pong = try #require(try await client.readFrame())
      #expect(pong.header.opcode == .pong && pong.payload == [1, 2])
      #expect(try await client.readFrame()?.payload == [97, 98])
    }
  }
}
