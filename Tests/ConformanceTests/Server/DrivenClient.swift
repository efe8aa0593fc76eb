import HTTP
import Synchronization
import Transport
import WebSocketProtocol

/// A WebSocket client on our own protocol core: sends back what it gets until the server closes.
final class DrivenClient: StreamSocket {
  /// What a connection came to.
  struct Outcome: Sendable {
    var opened = false
    /// The status of a response that opened nothing.
    var refusal: String?
    /// The text messages that came.
    var texts: [String] = []
    var closeCode: CloseCode?
    /// Whether the server broke a rule.
    var hasFailed = false
  }

  /// How a client treats messages.
  enum Manner: Sendable, Hashable {
    case echoes
    /// Turns the last octet of each message around.
    case flips
    /// Keeps messages to itself.
    case listens
    /// Opens and then keeps its mouth shut, for ever.
    case sleeps
    /// Says these texts when it is open, and listens.
    case says([String])
  }

  private let request: (url: WebSocketURL, manner: Manner)
  private var handshake: ClientHandshake?
  private var connection = Connection(role: .client, maskingKeys: DrivenClient.keys())
  private var refusal: [UInt8] = []
  private var outcome = Outcome()
  private var completion: ((Outcome) -> Void)?

  private init(
    url: WebSocketURL, _ manner: Manner, loop: EventLoop, completion: @escaping (Outcome) -> Void
  ) {
    request = (url, manner)
    self.completion = completion
    super.init(loop: loop)
  }

  /// Connects to a path of a server on loopback and stays until the connection ends.
  static func visit(
    _ path: String, port: UInt16, manner: Manner = .echoes, tls: TLSContext? = nil,
    name: String? = nil, on group: EventLoopGroup
  ) async throws -> Outcome {
    let url = try WebSocketURL("\(tls == nil ? "ws" : "wss")://127.0.0.1:\(port)\(path)")
    var options = Connector.Options()
    options.tls = tls
    options.serverName = name
    let connector = Connector(to: .address(.loopback(port: port)), options: options)
    let loop = group.loops[0]
    return await withCheckedContinuation { continuation in
      loop.execute {
        connector.connect(
          DrivenClient(url: url, manner, loop: loop) { continuation.resume(returning: $0) })
      }
    }
  }

  override func connected(_ timings: ConnectTimings) {
    let handshake = ClientHandshake(
      url: request.url, key: HandshakeKey(octets: (0..<16).map { $0 }),
      compression: [PerMessageDeflate.Offer()],
      fields: [.userAgent: "driven"])
    var output: [UInt8] = []
    handshake.writeRequest(to: &output)
    self.handshake = handshake
    write(output.span)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    guard handshake != nil else { return converse(&bytes) }
    for index in 0..<bytes.count where refusal.count < 4096 { refusal.append(bytes[index]) }
    switch handshake?.receive(bytes.span) {
    case .established(let established, let byteCount):
      handshake = nil
      outcome.opened = true
      connection = Connection(
        role: .client, compression: established.compression, maskingKeys: Self.keys())
      if case .says(let texts) = request.manner {
        var output: [UInt8] = []
        for text in texts { try? connection.send(.text, text.utf8.span, to: &output) }
        write(output.span)
      }
      var rest = bytes._mutatingExtracting(droppingFirst: byteCount)
      if rest.count > 0 { converse(&rest) }
    case .failed:
      outcome.refusal = String(decoding: refusal, as: UTF8.self)
    default: break
    }
  }

  private func converse(_ bytes: inout MutableSpan<UInt8>) {
    guard request.manner != .sleeps else { return }
    let count = bytes.count
    var output: [UInt8] = []
    var input = Input(bytes._mutatingExtracting(0..<count))
    while let event = connection.nextEvent(&input, at: .now, output: &output) {
      guard case .message(let kind, let payload) = event else { continue }
      var octets = (0..<payload.count).map { payload[$0] }
      if kind == .text { outcome.texts.append(String(decoding: octets, as: UTF8.self)) }
      if request.manner == .listens { continue }
      if case .says = request.manner { continue }
      if request.manner == .flips, let last = octets.indices.last { octets[last] ^= 1 }
      try? connection.send(kind, octets.span, to: &output)
    }
    write(output.span)
    outcome.closeCode = connection.closeCode
    outcome.hasFailed = connection.hasFailed
    if connection.hasFailed { close() }
  }

  private static func keys() -> MaskingKeySource {
    MaskingKeySource { words in for index in words.indices { words[index] = 0x0102_0304 } }
  }

  override func closed(_ reason: CloseReason) {
    completion?(outcome)
    completion = nil
  }
}
