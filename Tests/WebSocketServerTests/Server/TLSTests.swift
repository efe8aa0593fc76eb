import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("TLS below WebSocket", .timeLimit(.minutes(5)))
struct TLSTests {
  @Test(arguments: HandlerStyle.allCases)
  func `plain and TLS listeners serve side by side`(style: HandlerStyle) async throws {
    let context = try TLSContext.selfSigned(hostNames: ["localhost"])
    var options = TLSClientOptions()
    options.verifiesPeer = false
    let trust = try TLSContext(client: options)
    try await withServer(
      style.echo,
      configure: {
        $0.listeners.append(ListenerConfiguration(address: .loopback(port: 0), tls: context))
      }
    ) { server, _ in
      for (address, tls) in zip(server.addresses, [nil, trust]) {
        let client = try await TestClient(to: address, tls: tls)
        try await client.open()
        for count in [1, 5_000, 300_000] {
          client.send(.binary, .noise(count))
          #expect(try await client.readFrame()?.payload == .noise(count))
        }
        client.send(Frame.close(.normalClosure).masked)
        #expect(try await client.readFrame()?.closeCode == .normalClosure)
        #expect(try await client.seesOrderlyEnd())
      }
    }
  }
}
