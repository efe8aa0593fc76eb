import ArgumentParser
import LoadTesting
import Reports

/// What `gauntlet load` is to play, and what is required of it: from flags, or from a scenario file.
struct LoadOrder {
  /// What the run is called.
  var title: String?
  var test: LoadTest
  /// What is required of each group.
  var objectives: [ServiceLevel?]

  /// What the command line asks for.
  init(_ command: LoadCommand) throws {
    guard let path = command.scenario else {
      test = try command.sharding.apply(to: LoadTest(try command.plan()))
      title = command.reporting.agent
      objectives = [command.slo]
      try obey(command.watching)
      return
    }
    let file: ScenarioFile
    do {
      file = try ScenarioFile(path: path)
    } catch {
      printToStandardError("\(error)")
      throw error.isUnusable ? GauntletExit.couldNotRun : GauntletExit.wrongUse
    }
    test = try command.sharding.apply(to: file.test)
    test.observedProcess = command.reporting.pid
    title = command.reporting.agent ?? file.title
    objectives = file.objectives.map { $0 ?? command.slo }
    try obey(command.watching)
  }

  /// Takes over how the run is watched, as far as it changes what is played.
  private mutating func obey(_ watching: LoadWatchOptions) throws {
    if watching.exec == nil,
      let url = test.groups.lazy.map(\.plan.url).first(where: { $0.contains("{port}") })
    {
      throw ValidationError("\(url): {port} is for --exec, which starts a server there")
    }
    guard watching.abortOnSlo else { return }
    guard objectives.contains(where: { $0 != nil }) else {
      throw ValidationError("--abort-on-slo: neither the scenario nor --slo requires anything")
    }
    for (index, level) in objectives.enumerated() { test.groups[index].abortsWithout = level }
  }

  /// What would be played, in a line.
  var summary: String {
    let time = test.warmUp + test.duration + test.coolDown
    let groups = test.groups.count
    return
      "\(NumberText.counted(groups, "group")), \(NumberText.counted(test.connections, "connection")), "
      + "\(time / .seconds(1)) s: can be played"
  }
}
