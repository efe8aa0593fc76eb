/// One axis of a verdict.
public enum Grade: String, Codable, CaseIterable, Sendable {
  /// As the clause demands.
  case pass
  /// Conforming, but not the strict reading.
  case acceptable
  /// Against the clause.
  case fail
  /// The peer lacks the feature that the case is about.
  case unsupported
  /// Reported, never judged.
  case informational
  /// The case could not be run.
  case error
}

/// What a case found: how the peer behaved, and how the connection ended.
public struct Verdict: Codable, Hashable, Sendable {
  /// What the peer did with what it was sent.
  public var behaviour: Grade
  /// How the connection was closed.
  public var closing: Grade

  /// Creates a verdict.
  public init(behaviour: Grade, closing: Grade) {
    self.behaviour = behaviour
    self.closing = closing
  }

  /// Creates a verdict with one grade on both axes.
  public init(_ grade: Grade) {
    self.init(behaviour: grade, closing: grade)
  }

  /// Both axes as one grade: could it run, is the feature there, the worse of the two.
  public var overall: Grade {
    if behaviour == .error || closing == .error { return .error }
    if behaviour == .unsupported { return .unsupported }
    if behaviour == .fail || closing == .fail { return .fail }
    if behaviour == .informational { return .informational }
    if behaviour == .acceptable || closing == .acceptable { return .acceptable }
    return closing == .informational ? .informational : .pass
  }

  /// True when a gate should let the case through.
  public var isMet: Bool { overall != .fail && overall != .error }
}

/// The words of RFC 2119 that a requirement uses.
public enum RequirementLevel: String, Codable, CaseIterable, Sendable {
  /// An absolute requirement.
  case must
  /// A recommendation.
  case should
  /// Truly optional.
  case may
}
