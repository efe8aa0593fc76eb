import HTTP
import Transport
import WebSocketProtocol

/// A WebSocket client for the modes that are one: it opens, hands messages on, and answers Closes.
final class WstestSocket: StreamSocket {
  /// What a connection tells; all on the loop.
  struct Callbacks {
    var opened: (WstestSocket) -> Void = { _ in }
    var received: (WstestSocket, MessageKind, Span<UInt8>) -> Void = { _, _, _ in }
    /// The last: why it is over, and whether it was ever open.
    var ended: (_ reason: String, _ wasOpen: Bool) -> Void
  }

  private let url: WebSocketURL
  private let offers: [PerMessageDeflate.Offer]
  private let keys: MaskingKeySource
  private var callbacks: Callbacks
  private var handshake: ClientHandshake?
  private var core: Connection
  private var isReceiving = false
  private var output: [UInt8] = []
  private var wasOpen = false
  private var failure: String?

  init(
    url: WebSocketURL, compresses: Bool, loop: EventLoop, callbacks: Callbacks
  ) {
    self.url = url
    offers = compresses ? [PerMessageDeflate.Offer()] : []
    self.callbacks = callbacks
    keys = MaskingKeySource { words in
      var generator = SystemRandomNumberGenerator()
      for index in words.indices { words[index] = generator.next() }
    }
    core = Connection(role: .client, maskingKeys: keys)
    super.init(loop: loop)
  }

  /// A connector for a URL; as with wstest, certificates are not verified.
  static func connector(to url: WebSocketURL) throws(TransportError) -> Connector {
    var options = Connector.Options()
    if url.isSecure {
      var tls = TLSClientOptions()
      tls.verifiesPeer = false
      options.tls = try TLSContext(client: tls)
    }
    return Connector(to: .host(url.host, port: UInt16(clamping: url.port)), options: options)
  }

  /// Sends a message; one that cannot be sent any more is dropped.
  func send(_ kind: MessageKind, _ payload: Span<UInt8>) {
    try? core.send(kind, payload, to: &output)
    if !isReceiving { flush() }
  }

  override func connected(_ timings: ConnectTimings) {
    var generator = SystemRandomNumberGenerator()
    let key = HandshakeKey(octets: (0..<16).map { _ in generator.next() })
    let handshake = ClientHandshake(
      url: url, key: key, compression: offers, fields: [.userAgent: "gauntlet"])
    handshake.writeRequest(to: &output)
    self.handshake = handshake
    deadline = .now + .seconds(10)
    flush()
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    guard handshake != nil else { return converse(&bytes) }
    switch handshake?.receive(bytes.span) {
    case .established(let established, let byteCount):
      handshake = nil
      deadline = nil
      wasOpen = true
      var limits = ConnectionLimits()
      (limits.frameByteCount, limits.messageByteCount) = (64 << 20, 64 << 20)
      limits.inflatedMessageByteCount = 64 << 20
      limits.fragmentCount = 1 << 20
      core = Connection(
        role: .client, configuration: ConnectionConfiguration(limits: limits),
        compression: established.compression, maskingKeys: keys)
      callbacks.opened(self)
      var rest = bytes._mutatingExtracting(droppingFirst: byteCount)
      if rest.count > 0 { converse(&rest) }
    case .failed(let reason):
      failure = "\(reason)"
      abort()
    default: break
    }
  }

  private func converse(_ bytes: inout MutableSpan<UInt8>) {
    isReceiving = true
    var input = Input(bytes._mutatingExtracting(0..<bytes.count))
    var answers: [UInt8] = []
    while let event = core.nextEvent(&input, at: .now, output: &answers) {
      // Answers of the protocol and messages of ours go out in their order.
      output += answers
      answers.removeAll(keepingCapacity: true)
      if case .message(let kind, let payload) = event { callbacks.received(self, kind, payload) }
    }
    output += answers
    isReceiving = false
    flush()
    deadline = core.nextDeadline
    if core.hasFailed { close() }
  }

  private func flush() {
    guard !output.isEmpty else { return }
    write(output.span)
    output.removeAll(keepingCapacity: true)
  }

  override func deadlineReached() {
    if handshake != nil { failure = "no answer to the opening handshake" }
    if handshake != nil || core.advance(to: .now) != nil { abort() }
  }

  override func closed(_ reason: CloseReason) {
    let words =
      switch reason {
      case .connectFailed(let error), .failed(let error): error.description
      case .peerReset: "the peer reset TCP"
      default: "the connection is closed"
      }
    callbacks.ended(failure ?? words, wasOpen)
  }
}
