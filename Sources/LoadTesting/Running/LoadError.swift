/// Why a run could not be played at all.
public enum LoadError: Error, Equatable, CustomStringConvertible {
  /// The plan makes no sense.
  case wrongPlan(String)
  /// The system does not give what the run needs.
  case cannotRun(String)

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .wrongPlan(let text), .cannotRun(let text): text
    }
  }
}
