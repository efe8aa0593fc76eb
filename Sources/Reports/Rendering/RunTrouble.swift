/// What went wrong in a run and is no case's: lists of tests have a test for each, so that they fail
/// where the exit code says that the run did.
struct RunTrouble {
  /// Whose it is: an agent's name, or a part of the run.
  var place: String
  /// A name that stays the same from run to run.
  var name: String
  /// What went wrong, in one line.
  var reason: String
  /// `fail` if a requirement was not met, `error` if nothing can be said of it.
  var grade: Grade
  /// Whether it stops the gate by itself, or a case that counts or is tolerated tells of it already.
  var standing = Standing.broken

  static func all(_ run: Run) -> [RunTrouble] {
    var all: [RunTrouble] = []
    for agent in run.conformance?.agents ?? [] {
      guard let troubles = agent.troubles, !troubles.isEmpty else { continue }
      all.append(
        RunTrouble(
          place: agent.name, name: "the peer as a whole", reason: troubles.joined(separator: "; "),
          grade: .error, standing: agent.hasUnexplainedTrouble ? .broken : .uncounted))
    }
    all += (run.conformance?.gate?.staleExpectations ?? []).map {
      RunTrouble(place: "expectations", name: $0, reason: $0, grade: .fail)
    }
    for load in run.load {
      let (generator, isInvalid) = (load.generator, load.generator.validity == .invalid)
      guard isInvalid || !generator.isTrusted else { continue }
      let words = "the numbers \(isInvalid ? "do" : "may") not tell of the server"
      all.append(
        RunTrouble(
          place: "load", name: "\(load.name): the generator",
          reason: ([words] + generator.remarks).joined(separator: "; "), grade: .error,
          standing: generator.isTrusted ? .tolerated : .broken))
    }
    // How far a load got, its own test tells.
    if !run.isComplete, run.load.isEmpty {
      all.append(
        RunTrouble(
          place: "run", name: "all of it", reason: "the run did not end", grade: .error))
    }
    return all
  }
}

extension LoadResults {
  /// Which objectives were missed, or without any, which errors there were; in one line.
  var shortfall: String {
    let missed = missedObjectives.map { "\($0.objective): \($0.measured)" }
    let errors = errors.filter { $0.count > 0 }.map { "\($0.count) \($0.kind.rawValue)" }
    return (missed + errors).joined(separator: ", ")
  }
}
