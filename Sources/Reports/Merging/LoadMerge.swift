internal import Histogram

/// One load scenario of the parts that were played of it.
struct LoadMerge {
  /// A part's results.
  struct Member {
    var path: String
    var load: LoadResults
    /// How much later than the first part it began, in nanoseconds.
    var offset: Int64
  }

  let members: [Member]

  /// What members are called, where something is told of one: `part 3: …`.
  let memberName: String

  /// A merge of what several runs hold at `index`, in nanoseconds after `start`; messages call runs by their paths.
  init(
    _ runs: [(path: String, run: Run)], at index: Int, since start: Timestamp, memberName: String
  ) throws(RunMerge.Failure) {
    self.memberName = memberName
    var members: [Member] = []
    for (path, run) in runs {
      guard run.load.indices.contains(index) else {
        throw RunMerge.Failure(description: "\(path): it has no load results to merge")
      }
      let offset = run.started.nanoseconds(since: start)
      members.append(Member(path: path, load: run.load[index], offset: offset))
    }
    self.members = members
  }

  /// The results of parts that were played at the same time.
  func results() throws(RunMerge.Failure) -> LoadResults {
    var whole = try sums()
    let loads = members.map(\.load)
    whole.replay = nil
    whole.scenario.connections = loads.map(\.scenario.connections).clampedSum
    whole.scenario.loops = loads.map(\.scenario.loops).clampedSum
    let rates = loads.compactMap(\.scenario.plannedMessagesPerSecond)
    whole.scenario.plannedMessagesPerSecond = rates.isEmpty ? nil : rates.reduce(0, +)
    whole.scenario.settings.append(Fact("parts", "\(members.count)"))
    whole.phases = phases
    whole.series = SeriesMerge(members).samples
    if let delivery = deliveryOfParts {
      whole.delivery = delivery
      if delivery.missing > 0 {
        whole.errors = errors([whole.errors, [ErrorCount(.lost, count: delivery.missing)]])
      }
    }
    whole.generator = generator
    if let lag = startLag {
      whole.generator.remarks.append(lag)
      whole.generator.validity = max(whole.generator.validity, .suspect)
    }
    let connecting = loads.compactMap(\.connectionsPerSecond)
    whole.connectionsPerSecond = connecting.isEmpty ? nil : connecting.reduce(0, +)
    // Whoever watched it watched the same process.
    whole.serverProcess = loads.compactMap(\.serverProcess).first
    return whole
  }

  /// The first part's results with what can be added up of all, however they lay in time.
  func sums() throws(RunMerge.Failure) -> LoadResults {
    guard var whole = members.first?.load else {
      throw RunMerge.Failure(description: "there is no part")
    }
    let loads = members.map(\.load)
    whole.shard = nil
    whole.objectives = nil
    whole.observations = observations
    whole.totals = totals(loads.map(\.totals))
    whole.errors = errors(loads.map(\.errors))
    whole.latencies = try records { $0.latencies }
    whole.setUp = try records { $0.setUp }
    whole.reconnects = try reconnects()
    whole.cases = cases(loads.compactMap(\.cases))
    whole.delivery = delivery
    return whole
  }

  /// What came of a fan-out each time; how the shares of a subscriber were spread over all of it is not known.
  private var delivery: DeliveryResults? {
    let all = members.compactMap(\.load.delivery)
    guard var whole = all.first, all.count > 1 else { return all.first }
    whole.published = all.map(\.published).clampedSum
    whole.expected = all.map(\.expected).clampedSum
    whole.received = all.map(\.received).clampedSum
    whole.leastShare = all.compactMap(\.leastShare).min()
    whole.greatestShare = all.compactMap(\.greatestShare).max()
    (whole.medianShare, whole.variation) = (nil, nil)
    return whole
  }

  /// What came of a fan-out, each channel of which is in all parts; nil where they do not say what is needed for that.
  private var deliveryOfParts: DeliveryResults? {
    let parts = members.compactMap(\.load.delivery)
    let channels = parts.compactMap(\.channels)
    guard !parts.isEmpty, channels.count == members.count else { return nil }
    var whole: [Int: ChannelDeliveries] = [:]
    for channel in channels.joined() {
      guard var sum = whole[channel.channel] else {
        whole[channel.channel] = channel
        continue
      }
      sum.published = [sum.published, channel.published].clampedSum
      sum.subscribers += channel.subscribers
      whole[channel.channel] = sum
    }
    return DeliveryResults(
      publishers: parts.map(\.publishers).clampedSum,
      of: whole.values.sorted { $0.channel < $1.channel })
  }

  /// What else was noticed of each.
  private var observations: [Fact]? {
    let all = members.enumerated().flatMap { index, member in
      (member.load.observations ?? []).map { Fact($0.name, "\(name(of: index)): \($0.value)") }
    }
    return all.isEmpty ? nil : all
  }

  private func name(of index: Int) -> String {
    "\(memberName) \(members[index].load.shard?.number ?? index + 1)"
  }

  private func totals(_ parts: [LoadTotals]) -> LoadTotals {
    var whole = LoadTotals()
    whole.connectionsAttempted = parts.map(\.connectionsAttempted).clampedSum
    whole.connectionsEstablished = parts.map(\.connectionsEstablished).clampedSum
    whole.messagesSent = parts.map(\.messagesSent).clampedSum
    whole.messagesReceived = parts.map(\.messagesReceived).clampedSum
    whole.payloadBytesSent = parts.map(\.payloadBytesSent).clampedSum
    whole.payloadBytesReceived = parts.map(\.payloadBytesReceived).clampedSum
    let (sent, received) = (
      parts.compactMap(\.wireBytesSent), parts.compactMap(\.wireBytesReceived)
    )
    whole.wireBytesSent = sent.isEmpty ? nil : sent.clampedSum
    whole.wireBytesReceived = received.isEmpty ? nil : received.clampedSum
    return whole
  }

  private func cases(_ parts: [PlayedCases]) -> PlayedCases? {
    guard let selected = parts.map(\.selected).max() else { return nil }
    var verdicts: [Grade: Int] = [:]
    for entry in parts.flatMap(\.verdicts) {
      verdicts[entry.grade] = [verdicts[entry.grade, default: 0], entry.count].clampedSum
    }
    let measured = parts.compactMap(\.measured)
    return PlayedCases(
      selected: selected, played: parts.map(\.played).clampedSum,
      measured: measured.count == parts.count ? measured.clampedSum : nil,
      playedPerSecond: parts.map(\.playedPerSecond).reduce(0, +),
      unfinished: parts.map(\.unfinished).clampedSum, verdicts: verdicts)
  }

  private func errors(_ parts: [[ErrorCount]]) -> [ErrorCount] {
    var whole: [ErrorCount] = []
    for error in parts.joined() {
      if let index = whole.firstIndex(where: { $0.kind == error.kind }) {
        whole[index].count = [whole[index].count, error.count].clampedSum
        whole[index].example = whole[index].example ?? error.example
      } else {
        whole.append(error)
      }
    }
    return whole
  }

  /// Storms and churn, each by its name.
  private func reconnects() throws(RunMerge.Failure) -> [ReconnectResults]? {
    let parts = members.flatMap { $0.load.reconnects ?? [] }
    guard !parts.isEmpty else { return nil }
    let times = try records { load in
      (load.reconnects ?? []).map { LatencyRecord(name: $0.name, histogram: $0.connect) }
    }
    return times.map { time in
      let same = parts.filter { $0.name == time.name }
      var whole = ReconnectResults(name: time.name, connect: time.histogram)
      whole.dropped = same.map(\.dropped).clampedSum
      whole.returned = same.map(\.returned).clampedSum
      whole.failures = same.map(\.failures).clampedSum
      whole.abandonedMessages = same.map(\.abandonedMessages).clampedSum
      let ends = same.compactMap(\.allBackNanoseconds)
      whole.allBackNanoseconds = ends.count == same.count ? ends.max() : nil
      return whole
    }
  }

  /// Distributions of the same name, merged; their order is the first part's.
  private func records(
    _ list: (LoadResults) -> [LatencyRecord]
  ) throws(RunMerge.Failure) -> [LatencyRecord] {
    var names: [String] = []
    var whole: [String: Histogram<UInt64>] = [:]
    for member in members {
      for record in list(member.load) {
        let histogram: Histogram<UInt64>
        do throws(HistogramEncodingError) {
          histogram = try record.histogram.histogram()
        } catch {
          throw RunMerge.Failure(
            description: "\(member.path): the histogram '\(record.name)' cannot be read: \(error)")
        }
        guard var sum = whole[record.name] else {
          names.append(record.name)
          whole[record.name] = histogram
          continue
        }
        guard sum.numberOfSignificantValueDigits == histogram.numberOfSignificantValueDigits,
          sum.lowestDiscernibleValue == histogram.lowestDiscernibleValue,
          sum.highestTrackableValue == histogram.highestTrackableValue
        else {
          throw RunMerge.Failure(
            description: "\(member.path): the histogram '\(record.name)' has other buckets")
        }
        sum.add(histogram)
        whole[record.name] = sum
      }
    }
    return names.compactMap { name in
      whole[name].map { LatencyRecord(name: name, histogram: StoredHistogram($0)) }
    }
  }

  /// Each phase from its first beginning in any part to its last end, but measuring no longer than
  /// the part that measured longest, so that rates are those of the time in which all sent.
  private var phases: [LoadPhase] {
    var whole: [LoadPhase] = []
    for member in members {
      for var phase in member.load.phases {
        phase.startNanoseconds = [phase.startNanoseconds, member.offset].clampedSum
        guard let index = whole.firstIndex(where: { $0.name == phase.name }) else {
          whole.append(phase)
          continue
        }
        let start = min(whole[index].startNanoseconds, phase.startNanoseconds)
        let end = max(whole[index].endNanoseconds, phase.endNanoseconds)
        whole[index].durationNanoseconds =
          phase.isMeasured
          ? max(whole[index].durationNanoseconds, phase.durationNanoseconds)
          : end.clampedDifference(start)
        whole[index].startNanoseconds = start
      }
    }
    return whole.sorted { $0.startNanoseconds < $1.startNanoseconds }
  }

  /// What the load cost all generators, trusted as little as the worst of them.
  var generator: GeneratorReport {
    var whole = GeneratorReport()
    for (index, member) in members.enumerated() {
      let part = member.load.generator
      whole.userNanoseconds = [whole.userNanoseconds, part.userNanoseconds].clampedSum
      whole.systemNanoseconds = [whole.systemNanoseconds, part.systemNanoseconds].clampedSum
      if let memory = part.peakMemoryBytes {
        whole.peakMemoryBytes = [whole.peakMemoryBytes ?? 0, memory].clampedSum
      }
      whole.clockReadNanoseconds =
        [whole.clockReadNanoseconds, part.clockReadNanoseconds].compactMap { $0 }.max()
      whole.loopBusyShare = [whole.loopBusyShare, part.loopBusyShare].compactMap { $0 }.max()
      whole.loopWaitingShare =
        [whole.loopWaitingShare, part.loopWaitingShare].compactMap { $0 }.max()
      whole.validity = max(whole.validity, part.validity)
      whole.remarks += part.remarks.map { "\(name(of: index)): \($0)" }
    }
    return whole
  }

  /// What to say of parts that did not begin together; nil if they did.
  private var startLag: String? {
    let starts = members.map { Double($0.offset) + Double($0.load.sendingOffset) }
    guard let first = starts.min(), let last = starts.max(), last - first > 250e6 else {
      return nil
    }
    return "the parts began to send up to \(NumberText.fixed((last - first) / 1e6, 0)) ms apart: "
      + "give all of them one --start-at"
  }
}

extension LoadPhase {
  fileprivate var endNanoseconds: Int64 {
    [startNanoseconds, durationNanoseconds].clampedSum
  }
}
