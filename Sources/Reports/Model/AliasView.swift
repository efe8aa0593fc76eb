/// A result in the terms of the established suite, with everything that its report files carry.
public struct AliasView: Codable, Equatable, Sendable {
  /// The established suite's verdict on behaviour.
  public enum Behavior: String, Codable, CaseIterable, Sendable {
    /// As expected.
    case ok = "OK"
    /// Conforming, but not strictly.
    case nonStrict = "NON-STRICT"
    /// Not as expected.
    case failed = "FAILED"
    /// Reported, never judged.
    case informational = "INFORMATIONAL"
    /// The feature was not negotiated.
    case unimplemented = "UNIMPLEMENTED"
  }

  /// The established suite's verdict on the closing of the connection.
  public enum BehaviorClose: String, Codable, CaseIterable, Sendable {
    /// As expected.
    case ok = "OK"
    /// By the wrong endpoint, or never opened.
    case failed = "FAILED"
    /// Without the closing handshake that was demanded.
    case unclean = "UNCLEAN"
    /// With a code that is not allowed here.
    case wrongCode = "WRONG CODE"
    /// The server left it to the client to drop TCP.
    case failedByClient = "FAILED BY CLIENT"
    /// Reported, never judged.
    case informational = "INFORMATIONAL"
  }

  /// The verdict on behaviour.
  public var behavior: Behavior
  /// The verdict on closing.
  public var behaviorClose: BehaviorClose
  /// The text that goes with ``behavior``.
  public var result: String
  /// The text that goes with ``behaviorClose``.
  public var resultClose: String
  /// The number among the cases: as client the index among all 517, as server among the selected.
  public var caseNumber: Int
  /// How long the connection lasted, in milliseconds.
  public var durationMilliseconds: Int
  /// When the connection was begun (as client) or accepted (as server).
  public var started: Timestamp
  /// Whether the page shows the time: group 9.
  public var reportTime = false
  /// Whether the page shows compression ratios: groups 12 and 13.
  public var reportCompressionRatio = false
  /// The lists of events that would have given each verdict.
  public var expected: [Behavior.RawValue: [AliasEvent]] = [:]
  /// The events that came.
  public var received: [AliasEvent] = []
  /// How the connection should have been closed; nil when the handshake failed.
  public var expectedClose: ExpectedClose?
  /// The suite sent a Close first.
  public var closedByMe = false
  /// The suite failed the connection.
  public var failedByMe = false
  /// The suite closed TCP.
  public var droppedByMe = false
  /// A closing handshake was completed in time.
  public var wasClean = false
  /// Why ``wasClean`` is false.
  public var wasNotCleanReason: String?
  /// The server did not drop TCP in time.
  public var wasServerConnectionDropTimeout = false
  /// The opening handshake did not end in time.
  public var wasOpenHandshakeTimeout = false
  /// No Close came in answer to ours in time.
  public var wasCloseHandshakeTimeout = false
  /// The code of the Close that the suite sent.
  public var localCloseCode: Int?
  /// The reason in the Close that the suite sent.
  public var localCloseReason: String?
  /// The code of the Close that the peer sent, legal or not.
  public var remoteCloseCode: Int?
  /// The reason in the Close that the peer sent.
  public var remoteCloseReason: String?
  /// True when the suite was the server.
  public var isServer = false
  /// Reads by how many octets they gave.
  public var rxOctetStats: [Int: Int] = [:]
  /// Writes by how many octets they had.
  public var txOctetStats: [Int: Int] = [:]
  /// Frames received by opcode.
  public var rxFrameStats: [Int: Int] = [:]
  /// Frames sent by opcode.
  public var txFrameStats: [Int: Int] = [:]
  /// The request head as it was on the wire.
  public var httpRequest: String?
  /// The response head as it was on the wire.
  public var httpResponse: String?
  /// Counters of the compression cases, when they went well.
  public var trafficStats: TrafficStats?

  /// Creates a view with the verdict alone; the facts are variables to be filled in.
  public init(
    behavior: Behavior, behaviorClose: BehaviorClose, result: String, resultClose: String,
    caseNumber: Int, duration: Duration, started: Timestamp
  ) {
    self.behavior = behavior
    self.behaviorClose = behaviorClose
    self.result = result
    self.resultClose = resultClose
    self.caseNumber = caseNumber
    durationMilliseconds = Int(duration.wholeNanoseconds / 1_000_000)
    self.started = started
  }
}

/// How the established suite wants a connection to be closed.
public struct ExpectedClose: Codable, Equatable, Sendable {
  /// The suite is to close.
  public var closedByMe: Bool
  /// The codes that the peer may send, if it sends one.
  public var closeCode: [Int]
  /// A closing handshake is demanded.
  public var requireClean: Bool
  /// The case itself fails when the wrong endpoint closes; nil where the key is absent.
  public var closedByWrongEndpointIsFatal: Bool?

  /// Creates an expectation.
  public init(
    closedByMe: Bool, closeCode: [Int], requireClean: Bool,
    closedByWrongEndpointIsFatal: Bool? = nil
  ) {
    self.closedByMe = closedByMe
    self.closeCode = closeCode
    self.requireClean = requireClean
    self.closedByWrongEndpointIsFatal = closedByWrongEndpointIsFatal
  }
}

/// An event in the established suite's lists.
public enum AliasEvent: Codable, Equatable, Sendable {
  /// A whole message.
  case message(PeerBytes, byteCount: Int, isBinary: Bool)
  /// A Ping.
  case ping(PeerBytes)
  /// A Pong.
  case pong(PeerBytes)
  /// A mark that the case itself put in when a pause ended.
  case timeout(mark: String)
}

/// Octets, frames and messages of both directions of a connection.
public struct TrafficStats: Codable, Equatable, Sendable {
  /// What went one way.
  public struct Direction: Codable, Equatable, Sendable {
    /// Octets before the connection was open.
    public var preopenOctets: Int
    /// Octets as they went to TCP, with the opening handshake left out.
    public var wireOctets: Int
    /// Octets of frame payload, compressed where it was.
    public var webSocketOctets: Int
    /// Octets of messages, uncompressed.
    public var messageOctets: Int
    /// Data frames.
    public var frameCount: Int
    /// Messages.
    public var messageCount: Int

    /// Creates counters.
    public init(
      preopenOctets: Int = 0, wireOctets: Int = 0, webSocketOctets: Int = 0,
      messageOctets: Int = 0, frameCount: Int = 0, messageCount: Int = 0
    ) {
      self.preopenOctets = preopenOctets
      self.wireOctets = wireOctets
      self.webSocketOctets = webSocketOctets
      self.messageOctets = messageOctets
      self.frameCount = frameCount
      self.messageCount = messageCount
    }
  }

  /// What the suite sent.
  public var outgoing: Direction
  /// What the peer sent.
  public var incoming: Direction

  /// Creates counters.
  public init(outgoing: Direction = .init(), incoming: Direction = .init()) {
    self.outgoing = outgoing
    self.incoming = incoming
  }
}
