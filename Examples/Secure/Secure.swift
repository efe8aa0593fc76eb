import Logging
import ServerLifecycle
import ServiceLifecycle
import Transport
import UnixSignals
import WebSocketProtocol
import WebSocketServer

/// An echo for those who show a certificate that the folder's authority has signed, and nobody else.
///
///     swift run secure FOLDER 9443
///
/// The folder has `server.pem` and `server.key`, the authority of the clients in `clients.pem`, and may
/// have `revoked.pem`, a list of certificates that are not to be trusted any more. SIGHUP reads all of
/// them again; nobody is disconnected.
@main
enum Secure {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let folder = arguments.first else {
      print("usage: secure FOLDER [PORT]")
      return
    }
    let port = arguments.dropFirst().first.flatMap(UInt16.init) ?? 9443
    var listener = ListenerConfiguration(address: .loopback(port: port))
    listener.tls = try context(folder)
    var configuration = ServerConfiguration(listeners: [listener])
    configuration.access = access
    configuration.http.get("/who") { request in
      .text("\(request.principal?.name ?? "nobody") by \(request.tls?.version ?? "")")
    }
    let log = Logger(label: "secure")
    let server = WebSocketServer(
      configuration: configuration, handler: .asynchronous(serve), logger: log
    ) {
      if case .started(let addresses) = $0 { log.notice("wss://\(addresses[0])/") }
    }
    let services = ServiceGroup(
      configuration: .init(
        services: [.init(service: server), .init(service: Reloader(server: server))],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    try await services.run()
  }

  /// Only TLS 1.3, and only with a certificate: the rest never gets past the handshake.
  private static func context(_ folder: String) throws -> TLSContext {
    var options = TLSServerOptions(
      certificateChainFile: "\(folder)/server.pem", privateKeyFile: "\(folder)/server.key")
    options.minimumVersion = .v1_3
    options.clientCertificates = .required
    options.clientTrust.files = ["\(folder)/clients.pem"]
    if (try? FileReader(path: "\(folder)/revoked.pem")) != nil {
      options.clientTrust.revocationFiles = ["\(folder)/revoked.pem"]
    }
    return try TLSContext(server: options)
  }

  /// The name in the certificate is who the client is; browsers' pages from elsewhere stay out.
  private static var access: AccessPolicy {
    var policy = AccessPolicy()
    policy.acceptsCertificates = true
    policy.origins = OriginPolicy(.sameHost)
    policy.rateLimits = RateLimits()
    return policy
  }

  private static func serve(_ connection: AsyncConnection) async throws {
    let name = connection.request.principal?.name ?? "nobody"
    try await connection.send("welcome, \(name)")
    for try await message in connection.messages { try await connection.send(message) }
  }
}

/// Reads the certificates again at every SIGHUP.
private struct Reloader: Service {
  let server: WebSocketServer

  func run() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      // What cannot be used is logged, and everything stays as it was.
      try? server.reloadCertificates()
    }
  }
}
