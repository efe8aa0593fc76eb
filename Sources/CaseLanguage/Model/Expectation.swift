public import WebSocketProtocol

/// What the peer must do: the lines that begin with `<`.
public struct Expectation: Hashable, Sendable {
  /// How reactions are recognised.
  public var judgement: Judgement
  /// The conforming reactions, in the order of the file.
  ///
  /// There is at least one; the first is the best one.
  public var reactions: [Reaction]
  /// The verdict is `informational` whatever happens, on both axes.
  public var isInformational: Bool

  /// An expectation; by default nothing is expected, and we close.
  public init(
    judgement: Judgement = .events, reactions: [Reaction] = [Reaction()],
    isInformational: Bool = false
  ) {
    self.judgement = judgement
    self.reactions = reactions
    self.isInformational = isInformational
  }

  /// The ending of the best reaction; in established cases all reactions have the same one.
  public var ending: Ending { reactions.first?.ending ?? Ending() }

  /// The reactions that the alias view knows.
  public var establishedReactions: [Reaction] { reactions.filter(\.isEstablished) }
}

/// How the reaction of the peer is recognised.
public enum Judgement: Hashable, Sendable {
  /// The list of events is compared with that of each reaction: same number, order and content.
  case events
  /// The first message that arrives decides: it must be the one event of the reaction. The alias view
  /// compares kind and length only. Then we send Close 1000; an unsolicited Pong makes us send it
  /// at once.
  case firstMessage
  /// The `.exchange` step decides, as it says. The reaction has no events.
  case exchange
}

/// One conforming way to react.
public struct Reaction: Hashable, Sendable {
  /// What comes of the opening handshake; unless the connection opens, nothing else is looked at.
  public var opening: OpeningOutcome
  /// What arrives, in order; Pings of the peer are answered and do not count.
  public var events: [ExpectedEvent]
  /// How the connection ends.
  public var ending: Ending
  /// What it is worth.
  public var grade: Grade
  /// Whether the alias view knows it; false: only we accept it.
  public var isEstablished: Bool

  /// A reaction; by default nothing arrives, and we close.
  public init(
    events: [ExpectedEvent] = [], ending: Ending = Ending(), grade: Grade = .pass,
    isEstablished: Bool = true, opening: OpeningOutcome = .accepted([])
  ) {
    self.opening = opening
    self.events = events
    self.ending = ending
    self.grade = grade
    self.isEstablished = isEstablished
  }
}

/// What a conforming reaction is worth.
public enum Grade: String, Hashable, Sendable {
  /// As the clause wants it (established: OK).
  case pass
  /// Conforming, but not strict (established: NON-STRICT).
  case acceptable
}

/// One entry of the list of events.
public struct ExpectedEvent: Hashable, Sendable {
  /// What it is.
  public var kind: Kind
  /// Whether it may be absent.
  public var isOptional: Bool

  /// An event that must be there, unless told otherwise.
  public init(_ kind: Kind, isOptional: Bool = false) {
    self.kind = kind
    self.isOptional = isOptional
  }

  /// What an event is.
  public enum Kind: Hashable, Sendable {
    /// A whole message, however it was fragmented or compressed.
    case message(MessageKind, Payload)
    /// A Pong.
    case pong(Payload)
    /// The mark of one of our own pauses.
    case mark(String)
  }
}

/// How a connection must end.
public struct Ending: Hashable, Sendable {
  /// Who must be the first to send a Close (or to drop TCP).
  public var initiator: Initiator
  /// The codes that the Close of the peer may carry.
  ///
  /// An absent code is never wrong. Where we start and the script has no `.close` step, we send the first of them (always 1000) as
  /// soon as the events are complete.
  public var codes: [UInt16]
  /// Whether the closing handshake must be complete, within its time limits.
  public var isCleanRequired: Bool
  /// In the alias view: if the wrong side was first, the behaviour fails too (and not just the closing).
  public var failsOnWrongInitiator: Bool
  /// In the alias view: if the code is wrong, the behaviour fails too.
  public var failsOnWrongCode: Bool

  /// An ending; by default we close with 1000, cleanly.
  public init(
    initiator: Initiator = .us, codes: [UInt16] = [1000], isCleanRequired: Bool = true,
    failsOnWrongInitiator: Bool = false, failsOnWrongCode: Bool = false
  ) {
    self.initiator = initiator
    self.codes = codes
    self.isCleanRequired = isCleanRequired
    self.failsOnWrongInitiator = failsOnWrongInitiator
    self.failsOnWrongCode = failsOnWrongCode
  }

  /// One of the two ends of the connection under test.
  public enum Initiator: Hashable, Sendable {
    /// We: the tester.
    case us
    /// The peer: the one under test.
    case peer
  }
}

/// The time limit of a case.
///
/// It begins when the last step was handed over (an `.exchange`: when it begins), before chopped
/// pieces have left.
public struct Deadline: Hashable, Sendable {
  /// How long.
  public var duration: Duration
  /// What happens then.
  public var action: Action

  /// After `duration`, `action`.
  public init(_ duration: Duration, _ action: Action) {
    self.duration = duration
    self.action = action
  }

  /// What happens at the deadline.
  public enum Action: String, Hashable, Sendable {
    /// Unless CLOSED: while OPEN we fail the connection (Close 1001); while CLOSING we drop TCP.
    case kill
    /// While OPEN we send an empty Close; otherwise nothing happens.
    case close
  }
}
