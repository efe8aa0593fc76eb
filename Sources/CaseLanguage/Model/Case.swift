/// One requirement, and the script that finds out whether a peer keeps to it.
///
/// A case is a value: it says what is sent and what may come back, and does nothing. Whoever plays
/// it derives two verdicts from it: our own, and the one of the established suite (the *alias
/// view*). Where the two differ, the declaration concerned says so.
public struct Case: Hashable, Sendable {
  /// The path-like name, unique in a corpus: `5.5/payload-over-125`.
  public var id: String
  /// The numbers of the case in other suites.
  public var aliases: [CaseAlias]
  /// The clause that the case tests.
  public var citation: Citation
  /// The requirement, in one sentence.
  public var why: String
  /// How strongly the clause demands it.
  public var level: Level
  /// What is sent, for a person: one line.
  public var title: String
  /// Free words to select by, in the order of the file.
  public var tags: [String]
  /// Which kinds of peer the case can be played against.
  public var peers: Peers
  /// The permessage-deflate negotiation that the case needs, or nil: then none is offered, and
  /// offers are ignored.
  public var compression: CompressionPolicy?
  /// The certificate that we show as server, before any request; nil: the case is not about TLS.
  public var certificate: ServerCertificate?
  /// The name and the secret, with a colon between, that stand in the URL which a client is given.
  public var credentials: String?
  /// What we do, in order; the first step runs as soon as the opening handshake is through.
  public var steps: [Step]
  /// When the case is over at the latest; nil: never by itself.
  public var deadline: Deadline?
  /// What the peer must do.
  public var expectation: Expectation
  /// What a report shows beside the verdict.
  public var report: ReportFlags
  /// What is looked at beside the reactions.
  public var checks: PeerChecks

  /// A case with an id and a clause, and defaults for all else.
  public init(
    id: String, aliases: [CaseAlias] = [], citation: Citation, why: String = "",
    level: Level = .must, title: String = "", tags: [String] = [], peers: Peers = .both,
    compression: CompressionPolicy? = nil, certificate: ServerCertificate? = nil,
    steps: [Step] = [], deadline: Deadline? = nil,
    expectation: Expectation = Expectation(), report: ReportFlags = [], checks: PeerChecks = []
  ) {
    self.id = id
    self.aliases = aliases
    self.citation = citation
    self.why = why
    self.level = level
    self.title = title
    self.tags = tags
    self.peers = peers
    self.compression = compression
    self.certificate = certificate
    self.steps = steps
    self.deadline = deadline
    self.expectation = expectation
    self.report = report
    self.checks = checks
  }

  /// Whether the case needs a port of its own, and a client that is told of it.
  public var needsOwnPort: Bool { certificate != nil || credentials != nil }

  /// Whether it looks at what the client does after a redirect.
  public var leadsElsewhere: Bool {
    expectation.reactions.contains { $0.opening.concernsRedirects }
  }

  /// Whether a step says what our half of the opening handshake is.
  public var hasScriptedOpening: Bool {
    steps.contains { if case .opening = $0 { true } else { false } }
  }

  /// Whether the case is about the opening handshake: what we send in it, or what the peer does.
  public var concernsOpening: Bool {
    hasScriptedOpening || expectation.reactions.contains { $0.opening != .accepted([]) }
  }

  /// The number in the suite named `suite`, or nil: `number(in: "autobahn")` is `"2.5"`.
  public func number(in suite: String) -> String? {
    aliases.first { $0.suite == suite }?.number
  }
}

/// How strongly a clause demands something, in the words of RFC 2119.
public enum Level: String, Hashable, Sendable, CaseIterable {
  case must, should, may
}

/// The kinds of peer that a case can be played against.
public struct Peers: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The peer is a server: we are the client.
  public static let server = Peers(rawValue: 1)
  /// The peer is a client: we are the server.
  public static let client = Peers(rawValue: 2)
  /// Either.
  public static let both: Peers = [.server, .client]
}

/// What a report shows for a case beside its verdict.
public struct ReportFlags: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// How long the case took.
  public static let time = ReportFlags(rawValue: 1)
  /// How well both sides compressed.
  public static let compressionRatio = ReportFlags(rawValue: 2)
}

/// What is looked at beside the reactions of a case.
public struct PeerChecks: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The masking keys of a client are drawn anew for each frame.
  public static let freshMasks = PeerChecks(rawValue: 1)
  /// The reason of the peer's Close has nothing in it that nobody wrote.
  public static let writtenReason = PeerChecks(rawValue: 2)
  /// A server that refused the opening handshake does not speak WebSocket after it.
  public static let noTunnel = PeerChecks(rawValue: 4)

  /// The checks by the words of a case file, in their order.
  static let words: [(word: String, check: PeerChecks)] = [
    ("fresh-masks", .freshMasks), ("written-reason", .writtenReason), ("no-tunnel", .noTunnel),
  ]
}

/// A clause of a specification: `RFC 6455 §5.5`.
public struct Citation: Hashable, Sendable, CustomStringConvertible {
  /// The document: `RFC 6455`.
  public var document: String
  /// The section without its sign: `5.5`; empty for the whole document.
  public var section: String

  /// The clause `section` of `document`.
  public init(document: String, section: String) {
    self.document = document
    self.section = section
  }

  /// The citation as people write it: `RFC 6455 §5.5`.
  public var description: String { section.isEmpty ? document : "\(document) §\(section)" }
}
