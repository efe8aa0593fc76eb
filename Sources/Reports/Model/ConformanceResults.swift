/// What the cases said about each peer.
public struct ConformanceResults: Codable, Equatable, Sendable {
  /// Which role the suite played.
  public var role: SuiteRole
  /// The cases that were selected, in the order in which they should be shown.
  public var cases: [CaseDescription]
  /// The peers, each with its results.
  public var agents: [AgentResults]
  /// What the run was to stop at; nil: at every failure.
  public var gate: Gate?

  /// Creates results.
  public init(
    role: SuiteRole, cases: [CaseDescription], agents: [AgentResults] = [], gate: Gate? = nil
  ) {
    self.role = role
    self.cases = cases
    self.agents = agents
    self.gate = gate
  }
}

/// Which role the suite plays towards its peer.
public enum SuiteRole: String, Codable, Sendable {
  /// The suite connects; servers are tested.
  case client
  /// The suite listens; clients are tested.
  case server
}

/// What a case is, independent of any peer.
public struct CaseDescription: Codable, Equatable, Sendable {
  /// The name, unique in the corpus, such as `5.5/payload-over-125`.
  public var id: String
  /// Other names, such as `autobahn:2.5`.
  public var aliases: [String]
  /// The clause, such as `RFC 6455 §5.5`, for grouping and for the link to its text.
  public var section: String
  /// The clause's heading, such as `Control frames`.
  public var sectionTitle: String?
  /// How binding the requirement is.
  public var level: RequirementLevel
  /// One line for lists; the requirement stands in for it when there is none.
  public var title: String?
  /// The requirement in the RFC's own words.
  public var why: String
  /// The case in the case language, if it is to be shown.
  public var script: String?
  /// What the established suite says that it does.
  public var aliasDescription: String?
  /// What the established suite says that it expects.
  public var aliasExpectation: String?

  /// Creates a description.
  public init(
    id: String, aliases: [String] = [], section: String, sectionTitle: String? = nil,
    level: RequirementLevel, title: String? = nil, why: String, script: String? = nil,
    aliasDescription: String? = nil, aliasExpectation: String? = nil
  ) {
    self.id = id
    self.aliases = aliases
    self.section = section
    self.sectionTitle = sectionTitle
    self.level = level
    self.title = title
    self.why = why
    self.script = script
    self.aliasDescription = aliasDescription
    self.aliasExpectation = aliasExpectation
  }

  /// The number of the case in the established suite, such as `2.5`.
  public var establishedNumbers: [String] {
    aliases.filter { $0.hasPrefix("autobahn:") }.map { String($0.dropFirst(9)) }
  }
}

/// One peer and what was found out about it.
public struct AgentResults: Codable, Equatable, Sendable {
  /// The name for lists: what the user said, or what the peer said of itself.
  public var name: String
  /// Where it was reached, or from where it came.
  public var url: String?
  /// The `Server` field (or `User-Agent`) that it sent.
  public var serverHeader: String?
  /// What else was noticed: TLS version, extensions that it agreed to, and so on.
  public var facts: [Fact]
  /// What went wrong with the peer as a whole, one line each: it died, it was never ready.
  public var troubles: [String]?
  /// The results in the order in which the cases ended; at most one per case.
  public var results: [CaseResult]

  /// Creates an agent's results.
  public init(
    name: String, url: String? = nil, serverHeader: String? = nil, facts: [Fact] = [],
    troubles: [String]? = nil, results: [CaseResult] = []
  ) {
    self.name = name
    self.url = url
    self.serverHeader = serverHeader
    self.facts = facts
    self.troubles = troubles
    self.results = results
  }
}

/// What came of one case with one peer.
public struct CaseResult: Codable, Equatable, Sendable {
  /// The ``CaseDescription/id`` of the case.
  public var caseID: String
  /// What was found.
  public var verdict: Verdict
  /// One line that says why the verdict is as it is.
  public var reason: String
  /// What the peer should have done, in the case notation, when that helps.
  public var expected: String?
  /// What it did, in the case notation.
  public var received: String?
  /// The reason for which a failure is known and tolerated.
  public var knownFailure: String?
  /// Why the verdict is not the one that was expected beforehand; such a result stops a gate.
  public var unexpected: String?
  /// How it fared when it was played several times; the rest of the result is the worst play's.
  public var plays: PlayCounts?
  /// When the case began.
  public var started: Timestamp
  /// How long it took, in nanoseconds.
  public var elapsedNanoseconds: Int64
  /// The verdict in the established suite's terms, for cases that have a number there.
  public var aliasView: AliasView?
  /// What happened on the wire; failing cases have it, others may.
  public var transcript: [TranscriptEntry]
  /// How many entries were left out of the transcript to bound it.
  public var omittedEntryCount: Int
  /// The command that plays this case again.
  public var replay: String?
  /// The file with the packets of this play, as it was named on the command line.
  public var capture: String?

  /// Creates a result.
  public init(
    caseID: String, verdict: Verdict, reason: String, expected: String? = nil,
    received: String? = nil, knownFailure: String? = nil, started: Timestamp,
    elapsed: Duration, aliasView: AliasView? = nil, transcript: [TranscriptEntry] = [],
    omittedEntryCount: Int = 0, replay: String? = nil
  ) {
    self.caseID = caseID
    self.verdict = verdict
    self.reason = reason
    self.expected = expected
    self.received = received
    self.knownFailure = knownFailure
    self.started = started
    elapsedNanoseconds = elapsed.wholeNanoseconds
    self.aliasView = aliasView
    self.transcript = transcript
    self.omittedEntryCount = omittedEntryCount
    self.replay = replay
  }

  /// How long the case took.
  public var elapsed: Duration { .nanoseconds(elapsedNanoseconds) }
}
