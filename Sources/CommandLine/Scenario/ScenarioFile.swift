import ArgumentParser
import FoundationEssentials
import LoadTesting
import Reports

/// A load test from a file: several groups of connections that play at once.
///
/// A file is JSON (RFC 8259), each key as `Documentation/scenarios.md` says.
struct ScenarioFile {
  var title: String?
  var test: LoadTest
  /// What is required of each group.
  var objectives: [ServiceLevel?]

  /// Reads a file.
  ///
  /// - Throws: `SpecError`, which names file, place and key, and what is allowed.
  init(path: String) throws(SpecError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SpecError(
        path: path, message: "the file is missing or cannot be read", isUnusable: true)
    }
    try self.init(Array(data), path: path)
  }

  /// Reads the octets of a file; `path` stands in messages.
  init(_ octets: [UInt8], path: String) throws(SpecError) {
    let value = try SpecParser.parse(octets, path: path)
    let object = try SpecObject(value, path: path, name: "the scenario")
    let section = ConfigurationSection(object, name: "")
    title = try section.string("title")
    var test = LoadTest([])
    try Self.readPhases(section, to: &test)
    test.loops = try section.count("loops", 1...256) ?? 1
    test.busyPolling = try section.duration("busyPoll") ?? .zero
    test.isRealTime = try section.bool("realTime") ?? false
    var common: ServiceLevel?
    if let text = try section.string("slo") {
      do {
        common = try ServiceLevel(text)
      } catch {
        throw section.mistake("slo", "\(error)")
      }
    }
    var objectives: [ServiceLevel?] = []
    try section.sections("groups") { inner throws(SpecError) in
      let group = try ScenarioGroup(inner)
      let groups = try Self.groups(group, inner, test)
      test.groups += groups
      objectives += groups.map { _ in group.objectives ?? common }
    }
    try section.finish()
    guard !test.groups.isEmpty else {
      throw section.mistake("groups", "write at least one group: [{\"url\": \"ws://host:port/\"}]")
    }
    do throws(LoadPlanError) {
      try test.validate()
    } catch {
      throw object.mistake(error.description)
    }
    self.test = test
    self.objectives = objectives
  }

  private static func readPhases(
    _ section: ConfigurationSection, to test: inout LoadTest
  ) throws(SpecError) {
    var read = test
    try section.section("phases") { phases throws(SpecError) in
      read.warmUp = try phases.duration("warmUp") ?? read.warmUp
      read.duration = try phases.duration("duration") ?? read.duration
      read.coolDown = try phases.duration("coolDown") ?? read.coolDown
      read.drain = try phases.duration("drain") ?? read.drain
    }
    test = read
  }

  /// A group of the file as one group for each of its targets.
  private static func groups(
    _ group: ScenarioGroup, _ section: ConfigurationSection, _ test: LoadTest
  ) throws(SpecError) -> [LoadTest.Group] {
    let counts = shares(of: group.connections, weights: group.targets.map(\.weight))
    guard group.targets.count == 1 || !group.isFanOut else {
      throw section.mistake("targets", "a fan-out has one: what is published at one comes from it")
    }
    guard counts.allSatisfy({ $0 > 0 }) else {
      throw section.mistake(
        "connections", "too few for \(group.targets.count) targets of these weights")
    }
    let phases = [
      "--warmup=\(test.warmUp / .seconds(1))s", "--duration=\(test.duration / .seconds(1))s",
      "--cooldown=\(test.coolDown / .seconds(1))s", "--drain=\(test.drain / .seconds(1))s",
    ]
    var groups: [LoadTest.Group] = []
    for (target, count) in zip(group.targets, counts) {
      var plan: LoadPlan
      do {
        plan = try LoadCommand.parse(group.arguments(target, connections: count) + phases).plan()
      } catch {
        throw section.mistake(LoadCommand.message(for: error))
      }
      if case .openLoop(let schedule) = plan.workload, group.targets.count > 1 {
        plan.workload = .openLoop(
          schedule.scaled(by: Double(count) / Double(group.connections)))
      }
      let name = group.targets.count == 1 ? group.name : "\(group.name ?? "group") at \(target.url)"
      groups.append(LoadTest.Group(name: name, plan))
    }
    return groups
  }

  /// Deals `total` by weights: each gets its share rounded down, and what is left goes to those that are furthest
  /// below theirs.
  static func shares(of total: Int, weights: [Double]) -> [Int] {
    let sum = weights.reduce(0, +)
    let exact = weights.map { Double(total) * $0 / sum }
    var shares = exact.map { Int($0.rounded(.down)) }
    let order = exact.indices.sorted {
      let left = exact[$0] - Double(shares[$0])
      let right = exact[$1] - Double(shares[$1])
      return (right, $0) < (left, $1)
    }
    for index in order.prefix(max(0, total - shares.reduce(0, +))) { shares[index] += 1 }
    return shares
  }
}
