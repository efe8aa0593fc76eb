import Foundation
import Testing
import Transport

@Suite("The examples, run as they are", .timeLimit(.minutes(5)))
struct ExamplesTests {
  @Test
  func `chat: who is in a room hears what is said there, and nobody else does`() async throws {
    try await withExample("chat", ["0"]) { port, _ in
      let ann = try RawClient(port: port, target: "/kitchen?name=ann")
      #expect(ann.readMessage()?.text == "ann comes in")
      let bob = try RawClient(port: port, target: "/kitchen?name=bob%20b")
      for client in [ann, bob] { #expect(client.readMessage()?.text == "bob b comes in") }
      let carol = try RawClient(port: port, target: "/garden?name=carol")
      #expect(carol.readMessage()?.text == "carol comes in")
      bob.send(text: "hello")
      for client in [ann, bob] { #expect(client.readMessage()?.text == "bob b: hello") }
      carol.send(text: "anybody?")
      #expect(carol.readMessage()?.text == "carol: anybody?")
      bob.send([0x88, 0x82, 0, 0, 0, 0, 3, 0xe8])
      #expect(bob.readMessage()?.opcode == 8)
      #expect(ann.readMessage()?.text == "bob b leaves")
      let nobody = try RawClient(port: port, target: "/kitchen")
      #expect(nobody.readMessage()?.text.hasSuffix("/ROOM?name=NAME") == true)
      #expect(shell("curl -sS http://127.0.0.1:\(port)/kitchen").output.contains("<title>Chat"))
    }
  }

  @Test
  func `dashboard: what is counted streams, over WebSocket and HTTP`() async throws {
    try await withExample("dashboard", ["0"]) { port, _ in
      let viewer = try RawClient(port: port, target: "/?every=10")
      #expect(viewer.readMessage()?.text.contains("\"active\": 1,") == true)
      for _ in 0..<3 { #expect(viewer.readMessage()?.text.contains("\"opened\": 1,") == true) }
      viewer.send(text: "history")
      // Lines that were under way come first.
      var history = ""
      while history.split(separator: "\n").count < 2 {
        history = try #require(viewer.readMessage()).text
      }
      #expect(history.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"active\": ") })
      let base = "http://127.0.0.1:\(port)"
      #expect(shell("curl -sS \(base)/history").output.hasPrefix("{\"active\": 1, "))
      #expect(shell("curl -sS \(base)/").output.contains("<title>Dashboard"))
      let metrics = shell("curl -sS \(base)/metrics").output
      #expect(metrics.contains("\ngauntlet_websockets_opened_total 1\n"), "\(metrics)")
      viewer.send(text: "nonsense")
      // Lines that were under way come first.
      var last = viewer.readMessage()
      while let message = last, message.opcode == 1 { last = viewer.readMessage() }
      #expect(last?.opcode == 8)
    }
  }

  @Test
  func `secure: a certificate says who comes in, and nobody comes in without`() async throws {
    try await withFolder { path in
      _ = try ServeFolder(path)
      try await withExample("secure", [path, "0"]) { port, server in
        let curl = "curl -sS --cacert \(path)/server.pem --resolve localhost:\(port):127.0.0.1"
        let alice = "--cert \(path)/alice.pem --key \(path)/alice.key"
        let who = "https://localhost:\(port)/who"
        #expect(shell("\(curl) \(alice) \(who)").output == "alice by TLSv1.3\n")
        #expect(shell("\(curl) \(who)").status != 0)
        #expect(shell("\(curl) --tls-max 1.2 \(alice) \(who)").status != 0)
        let stranger = "--cert \(path)/second.pem --key \(path)/second.key"
        #expect(shell("\(curl) \(stranger) \(who)").status != 0)
        let greeting =
          "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        let identity = TLSIdentity.files(
          certificateChain: "\(path)/alice.pem", privateKey: "\(path)/alice.key")
        let client = try await TLSClient(
          port: port, authority: "\(path)/server.pem", identity: identity, greeting: greeting)
        #expect(await client.sees("welcome, alice"))
        let nobody = try await TLSClient(
          port: port, authority: "\(path)/server.pem", identity: nil, greeting: greeting)
        #expect(await !nobody.sees("HTTP/1.1"))
        server.send(signal: SIGHUP)
        let end = ContinuousClock.now + .seconds(30)
        while !server.errors.contains("certificates reloaded"), ContinuousClock.now < end {
          try await Task.sleep(for: .milliseconds(10))
        }
        #expect(server.errors.contains("certificates reloaded"))
        #expect(shell("\(curl) \(alice) \(who)").output == "alice by TLSv1.3\n")
      }
    }
  }
}
