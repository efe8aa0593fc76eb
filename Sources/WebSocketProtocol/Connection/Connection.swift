/// A WebSocket connection after its opening handshake, as a value: octets in, events out, and back.
///
/// It does no I/O, reads no clock and has no randomness. All output goes to an array of the caller,
/// who writes it to the transport. The methods are of four kinds:
///
/// * what was read: an ``Input`` is made of each read, and
///   ``nextEvent(_:at:output:)`` called until it returns nil; ``receiveEndOfStream()`` for its end;
/// * what is to be sent: `send`, `sendFragment`, `sendPing`, `sendPong`, `close`;
/// * time: ``nextDeadline`` says when to call ``advance(to:)``;
/// * what is known: ``state``, ``shouldCloseTransport``, ``closeCode`` and the other facts.
///
/// ## The receiving side
///
/// Between two frames a connection is `idle`, or `betweenFrames` of a message. A frame that lies
/// whole in its input is dealt with at once. One that does not leads to `header`, with its octets so
/// far in `pendingHeader`, then to `payload`, with `frame` saying how much is to come. After the
/// peer's Close, or after a failure, all input is `discarding`, per RFC 6455 §1.4 and §7.1.7.
///
/// ## Closing
///
/// | | what happens | then |
/// |---|---|---|
/// | `open` | we send Close | `awaitingClose`, with a deadline |
/// | `open` | the peer's Close comes, ours answers it | `awaitingTransportClose` |
/// | `open` | the peer breaks a rule, our Close says so | `awaitingTransportClose` |
/// | `awaitingClose` | the peer's Close comes | `awaitingTransportClose`, with a new deadline |
/// | any | the transport ends, or a deadline passes | `closed` |
public struct Connection: ~Copyable {
  let configuration: ConnectionConfiguration
  let maskingKeys: MaskingKeySource?
  var codec: MessageCodec?
  /// The message under way, as far as it has come, where it could not be lent in place.
  var assembly: [UInt8] = []
  /// The payload of a control frame that is cut by the end of a read.
  var controlPayload: [UInt8] = []
  var deadline: Deadline?

  /// The longest payload that the short way through `nextEvent` may lend.
  @usableFromInline let shortcutByteCount: Int
  /// The longest payload that goes out as it is, in one frame; -1 where none does.
  @usableFromInline let plainByteCount: Int
  var frame = IncomingFrame()
  var message = IncomingMessage()
  var pendingHeader = PendingHeader()
  @usableFromInline var stage = Stage.idle
  @usableFromInline var sending = Sending.ready
  @usableFromInline var facts = Facts()
  /// What the handshake agreed on for compression, if it did.
  public let compression: PerMessageDeflate.Agreement?
  /// Which side of the connection this is.
  public let role: Role
  var receivedCode: CloseCode?

  /// A connection whose opening handshake has just been completed.
  ///
  /// - Parameters:
  ///   - role: Which side this is.
  ///   - configuration: Limits and manners, shared by many connections.
  ///   - compression: What the handshake agreed on, if it did.
  ///   - maskingKeys: Where a client's masking keys come from; a client must have one.
  public init(
    role: Role, configuration: ConnectionConfiguration = .standard,
    compression: PerMessageDeflate.Agreement? = nil, maskingKeys: MaskingKeySource? = nil
  ) {
    precondition(role == .server || maskingKeys != nil, "a client masks: it needs keys")
    self.role = role
    self.configuration = configuration
    self.compression = compression
    self.maskingKeys = role == .client ? maskingKeys : nil
    let limits = configuration.limits
    // With pieces wanted, the short way is closed: it gives whole messages.
    shortcutByteCount =
      configuration.delivery != .fragments
      ? min(limits.frameByteCount, limits.messageByteCount) : -1
    let threshold = compression == nil ? .max : configuration.compressionThreshold - 1
    plainByteCount =
      role == .server ? min(threshold, configuration.fragmentByteCount ?? .max) : -1
  }

  /// How far the connection has come.
  public var state: ConnectionState {
    if facts.contains(.transportEnded) { return .closed }
    if facts.contains(.failed) { return .awaitingTransportClose }
    if !facts.contains(.sentClose) { return .open }
    return facts.contains(.receivedClose) ? .awaitingTransportClose : .awaitingClose
  }

  /// Whether ``state`` is `.open`; costs less than asking for that.
  @inlinable public var isOpen: Bool {
    facts.isDisjoint(with: [.transportEnded, .failed, .sentClose])
  }

  /// When to call ``advance(to:)``; nil while nothing is awaited.
  public var nextDeadline: ContinuousClock.Instant? { deadline?.instant }

  /// Whether a Close frame of ours is in the output.
  public var hasSentClose: Bool { facts.contains(.sentClose) }

  /// Whether the peer's Close frame has come.
  public var hasReceivedClose: Bool { facts.contains(.receivedClose) }

  /// Whether the peer broke a rule.
  public var hasFailed: Bool { facts.contains(.failed) }

  /// _The WebSocket Connection Close Code_ per RFC 6455 §7.1.5: 1005 if the peer's Close had none,
  /// 1006 if the transport ended without one, nil before either.
  public var closeCode: CloseCode? {
    if facts.contains(.receivedClose) { return receivedCode ?? .noStatusReceived }
    return facts.contains(.transportEnded) ? .abnormalClosure : nil
  }

  /// Whether the closing handshake was completed, per RFC 6455 §7.1.4.
  public var wasClean: Bool {
    facts.isSuperset(of: [.sentClose, .receivedClose]) && !facts.contains(.failed)
  }

  /// Whether compression was agreed.
  public var isCompressionAgreed: Bool { compression != nil }

  /// Whether nothing is kept for the peer: no message, frame or header is under way.
  public var isIdle: Bool { stage == .idle }
}

/// When the closing handshake has taken too long.
///
/// A class, made only while closing: the layout of an instant is known at run time only, and inline
/// it would make that true of the whole connection, whose every access would then look it up.
final class Deadline {
  let instant: ContinuousClock.Instant

  init(_ instant: ContinuousClock.Instant) {
    self.instant = instant
  }
}

/// Where the receiving side stands.
@usableFromInline enum Stage: UInt8 {
  case idle
  case betweenFrames
  case header
  case payload
  case discarding
}

/// Where the sending side stands.
@usableFromInline enum Sending: UInt8 {
  case ready
  case text
  case binary
  case compressedText
  case compressedBinary
  case ended
}

/// What has happened on the way to the end.
@usableFromInline struct Facts: OptionSet {
  @usableFromInline let rawValue: UInt8
  @inlinable static var sentClose: Facts { Facts(rawValue: 1) }
  @inlinable static var receivedClose: Facts { Facts(rawValue: 2) }
  @inlinable static var failed: Facts { Facts(rawValue: 4) }
  @inlinable static var transportEnded: Facts { Facts(rawValue: 8) }

  @inlinable init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// The frame whose payload is under way.
struct IncomingFrame {
  /// How many octets of the payload are still to come.
  var remainingByteCount = 0
  /// The key, rotated to the next octet of the payload.
  var maskingKey = MaskingKey.zero
  var opcode = Opcode.continuation
  var isFinal = false
}

/// The data message that is under way.
struct IncomingMessage {
  /// Its length on the wire, by the frames that have begun.
  var byteCount = 0
  /// Its length once inflated, so far.
  var inflatedByteCount = 0
  var fragmentCount = 0
  var kind = MessageKind.binary
  var isCompressed = false
  /// Whether a piece of it has been delivered.
  var hasBeenDelivered = false
  var validator = UTF8Validator()
}

/// The octets of a header that is cut by the end of a read.
struct PendingHeader {
  var bytes = [14 of UInt8](repeating: 0)
  var count: UInt8 = 0

  mutating func append(_ byte: UInt8) {
    bytes[Int(count)] = byte
    count &+= 1
  }
}
