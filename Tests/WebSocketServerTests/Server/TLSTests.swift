import Foundation
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

  @Test func `a certificate that ends soon is told, at the start and when it is read again`()
    async throws
  {
    let told = Record<String>()
    let context = try TLSContext.selfSigned(hostNames: ["localhost"])
    try await withServer(
      configure: {
        $0.listeners[0].tls = context
        // Those of our own making are good for a year.
        $0.certificateWarningDays = 400
      },
      observer: { event in
        switch event {
        case .certificateExpires(let line): told.append(line)
        case .certificatesReloaded: told.append("reloaded")
        default: break
        }
      }
    ) { server, _ in
      let line = try await told.first { _ in true }
      #expect(line.contains("(CN=localhost) expires on 20"))
      #expect(line.hasSuffix(" days"))
      try server.reloadCertificates()
      _ = try await told.first { $0 == "reloaded" }
      #expect(told.all.count == 3)
    }
  }

  @Test func `certificates are read again for all listeners or for none`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/gauntlet-listeners-\(getpid())"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func install(_ name: String) throws {
      let issued = try IssuedCertificate(.init(commonName: name, hostNames: [name]))
      try Data((issued.certificate + issued.key).utf8).write(
        to: URL(filePath: "\(folder)/\(name).pem"))
    }
    func context(_ name: String) throws -> TLSContext {
      try install(name)
      return try TLSContext(
        server: TLSServerOptions(identity: .bundle(file: "\(folder)/\(name).pem")))
    }
    let contexts = [try context("first"), try context("second")]
    try await withServer(configure: { configuration in
      configuration.listeners = contexts.map {
        ListenerConfiguration(address: .loopback(port: 0), tls: $0)
      }
    }) { server, _ in
      let before = contexts.map { $0.certificates.first }
      try install("first")
      try Data("nonsense".utf8).write(to: URL(filePath: "\(folder)/second.pem"))
      #expect(throws: ServerError.self) { try server.reloadCertificates() }
      #expect(contexts.map { $0.certificates.first } == before)
      try install("second")
      try server.reloadCertificates()
      #expect(contexts[0].certificates.first != before[0])
      #expect(contexts[1].certificates.first != before[1])
    }
  }

  @Test func `a certificate that is good for long is not spoken of`() async throws {
    let told = Record<String>()
    let context = try TLSContext.selfSigned(hostNames: ["localhost"])
    try await withServer(
      configure: { $0.listeners[0].tls = context },
      observer: { if case .certificateExpires(let line) = $0 { told.append(line) } }
    ) { server, _ in
      try server.reloadCertificates()
      #expect(told.all.isEmpty)
    }
  }
}
