/// The intervals of several parts as those of one run: each is added to the one that began next to it.
struct SeriesMerge {
  private(set) var samples: [LoadSample] = []

  init(_ members: [LoadMerge.Member]) {
    for member in members { add(member.load.series, offset: member.offset) }
  }

  private mutating func add(_ series: [LoadSample], offset: Int64) {
    var others: [LoadSample] = []
    // No two intervals of a part are one.
    var taken = [Bool](repeating: false, count: samples.count)
    for var sample in series {
      sample.offsetNanoseconds = [sample.offsetNanoseconds, offset].clampedSum
      let limit = max(sample.durationNanoseconds / 2, 100_000_000)
      guard let place = place(nextTo: sample.offsetNanoseconds), !taken[place],
        distance(samples[place], sample) <= limit
      else {
        others.append(sample)
        continue
      }
      taken[place] = true
      samples[place].add(sample)
    }
    guard !others.isEmpty else { return }
    samples = (samples + others).sorted { $0.offsetNanoseconds < $1.offsetNanoseconds }
  }

  /// The interval that begins next to a time; nil without any.
  private func place(nextTo offset: Int64) -> Int? {
    guard !samples.isEmpty else { return nil }
    var (low, high) = (0, samples.count)
    while low < high {
      let middle = (low + high) / 2
      if samples[middle].offsetNanoseconds < offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return 0 }
    guard low < samples.count else { return low - 1 }
    let before = offset.clampedDifference(samples[low - 1].offsetNanoseconds)
    return before < samples[low].offsetNanoseconds.clampedDifference(offset) ? low - 1 : low
  }

  private func distance(_ one: LoadSample, _ other: LoadSample) -> Int64 {
    let (earlier, later) =
      one.offsetNanoseconds < other.offsetNanoseconds ? (one, other) : (other, one)
    return later.offsetNanoseconds.clampedDifference(earlier.offsetNanoseconds)
  }
}

extension LoadSample {
  /// Adds what another part did in the same interval.
  fileprivate mutating func add(_ other: LoadSample) {
    durationNanoseconds = max(durationNanoseconds, other.durationNanoseconds)
    openConnections = [openConnections, other.openConnections].clampedSum
    addTraffic(of: other)
    if let own = generatorCPUNanoseconds, let more = other.generatorCPUNanoseconds {
      generatorCPUNanoseconds = [own, more].clampedSum
    }
    if var own = queues, let more = other.queues {
      own.unreadBytes = [own.unreadBytes, more.unreadBytes].clampedSum
      own.unacknowledgedBytes = [own.unacknowledgedBytes, more.unacknowledgedBytes].clampedSum
      queues = own
    } else {
      queues = queues ?? other.queues
    }
    // Whoever watched the server watched the same one; kernels may be one or several.
    server = server ?? other.server
    if var own = kernel, let more = other.kernel {
      own.socketBytes = max(own.socketBytes, more.socketBytes)
      own.retransmits = max(own.retransmits, more.retransmits)
      own.listenOverflows = max(own.listenOverflows, more.listenOverflows)
      kernel = own
    } else {
      kernel = kernel ?? other.kernel
    }
  }

  /// Adds the messages and errors of another interval, and takes the worse of each percentile.
  mutating func addTraffic(of other: LoadSample) {
    messagesSent = [messagesSent, other.messagesSent].clampedSum
    messagesReceived = [messagesReceived, other.messagesReceived].clampedSum
    payloadBytesReceived = [payloadBytesReceived, other.payloadBytesReceived].clampedSum
    errors = [errors, other.errors].clampedSum
    p50Nanoseconds = Self.greater(p50Nanoseconds, other.p50Nanoseconds)
    p90Nanoseconds = Self.greater(p90Nanoseconds, other.p90Nanoseconds)
    p99Nanoseconds = Self.greater(p99Nanoseconds, other.p99Nanoseconds)
    maximumNanoseconds = Self.greater(maximumNanoseconds, other.maximumNanoseconds)
  }

  private static func greater(_ one: Int64?, _ other: Int64?) -> Int64? {
    [one, other].compactMap { $0 }.max()
  }
}
