import HTTP
import Transport
import WebSocketProtocol

/// What a twin does otherwise than its honest original; empty, it is the original.
///
/// The protocol core has no faults in it. Each change stands at one of its borders: what it hears
/// is repaired so that it does not notice, or spoiled; what it says is changed on its way out.
struct Deviation: Sendable {
  typealias HeadChange = @Sendable ([UInt8]) -> [UInt8]
  typealias ResponseChange = @Sendable (inout ResponseHead, _ request: RequestHead) -> Void

  /// Whether a client goes where a redirect leads it; with all that it said before.
  var follows: (@Sendable (_ isSecure: Bool, _ location: String) -> Bool)?
  /// How a client speaks TLS.
  var changesTLS: (@Sendable (inout TLSClientOptions) -> Void)?

  // The opening handshake

  /// The octets of the peer's head, up to its empty line, before they are read.
  var readsHead: HeadChange?
  /// The octets of our head on their way out.
  var writesHead: HeadChange?
  /// What came behind the peer's head in the same read.
  var readsBehindHead: HeadChange?
  /// The request of the peer, before it is judged; of a server.
  var readsRequest: (@Sendable (inout RequestHead) -> Void)?
  /// The response that opens the connection, to the request as it came; of a server.
  var writesResponse: ResponseChange?
  /// What a server says to a request that it refuses.
  var refuses: (@Sendable (inout HandshakeRefusal) -> Void)?
  /// Whether a server that has refused a request takes the connection for open.
  var opensAfterRefusal = false
  /// The offers of the peer, before one is chosen; of a server.
  var readsOffers: (@Sendable (inout [ExtensionElement]) -> Void)?
  /// Our request on its way out; of a client.
  var writesRequest: (@Sendable (inout RequestHead) -> Void)?
  /// The response of the peer to our request, before it is judged; of a client.
  var readsResponse: ResponseChange?
  /// The agreement on compression that the core works with.
  var agrees: (@Sendable (inout PerMessageDeflate.Agreement?) -> Void)?

  // Frames

  /// The header of each frame as soon as it is there; the payload then streams on.
  var hearsHeader: (@Sendable (inout FrameHeader, inout Session) -> Void)?
  /// Each frame once it is all there; false keeps it from the core.
  var hears: (@Sendable (inout Frame, inout Session) -> Bool)?
  /// Each frame that the core sends: what goes out in its place.
  var says: (@Sendable (Frame, inout Session) -> [Frame])?

  // Messages

  /// What is sent back for a message.
  var echoes: (@Sendable (Message, inout Session) -> [Message])?

  // Manners of the core and of the transport

  var limits = Deviation.honestLimits
  var headLimits = HeadLimits(maximumByteCount: 16 << 10, maximumFieldCount: 100)
  var validatesUTF8 = true
  var closingTimeout = Duration.seconds(5)
  /// What the opening handshake may take.
  var openingTimeout = Duration.seconds(10)
  /// How the twin ends TCP when it is its turn.
  var ending = Ending.orderly
  /// Whether the peer's FIN makes the twin end TCP too.
  var hearsEndOfStream = true
  /// How much output may wait for the peer before it is no longer read from.
  var queueLimit = 1 << 20
  /// How long an answer to a frame waits before it is sent.
  var answersAfter: Duration?

  /// How a twin ends TCP.
  enum Ending: Sendable {
    /// With a FIN behind all output.
    case orderly
    /// Not at all.
    case never
  }

  /// Those of the reference server.
  static let honestLimits = ConnectionLimits(
    frameByteCount: 16 << 20, messageByteCount: 16 << 20, inflatedMessageByteCount: 16 << 20,
    fragmentCount: 1 << 17)
}

/// A message as the twin's application sees it.
struct Message: Hashable, Sendable {
  var kind: MessageKind
  var payload: [UInt8]
}

/// What a deviation may know of the connection, and do beside the core.
struct Session: Sendable {
  let role: Role
  let compression: PerMessageDeflate.Agreement?
  /// The opcode of the message under way, by the frames that the core was given.
  var openMessage: Opcode?
  /// The core has found a mistake of the peer.
  var hasFailed = false
  /// A Close frame has come from the peer.
  var hasReceivedClose = false
  /// A counter for the fault's own use.
  var count = 0
  /// Octets for the fault's own use.
  var memory: [UInt8] = []
  /// Frames that go out at once, past the core.
  var replies: [Frame] = []
  /// The code with which the twin gives the connection up.
  var failure: CloseCode?

  /// Sends a frame past the core.
  mutating func send(_ frame: Frame) { replies.append(frame) }

  /// Gives the connection up with a Close of this code.
  mutating func fail(_ code: CloseCode) { failure = failure ?? code }
}
