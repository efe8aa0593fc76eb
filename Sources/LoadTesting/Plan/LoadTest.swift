public import Reports

/// Several groups of connections that play at once, each with a plan of its own: the same phases, the same
/// event loops.
///
/// Of the plans, what all groups share is of no interest: warm-up, duration, drain, loops and the
/// observed process are the test's.
public struct LoadTest: Sendable, Equatable {
  /// Connections that do the same.
  public struct Group: Sendable, Equatable {
    /// What the group is called in reports; nil: its plan says what it does.
    public var name: String?
    /// What it does.
    public var plan: LoadPlan
    /// What ends the whole run early, once the group misses it; nil: nothing does.
    public var abortsWithout: ServiceLevel?

    /// Creates a group.
    public init(name: String? = nil, _ plan: LoadPlan) {
      self.name = name
      self.plan = plan
    }
  }

  /// The groups; at least one.
  public var groups: [Group]
  /// How long messages flow before they are recorded.
  public var warmUp = Duration.seconds(2)
  /// How long messages are recorded.
  public var duration = Duration.seconds(10)
  /// How long messages still flow when recording has ended.
  public var coolDown = Duration.zero
  /// How long replies are awaited when nothing is sent any more.
  public var drain = Duration.seconds(5)
  /// How many event loops, each a thread of its own.
  public var loops = 1
  /// How long a loop looks for events before it sleeps, up to a second; see ``LoadPlan/busyPolling``.
  public var busyPolling = Duration.zero
  /// Whether loops run before all ordinary programs; see ``LoadPlan/isRealTime``.
  public var isRealTime = false
  /// When sending begins, by the clock on the wall, once all connections are open; nil: at once.
  public var startAt: Timestamp?
  /// Which part of a run this is; the groups' plans are the part's already.
  public internal(set) var shard = LoadShard.whole
  /// The process to watch besides our own, on this machine: the server's.
  public var observedProcess: Int32?
  /// Whether ``observedProcess`` is that of a process group, all of which is watched.
  public var observesGroup = false

  /// A test of several groups, with default values for the rest.
  public init(_ groups: [Group]) {
    self.groups = groups
  }

  /// A test of one plan, which also says the rest.
  public init(_ plan: LoadPlan) {
    groups = [Group(plan)]
    warmUp = plan.warmUp
    duration = plan.duration
    coolDown = plan.coolDown
    drain = plan.drain
    loops = plan.loops
    busyPolling = plan.busyPolling
    isRealTime = plan.isRealTime
    observedProcess = plan.observedProcess
    observesGroup = plan.observesGroup
  }

  /// How many connections all groups have.
  public var connections: Int { groups.reduce(0) { $0 + $1.plan.connections } }

  /// More groups than this are a mistake.
  public static let groupLimit = 100

  /// Throws for a test that makes no sense; the message names the group.
  public func validate() throws(LoadPlanError) {
    guard 1...Self.groupLimit ~= groups.count else {
      throw LoadPlanError(
        description: "groups: \(groups.count) is not between 1 and \(Self.groupLimit)")
    }
    if shard.count > 1, startAt == nil, groups.contains(where: \.plan.traffic.isFanOut) {
      throw LoadPlanError(
        description:
          "a fan-out in parts needs --start-at: its messages say when they were due since then")
    }
    guard groups.count > 1 else { return try plan(ofGroup: 0).validate() }
    for (index, group) in groups.enumerated() {
      var plan = plan(ofGroup: index)
      // A small group leaves loops to others.
      plan.loops = min(loops, max(1, plan.connections))
      do throws(LoadPlanError) {
        try plan.validate()
      } catch {
        let name = group.name ?? "\(index + 1)"
        throw LoadPlanError(description: "group \(name): \(error)")
      }
    }
    guard 1...256 ~= loops, loops <= connections else {
      throw LoadPlanError(
        description: "loops: \(loops) is not between 1 and \(min(256, connections))")
    }
  }

  /// A group's plan, with what all groups share.
  func plan(ofGroup index: Int) -> LoadPlan {
    var plan = groups[index].plan
    plan.group = index
    plan.warmUp = warmUp
    plan.duration = duration
    plan.coolDown = coolDown
    plan.drain = drain
    plan.loops = loops
    plan.busyPolling = busyPolling
    plan.isRealTime = isRealTime
    plan.shard = shard
    plan.observedProcess = observedProcess
    plan.observesGroup = observesGroup
    return plan
  }
}
