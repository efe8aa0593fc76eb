/// What a gate stops at: which failures count, and what was expected beforehand.
public struct Gate: Codable, Equatable, Sendable {
  /// How binding a requirement must be for its failure to count.
  public enum Strictness: String, Codable, CaseIterable, Sendable {
    /// Only what an RFC says MUST.
    case must
    /// What it says SHOULD as well.
    case should
    /// Every failure, whatever the level of its case.
    case any
  }

  /// Which failures count.
  public var failOn: Strictness
  /// The file of expectations that the results were held against.
  public var expectationsPath: String?
  /// Its lines that fitted no case, each as one line with the place; every one stops the gate.
  public var staleExpectations: [String]

  /// Creates a gate.
  public init(
    failOn: Strictness = .any, expectationsPath: String? = nil, staleExpectations: [String] = []
  ) {
    self.failOn = failOn
    self.expectationsPath = expectationsPath
    self.staleExpectations = staleExpectations
  }
}

/// How a result stands with a gate.
public enum Standing: Hashable, Sendable {
  /// As it should be.
  case met
  /// Not met, but known and tolerated.
  case tolerated
  /// Not met, but the requirement is less binding than what counts.
  case uncounted
  /// It stops the gate.
  case broken
}

extension ConformanceResults {
  /// How a result stands with the gate of this run; without one every failure counts.
  public func standing(of result: CaseResult, level: RequirementLevel) -> Standing {
    if result.unexpected != nil { return .broken }
    if result.verdict.isMet { return .met }
    if result.knownFailure != nil { return .tolerated }
    if result.verdict.overall == .error { return .broken }
    return switch (gate?.failOn ?? .any, level) {
    case (.any, _), (_, .must), (.should, .should): .broken
    default: .uncounted
    }
  }

  /// Whether nothing stops the gate.
  public var isMet: Bool {
    let levels = Dictionary(
      cases.map { ($0.id, $0.level) }, uniquingKeysWith: { first, _ in first })
    return gate?.staleExpectations.isEmpty != false
      && agents.allSatisfy { agent in
        agent.results.allSatisfy {
          standing(of: $0, level: levels[$0.caseID] ?? .must) != .broken
        }
      }
  }
}

/// How a case fared when it was played several times.
public struct PlayCounts: Codable, Equatable, Sendable {
  /// How often it was played.
  public var total: Int
  /// How often its requirement was not met.
  public var unmet: Int

  /// Creates counts.
  public init(total: Int, unmet: Int) {
    self.total = total
    self.unmet = unmet
  }

  /// Neither always the one nor always the other.
  public var isFlaky: Bool { unmet > 0 && unmet < total }
}

extension AgentResults {
  /// Whether something went wrong with the peer that is no case's fault.
  public var hasUnexplainedTrouble: Bool {
    troubles?.isEmpty == false && !results.contains { !$0.verdict.isMet }
  }
}
