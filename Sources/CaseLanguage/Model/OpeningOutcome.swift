/// How the peer must answer, or begin, the opening handshake.
public enum OpeningOutcome: Hashable, Sendable {
  /// The connection opens: the server's answer is a valid 101, and passes the tests.
  case accepted([HeadTest])
  /// The server answers with one of these statuses (none: with any but 101), and passes the tests.
  case refused([StatusPattern], [HeadTest])
  /// The peer ends TCP: a server without an answer, a client without a message or a Pong.
  case dropped
  /// The connection opens, and the client's request passes the tests; none: it is valid as a whole.
  case requested([HeadTest])
  /// The client gives the connection up while TLS is agreed on, or right after: it asks nothing.
  case unasked
  /// If the client asks elsewhere, where a redirect leads it, its request there passes the tests.
  case followed([HeadTest])
  /// The client does not ask elsewhere.
  case stayed

  /// Whether the connection opens, so that events and an ending follow.
  public var opens: Bool {
    switch self {
    case .accepted, .requested: true
    case .refused, .dropped, .unasked, .followed, .stayed: false
    }
  }
}

extension OpeningOutcome {
  /// Whether it can only be told where TLS comes first.
  var concernsTLS: Bool {
    switch self {
    case .unasked: true
    case .requested(let tests): tests.contains { $0.subject == .serverName }
    case .accepted, .refused, .dropped, .followed, .stayed: false
    }
  }

  /// Whether it can only be told where there is another port.
  var concernsRedirects: Bool {
    switch self {
    case .followed, .stayed: true
    case .accepted, .refused, .dropped, .requested, .unasked: false
    }
  }
}

/// A status code, or a class of them.
public enum StatusPattern: Hashable, Sendable {
  /// This code.
  case code(Int)
  /// The codes of a class: 4 for 400 to 499.
  case hundreds(Int)

  /// Whether the code is meant.
  public func matches(_ code: Int) -> Bool {
    switch self {
    case .code(let expected): code == expected
    case .hundreds(let expected): code / 100 == expected
    }
  }
}

/// Something that the peer's head must have.
public struct HeadTest: Hashable, Sendable {
  /// What is looked at: a part of the first line, or a field by its name.
  public var subject: Subject
  /// What must be so.
  public var condition: Condition

  /// The test of a subject.
  public init(_ subject: Subject, _ condition: Condition) {
    self.subject = subject
    self.condition = condition
  }

  /// A part of a head.
  public enum Subject: Hashable, Sendable {
    /// A part of the first line.
    case part(HeadPart)
    /// All lines of a field.
    case field(String)
    /// The name of the server that a client asks for in TLS (SNI, RFC 6066 §3).
    case serverName
  }

  /// What must be so of a part of a head.
  public enum Condition: Hashable, Sendable {
    /// It is not there.
    case absent
    /// It is there once.
    case once
    /// It is there once, and is the base64 of 16 octets.
    case key
    /// It is this; of a field with a list of values, one of them is.
    case names(String)
  }
}
