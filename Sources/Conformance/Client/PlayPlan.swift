import CaseLanguage
import HTTP
import Transport
import WebSocketProtocol

/// What all connections of a run have in common.
struct PlayPlan: Sendable {
  var url: WebSocketURL
  var connector: Connector
  var settings: PlayerSettings
  var fields: HTTPFields
  var subprotocols: [String]
  var streams: CompressedStreamCache
  /// What all lots are drawn from.
  var seed: UInt64
  /// Whether the octets of each connection are kept.
  var capturesPackets: Bool

  init(url: WebSocketURL, options: ConformanceOptions) throws(TransportError) {
    self.url = url
    settings = options.player
    seed = options.seed
    capturesPackets = options.captures != nil
    streams = CompressedStreamCache(byteCountLimit: options.keptStreamByteCount)
    var fields = options.fields
    if fields[.userAgent] == nil { fields[.userAgent] = "gauntlet" }
    self.fields = fields
    subprotocols = options.subprotocols
    let endpoint: Endpoint =
      if let path = url.socketPath {
        .address(try SocketAddress(parsing: "unix:\(path)"))
      } else {
        .host(url.host, port: UInt16(clamping: url.port))
      }
    var connecting = Connector.Options()
    connecting.timeout = options.connectTimeout
    if url.isSecure { connecting.tls = options.tls }
    connecting.serverName = options.tlsName
    connector = Connector(to: endpoint, options: connecting)
  }

  /// A key drawn anew, for connections that are no case's.
  func handshakeKey() -> HandshakeKey {
    var generator = SystemRandomNumberGenerator()
    return HandshakeKey(octets: (0..<16).map { _ in generator.next() })
  }

  /// What is drawn by lot in a play.
  func lot(for item: Case, play: Int = 0) -> SeededKeys {
    SeededKeys(seed: seed, caseID: item.id, play: play)
  }
}
