/// Makes one run of the turns in which it was played, one after the other, by the same generator.
///
/// ```swift
/// let run = try TurnMerge([first, second, third]).run()
/// ```
///
/// Counts, errors and processor times are added and histograms merged without loss; phases and intervals keep
/// their places in time, so that what lies between two turns stays empty. Rates are those of the time that was
/// measured. The whole is trusted as little as the worst of its turns.
public struct TurnMerge: Sendable {
  /// The turns, in the order in which they were played.
  public let turns: [Run]

  /// A merge of turns.
  public init(_ turns: [Run]) {
    self.turns = turns
  }

  /// The run as a whole; the first turn says what was played and on which machine.
  ///
  /// - Throws: ``RunMerge/Failure`` if there are no turns, or they are not of the same groups.
  public func run() throws(RunMerge.Failure) -> Run {
    guard var whole = turns.first else {
      throw RunMerge.Failure(description: "there is no turn")
    }
    if turns.count == 1 { return whole }
    let last = turns[turns.count - 1]
    let offset = last.started.nanoseconds(since: whole.started)
    whole.elapsedNanoseconds = [offset, last.elapsedNanoseconds].clampedSum
    whole.isComplete = turns.allSatisfy(\.isComplete)
    let named = turns.enumerated().map { ("turn \($0 + 1)", $1) }
    for index in whole.load.indices {
      whole.load[index] = try results(
        of: LoadMerge(named, at: index, since: whole.started, memberName: "turn"))
    }
    return whole
  }

  private func results(of merge: LoadMerge) throws(RunMerge.Failure) -> LoadResults {
    var whole = try merge.sums()
    let loads = merge.members.map(\.load)
    whole.phases = merge.members.flatMap { member in
      member.load.phases.map { phase in
        var phase = phase
        phase.startNanoseconds = [phase.startNanoseconds, member.offset].clampedSum
        return phase
      }
    }
    whole.series = merge.members.flatMap { member in
      member.load.series.map { sample in
        var sample = sample
        sample.offsetNanoseconds = [sample.offsetNanoseconds, member.offset].clampedSum
        return sample
      }
    }
    whole.generator = merge.generator
    whole.generator.peakMemoryBytes = loads.compactMap(\.generator.peakMemoryBytes).max()
    let connecting = loads.compactMap(\.connectionsPerSecond)
    whole.connectionsPerSecond = connecting.isEmpty ? nil : connecting.mean
    whole.serverProcess = process(loads.compactMap(\.serverProcess))
    return whole
  }

  /// One process, in all its turns.
  private func process(_ turns: [ObservedProcess]) -> ObservedProcess? {
    guard var whole = turns.first else { return nil }
    whole.cpuNanoseconds = turns.map(\.cpuNanoseconds).clampedSum
    let connecting = turns.compactMap(\.connectCPUNanoseconds)
    whole.connectCPUNanoseconds = connecting.isEmpty ? nil : connecting.clampedSum
    whole.residentBytesAfter = turns.compactMap(\.residentBytesAfter).max()
    return whole
  }
}
