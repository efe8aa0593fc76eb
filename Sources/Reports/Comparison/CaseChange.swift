/// A case whose verdict is another one than it was.
public struct CaseChange: Equatable, Sendable {
  /// Which way a verdict changed.
  public enum Direction: String, CaseIterable, Sendable {
    /// For the worse.
    case worse
    /// For the better.
    case better
    /// Neither: one axis this way, the other that way, or to and from what is never judged.
    case aside
  }

  /// The case.
  public var description: CaseDescription
  /// What was found in base.
  public var base: CaseResult
  /// What was found in head.
  public var head: CaseResult
  /// Which way it changed.
  public var direction: Direction
  /// Whether head's gate stops at it, and base's did not.
  public var stopsGate: Bool
  /// Whether it is a failure that head's expectations know and tolerate.
  public var isKnown: Bool

  /// The change between two results; nil if the verdict is the same.
  init?(
    _ description: CaseDescription, base: CaseResult, of baseResults: ConformanceResults,
    head: CaseResult, of headResults: ConformanceResults
  ) {
    guard base.verdict != head.verdict else { return nil }
    self.description = description
    self.base = base
    self.head = head
    direction = Direction(from: base.verdict, to: head.verdict)
    let standing = headResults.standing(of: head, level: description.level)
    stopsGate =
      standing == .broken
      && baseResults.standing(of: base, level: description.level) != .broken
    isKnown = standing == .tolerated
  }

  /// Whether it is a regression: what stops a gate, or, strictly, whatever is worse and not known.
  func isRegression(isStrict: Bool) -> Bool {
    direction == .worse && (stopsGate || (isStrict && !isKnown))
  }
}

extension CaseChange.Direction {
  /// Decided by the overall grade, and where that is the same by the two axes.
  init(from base: Verdict, to head: Verdict) {
    let overall = head.overall.badness - base.overall.badness
    let axes = [
      head.behaviour.badness - base.behaviour.badness, head.closing.badness - base.closing.badness,
    ]
    if overall != 0 {
      self = overall > 0 ? .worse : .better
    } else if axes.contains(where: { $0 > 0 }) == axes.contains(where: { $0 < 0 }) {
      self = .aside
    } else {
      self = axes.contains { $0 > 0 } ? .worse : .better
    }
  }
}

extension Grade {
  /// How bad a grade is; what is never judged is not bad.
  fileprivate var badness: Int {
    switch self {
    case .pass, .informational: 0
    case .acceptable: 1
    case .unsupported: 2
    case .fail: 3
    case .error: 4
    }
  }
}
