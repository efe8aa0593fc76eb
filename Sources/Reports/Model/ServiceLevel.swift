/// What a load run is required to reach: objectives such as `p99<20ms,errors<0.1%,reach=100%`.
public struct ServiceLevel: Equatable, Sendable {
  /// The objectives, in the order they were written.
  public var objectives: [Objective]

  /// Reads objectives, separated by commas.
  ///
  /// - Throws: ``ServiceLevelError``, which names the objective that cannot be read.
  public init(_ text: String) throws(ServiceLevelError) {
    objectives = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      objectives.append(try Objective(part.filter { $0 != " " }))
    }
  }

  /// Holds results against every objective.
  public func outcomes(of results: LoadResults) -> [ObjectiveOutcome] {
    objectives.map { objective in
      if objective.metric == .reach, results.delivery?.channels != nil {
        return ObjectiveOutcome(
          objective: objective.text, measured: "known when the parts are merged", isMet: true)
      }
      let measured = objective.metric.value(in: results)
      return ObjectiveOutcome(
        objective: objective.text,
        measured: measured.map(objective.metric.words) ?? ObjectiveOutcome.unmeasured,
        isMet: measured.map(objective.isMet) ?? false)
    }
  }
}

/// An objective and what came of it.
public struct ObjectiveOutcome: Codable, Equatable, Sendable {
  /// As it was written: `p99<20ms`.
  public var objective: String
  /// What was measured, with its unit.
  public var measured: String
  /// Whether that is enough.
  public var isMet: Bool

  static let unmeasured = "nothing was measured"

  /// Whether anything was measured that the objective is about.
  public var isMeasured: Bool { measured != Self.unmeasured }

  /// Creates an outcome.
  public init(objective: String, measured: String, isMet: Bool) {
    self.objective = objective
    self.measured = measured
    self.isMet = isMet
  }
}

/// An objective that cannot be read.
public struct ServiceLevelError: Error, Equatable, CustomStringConvertible {
  /// One line that quotes the objective and says what was expected.
  public let description: String
}
