public import Reports

/// What a search for a server's capacity shall do.
public struct CapacityPlan: Sendable {
  /// Each play; its rate, or the number of its connections, is what is searched for.
  public var load: LoadPlan
  /// What is raised.
  public var axis: CapacityResults.Axis
  /// What the server must reach.
  public var objectives: ServiceLevel
  /// By connections: messages per second on each of them; 0: they are only held.
  public var ratePerConnection = 0.0
  /// The first load; doubled from here on.
  public var start: Double
  /// No greater load is tried.
  public var limit: Double
  /// How exactly the capacity is to be known, as a share of it.
  public var precision = 0.02
  /// How often the loads next to the capacity are played.
  public var confirmations = 3

  /// A search with default values.
  public init(
    _ load: LoadPlan, by axis: CapacityResults.Axis, objectives: ServiceLevel
  ) {
    self.load = load
    self.axis = axis
    self.objectives = objectives
    start = axis == .rate ? 100 : 10
    limit = axis == .rate ? 10_000_000 : 100_000
  }

  /// The plan of one play.
  func play(at value: Double) -> LoadPlan {
    var plan = load
    switch axis {
    case .rate: plan.workload = .openLoop(messagesPerSecond: value)
    case .connections:
      plan.connections = Int(value)
      plan.loops = min(plan.loops, plan.connections)
      plan.workload =
        ratePerConnection > 0
        ? .openLoop(messagesPerSecond: value * ratePerConnection) : .idle
    }
    return plan
  }

  var bounds: CapacitySearch.Bounds {
    CapacitySearch.Bounds(
      start: start.rounded(.up), least: 1, limit: limit.rounded(.down), precision: precision,
      confirmations: confirmations)
  }

  /// Checks what can be checked before anything runs.
  ///
  /// - Throws: what does not make sense, in a line.
  public func validate() throws(LoadPlanError) {
    try load.validate()
    guard start >= 1, limit >= start, limit <= 1e9 else {
      throw LoadPlanError(
        description: "the search begins at 1 or more and ends at no less: \(start) to \(limit)")
    }
    guard axis == .rate || limit <= 1_000_000 else {
      throw LoadPlanError(description: "connections: at most 1000000, not \(Int(limit))")
    }
    try play(at: start).validate()
    try play(at: limit).validate()
    guard precision >= 0.001, precision <= 1 else {
      throw LoadPlanError(description: "precision: \(precision) is not between 0.001 and 1")
    }
    guard 1...100 ~= confirmations else {
      throw LoadPlanError(description: "confirmations: \(confirmations) is not between 1 and 100")
    }
  }
}
