/// The head of our half of the opening handshake: what a `request` or `response` step says of it.
///
/// It is told by its difference from the usual head, which whoever plays the case knows: the target
/// and the host are those of the peer, the key is drawn anew, the accept value answers the key.
public struct HeadScript: Hashable, Sendable {
  /// A request (we are the client) or a response (we are the server).
  public var kind: Kind
  /// Nothing is usual: only what the edits add is there.
  public var isBare: Bool
  /// What is changed, in order.
  public var edits: [Edit]
  /// What ends each line.
  public var lineEnd: Payload
  /// The empty line at the end is left out: the head goes on in the steps that follow.
  public var isUnfinished: Bool
  /// How it is handed to TCP.
  public var delivery: Delivery

  /// CR and LF.
  public static let usualLineEnd = Payload.octets([0x0d, 0x0a])

  /// A head with nothing changed, unless told otherwise.
  public init(
    _ kind: Kind, edits: [Edit] = [], isBare: Bool = false,
    lineEnd: Payload = HeadScript.usualLineEnd, isUnfinished: Bool = false,
    delivery: Delivery = .together
  ) {
    self.kind = kind
    self.edits = edits
    self.isBare = isBare
    self.lineEnd = lineEnd
    self.isUnfinished = isUnfinished
    self.delivery = delivery
  }

  /// Which half of the handshake it is.
  public enum Kind: String, Hashable, Sendable {
    case request, response
  }

  /// One difference from the usual head.
  public enum Edit: Hashable, Sendable {
    /// A part of the start line becomes this; nil: it is left out, with its space.
    case part(HeadPart, HeadValue?)
    /// All lines of the field become this one, where the first of them was; nil: they are left out.
    case field(String, HeadValue?)
    /// One more line of the field, behind all others.
    case addition(String, HeadValue)
    /// A line of its own, behind all others, whatever it is.
    case line(HeadValue)
  }
}

/// A part of the first line of a head.
public enum HeadPart: String, Hashable, Sendable, CaseIterable {
  /// The method of a request.
  case method
  /// The target of a request.
  case target
  /// The HTTP version.
  case version
  /// The status code and the reason phrase of a response.
  case status

  /// Whether a head of this kind has the part.
  public func belongs(to kind: HeadScript.Kind) -> Bool {
    switch self {
    case .method, .target: kind == .request
    case .version: true
    case .status: kind == .response
    }
  }
}

/// The value of a field, or a part of a first line: octets, and what would usually stand there.
public struct HeadValue: Hashable, Sendable {
  /// One after the other; no two payloads are neighbours.
  public var terms: [Term]

  /// A value of these terms.
  public init(_ terms: [Term]) { self.terms = terms }

  /// A value of these octets.
  public init(_ payload: Payload) { self.init([.octets(payload)]) }

  /// One of the things that a value is made of.
  public enum Term: Hashable, Sendable {
    /// These octets.
    case octets(Payload)
    /// What usually stands there, or in the part or field of this name; perhaps in lower case.
    case usual(of: String?, isLowercased: Bool)
    /// What comes after the scheme of a URL that leads to another host and port of ours.
    case elsewhere
  }
}
