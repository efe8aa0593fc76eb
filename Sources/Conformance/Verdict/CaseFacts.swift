public import CaseLanguage
public import HTTP
public import WebSocketProtocol

/// What happened while a case was played: all that a verdict is derived from.
public struct CaseFacts: Equatable, Sendable {
  /// The role that we played.
  public var role: Role
  /// The opening handshake was completed.
  public var isOpened = false
  /// Why the opening handshake was not completed, in one line.
  public var openingFailure: String?
  /// The opening handshake did not end in time.
  public var openingTimedOut = false
  /// What the server answered to our request.
  public var answer = OpeningAnswer.none
  /// The client's request.
  public var request: RequestHead?
  /// Why the client's request is not valid.
  public var requestComplaint: String?
  /// The name of the server that the client asked for in TLS (SNI).
  public var serverName: String?
  /// The client's request where a redirect led it.
  public var elsewhere: RequestHead?
  /// The client did not wait for the answer to its request.
  public var spokeEarly = false
  /// We answered the client's request with a status other than 101.
  public var refusedByUs = false
  /// The case needs a compression that was not negotiated.
  public var lacksCompression = false
  /// The server's answer to our extension offers, where the case does not permit it.
  public var wrongAnswer: String?
  /// What arrived, in order; Pings of the peer do not count.
  public var events: [PlayedEvent] = []
  /// What came of the messages of the cases that judge them one by one.
  public var echo = EchoOutcome()
  /// We sent a Close first.
  public var closedByUs = false
  /// We failed the connection: a kill deadline, or the peer broke a rule.
  public var failedByUs = false
  /// The script told us to reset TCP.
  public var resetByScript = false
  /// We closed TCP.
  public var droppedByUs = false
  /// TCP ended without our doing.
  public var droppedByPeer = false
  /// A closing handshake was completed in time.
  public var wasClean = false
  /// No Close came in answer to ours in time.
  public var closeReplyTimedOut = false
  /// The server did not drop TCP in time.
  public var serverDropTimedOut = false
  /// Only the overall limit ended the case: the established suite would have waited for ever.
  public var overran = false
  /// The deadline of the case passed, and ended it.
  public var deadlinePassed = false
  /// We sent our Close only because the established suite does not know the peer's registered code.
  public var refusedRegisteredCode = false
  /// What the peer sent against the rules, each in a few words; the first eight.
  public var violations: [String] = []
  /// The Close that we sent.
  public var localClose: PlayedClose?
  /// The Close that the peer sent, legal or not.
  public var remoteClose: PlayedClose?
  /// The masking keys of the client's frames, where a case looks at them.
  public var maskingKeys: [MaskingKey] = []
  /// What the server sent behind an answer that refused, where a case looks at it; its beginning.
  public var octetsAfterRefusal: [UInt8] = []
  /// How TCP ended, in one line.
  public var transportEnd: String?

  /// Nothing has happened yet.
  public init(role: Role) {
    self.role = role
  }

  /// Whether we sent a Close before the peer did, also by its own rules.
  var closedByUsFirst: Bool { closedByUs && !refusedRegisteredCode }

  /// Whether the server has answered with a status other than 101.
  public var isRefused: Bool { response.map { $0.status.code != 101 } ?? false }

  /// The server's response to our request; nil: there was none that could be read.
  public var response: ResponseHead? {
    if case .head(let head, _) = answer { head } else { nil }
  }
}

/// What a server answered to our request.
public enum OpeningAnswer: Equatable, Sendable {
  /// Nothing, as yet.
  case none
  /// Octets that are no head of HTTP/1.1, and why.
  case unreadable(String)
  /// A response; with a complaint if it is a 101 on which a client must fail the connection.
  case head(ResponseHead, complaint: String?)
}

/// One entry of the list of what arrived.
public enum PlayedEvent: Equatable, Sendable {
  /// A whole message.
  case message(MessageKind, PlayedOctets)
  /// A Pong.
  case pong(PlayedOctets)
  /// The mark of one of our own pauses.
  case mark(String)

  /// Whether this is what the case expects here, octet by octet.
  public func matches(_ expected: ExpectedEvent.Kind) -> Bool {
    switch (self, expected) {
    case (.message(let kind, let octets), .message(let expectedKind, let payload)):
      kind == expectedKind && octets.matches(payload)
    case (.pong(let octets), .pong(let payload)): octets.matches(payload)
    case (.mark(let name), .mark(let expectedName)): name == expectedName
    default: false
    }
  }
}

/// The octets of something that arrived; of very long ones only the beginning is kept.
public struct PlayedOctets: Equatable, Sendable {
  /// The octets, or their beginning.
  public var octets: [UInt8]
  /// How many there were.
  public var byteCount: Int

  /// These octets, the whole of them unless `byteCount` says otherwise.
  public init(_ octets: [UInt8], byteCount: Int? = nil) {
    self.octets = octets
    self.byteCount = byteCount ?? octets.count
  }

  /// Whether these are the octets that `payload` describes.
  public func matches(_ payload: Payload) -> Bool {
    guard byteCount == octets.count, byteCount == payload.count else { return false }
    return payload.withBytes { $0.elementsEqual(octets.span) }
  }
}

/// A Close as it was on the wire.
public struct PlayedClose: Equatable, Sendable {
  /// The code, legal or not; nil if there was none.
  public var code: UInt16?
  /// The octets after the code.
  public var reason: [UInt8]

  /// A Close with this code and reason.
  public init(code: UInt16?, reason: [UInt8] = []) {
    self.code = code
    self.reason = reason
  }
}

/// What came of the messages of a case that judges them one by one.
public struct EchoOutcome: Equatable, Sendable {
  /// The established suite's opinion: nil until it has one.
  public var established: Bool?
  /// Ours, which looks at the content too: nil until there is one.
  public var strict: Bool?
  /// How many echoes fitted.
  public var count = 0
  /// Octets of messages sent, before compression.
  public var sentByteCount = 0
  /// Octets of messages that fitted, after decompression.
  public var receivedByteCount = 0
  /// What was wrong with the first one that did not fit.
  public var complaint: String?

  /// No opinion yet.
  public init() {}
}
