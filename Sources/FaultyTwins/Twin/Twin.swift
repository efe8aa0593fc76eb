public import WebSocketProtocol

/// An echo endpoint, server or client, that breaks at most one rule; sans I/O.
///
/// It is the protocol core of the product with a deviation at its borders. Without a fault there is
/// no deviation, and the core is all there is: what is shown for the twin holds for the product.
public struct Twin: ~Copyable {
  /// What the owner of the transport is to do once the output is written.
  public enum Wish: Sendable {
    /// Nothing.
    case none
    /// End TCP with a FIN.
    case close
  }

  /// Which side it is.
  public let role: Role
  private let deviation: Deviation
  private let keys: MaskingKeySource
  private var server: ServerTwinOpening?
  private var client: ClientTwinOpening?
  private var conversation: Conversation?
  private var isOver = false
  private var closingDeadline: ContinuousClock.Instant?
  private var isGivenUp = false
  private var openingDeadline: ContinuousClock.Instant?
  private var pending: [UInt8] = []

  /// A server's twin, that waits for a request.
  public init(server fault: Fault?, keys: MaskingKeySource, at now: ContinuousClock.Instant) {
    role = .server
    deviation = fault?.deviation ?? Deviation()
    self.keys = keys
    server = ServerTwinOpening(deviation)
    openingDeadline = now + deviation.openingTimeout
  }

  /// A client's twin; its request is in the output.
  public init(
    client fault: Fault?, url: WebSocketURL, key: HandshakeKey, authorization: String? = nil,
    keys: MaskingKeySource, at now: ContinuousClock.Instant
  ) {
    role = .client
    deviation = fault?.deviation ?? Deviation()
    self.keys = keys
    let opening = ClientTwinOpening(
      url, key: key, authorization: authorization, deviation)
    opening.begin(output: &pending)
    client = opening
    openingDeadline = now + deviation.openingTimeout
  }

  /// Whether the opening handshake is through.
  public private(set) var isOpen = false

  /// Where the server has led a client that follows.
  public private(set) var redirect: String?

  /// How much output may wait for the peer before it is no longer read from.
  public var queueLimit: Int { deviation.queueLimit }

  /// How long output waits before it is written; nil: not at all.
  public var answersAfter: Duration? { deviation.answersAfter }

  /// The payload of the last message that came.
  public private(set) var lastPayload: [UInt8]?

  /// What the owner of the transport is to do once the output is written.
  public var wish: Wish {
    guard isGivenUp || isOver else { return .none }
    return switch deviation.ending {
    case .orderly: .close
    case .never: .none
    }
  }

  /// When to call ``advance(to:)``.
  public var nextDeadline: ContinuousClock.Instant? {
    openingDeadline ?? closingDeadline
  }

  /// Takes what is to be written.
  public mutating func takeOutput() -> [UInt8] {
    var output: [UInt8] = []
    swap(&output, &pending)
    return output
  }

  /// Takes what was read.
  public mutating func receive(_ octets: [UInt8], at now: ContinuousClock.Instant) {
    guard !isGivenUp else { return }
    guard !isOpen else { return converse(octets, at: now) }
    let step: OpeningStep? =
      if role == .server {
        server?.receive(octets, output: &pending)
      } else {
        client?.receive(octets)
      }
    switch step {
    case .opened(let compression, let rest):
      openingDeadline = nil
      server = nil
      client = nil
      isOpen = true
      conversation = Conversation(role, deviation, compression: compression, keys: keys)
      converse(rest, at: now)
    case .failed:
      openingDeadline = nil
      isGivenUp = true
    case .redirected(let place):
      openingDeadline = nil
      isGivenUp = true
      redirect = place
    case .needsMore, nil: break
    }
  }

  /// Takes the end of what the peer sends.
  public mutating func receiveEndOfStream(at now: ContinuousClock.Instant) {
    guard isOpen else {
      isGivenUp = deviation.hearsEndOfStream
      return
    }
    conversation?.receiveEndOfStream()
    collect()
  }

  /// Takes the passing of time; to be called once ``nextDeadline`` has come.
  public mutating func advance(to now: ContinuousClock.Instant) {
    if let openingDeadline {
      guard now >= openingDeadline else { return }
      self.openingDeadline = nil
      isGivenUp = true
    } else {
      conversation?.advance(to: now)
      collect()
    }
  }

  /// Begins the closing handshake, if the connection is open.
  public mutating func close(_ code: CloseCode, at now: ContinuousClock.Instant) {
    conversation?.close(code, at: now)
    collect()
  }

  private mutating func converse(_ octets: [UInt8], at now: ContinuousClock.Instant) {
    conversation?.receive(octets, at: now)
    collect()
  }

  /// Takes over what has come of the last call.
  private mutating func collect() {
    guard let results = conversation?.takeResults() else { return }
    isOver = results.isOver
    closingDeadline = results.nextDeadline
    lastPayload = results.lastPayload
    if pending.isEmpty { pending = results.output } else { pending += results.output }
  }
}
