/// What one load scenario measured.
public struct LoadResults: Codable, Equatable, Sendable {
  /// A short name, such as `echo over TLS`.
  public var name: String
  /// The scenario as it was asked for.
  public var scenario: LoadScenario
  /// What was put under load.
  public var target: LoadTarget
  /// The phases in their order.
  public var phases: [LoadPhase]
  /// Counts of the measuring phase.
  public var totals: LoadTotals
  /// What went wrong, by kind, over the whole run; kinds that did not occur may be absent.
  public var errors: [ErrorCount]
  /// Latencies of the measuring phase, the one that counts first.
  public var latencies: [LatencyRecord]
  /// How long connections took to set up: `tcp`, `tls`, `upgrade`, `total`.
  public var setUp: [LatencyRecord]
  /// What happened in each interval, over all phases, for drawing.
  public var series: [LoadSample]
  /// What the load cost the generator, and whether it can be trusted.
  public var generator: GeneratorReport
  /// Connections established per second while they were being opened.
  public var connectionsPerSecond: Double?
  /// What the load cost the peer, when its process could be observed.
  public var serverProcess: ObservedProcess?
  /// What came of conformance cases that were played as load; nil if none were.
  public var cases: PlayedCases?
  /// What was required of the run, and what came of it; nil if nothing was.
  public var objectives: [ObjectiveOutcome]?
  /// The command that plays the scenario again.
  public var replay: String?
  /// Who received how much of what was published, in a fan-out.
  public var delivery: DeliveryResults?
  /// How connections came back that were dropped on purpose.
  public var reconnects: [ReconnectResults]?
  /// What else was noticed.
  public var observations: [Fact]?
  /// The group's name, where several were played at once; what processes used is then that of all.
  public var group: String?
  /// Which part of a run this is, where several processes played it; the rest tells of this part alone.
  public var shard: LoadPart?

  /// Creates results.
  public init(
    name: String, scenario: LoadScenario, target: LoadTarget, phases: [LoadPhase] = [],
    totals: LoadTotals = .init(), errors: [ErrorCount] = [], latencies: [LatencyRecord] = [],
    setUp: [LatencyRecord] = [], series: [LoadSample] = [], generator: GeneratorReport = .init(),
    replay: String? = nil
  ) {
    self.name = name
    self.scenario = scenario
    self.target = target
    self.phases = phases
    self.totals = totals
    self.errors = errors
    self.latencies = latencies
    self.setUp = setUp
    self.series = series
    self.generator = generator
    self.replay = replay
  }

  /// How long the measuring phases took together, in seconds.
  public var measuredSeconds: Double { Double(measuredNanoseconds) / 1e9 }

  /// The same in nanoseconds.
  var measuredNanoseconds: Int64 {
    phases.filter(\.isMeasured).map(\.durationNanoseconds).clampedSum
  }

  /// Messages received per second of the measuring phase.
  public var messagesPerSecond: Double {
    measuredSeconds > 0 ? Double(totals.messagesReceived) / measuredSeconds : 0
  }

  /// Payload octets received per second of the measuring phase.
  public var payloadBytesPerSecond: Double {
    measuredSeconds > 0 ? Double(totals.payloadBytesReceived) / measuredSeconds : 0
  }

  /// The objectives that were not met.
  public var missedObjectives: [ObjectiveOutcome] { (objectives ?? []).filter { !$0.isMet } }

  /// Whether the run is what was wanted: its objectives met, or, without any, no error.
  public var isAsRequired: Bool {
    objectives == nil ? errorCount == 0 : missedObjectives.isEmpty
  }

  /// All errors together.
  public var errorCount: Int { errors.map(\.count).clampedSum }
}

/// Which part of a load run was played.
public struct LoadPart: Codable, Equatable, Sendable {
  /// The part's number, from 1 on.
  public var number: Int
  /// How many parts there are.
  public var count: Int
  /// When it began to send, by the clock on the wall.
  public var sendingStarted: Timestamp?

  /// Creates a part's description.
  public init(number: Int, of count: Int, sendingStarted: Timestamp? = nil) {
    self.number = number
    self.count = count
    self.sendingStarted = sendingStarted
  }
}

/// A load scenario as it was asked for.
public struct LoadScenario: Codable, Equatable, Sendable {
  /// What makes the generator send.
  public enum Mode: String, Codable, Sendable {
    /// Send again when the answer is there: `depth` messages in flight on each connection.
    case closedLoop
    /// Send when it is due, whatever the peer does.
    case openLoop
  }

  /// What makes the generator send.
  public var mode: Mode
  /// How many connections.
  public var connections: Int
  /// Messages in flight on each connection, closed loop only.
  public var depth: Int?
  /// Messages per second over all connections, open loop only.
  public var plannedMessagesPerSecond: Double?
  /// The size of a message in octets.
  public var payloadByteCount: Int
  /// True for binary messages, false for text.
  public var isBinary: Bool
  /// Whether permessage-deflate is offered.
  public var offersCompression: Bool
  /// Whether every echo is verified.
  public var verifies: Bool
  /// Event loops of the generator.
  public var loops: Int
  /// Everything else that was configured.
  public var settings: [Fact]
  /// What the messages are for, in words, where it is not the plain echo.
  public var workload: String?

  /// Creates a scenario.
  public init(
    mode: Mode, connections: Int, depth: Int? = nil, plannedMessagesPerSecond: Double? = nil,
    payloadByteCount: Int, isBinary: Bool = true, offersCompression: Bool = false,
    verifies: Bool = true, loops: Int = 1, settings: [Fact] = []
  ) {
    self.mode = mode
    self.connections = connections
    self.depth = depth
    self.plannedMessagesPerSecond = plannedMessagesPerSecond
    self.payloadByteCount = payloadByteCount
    self.isBinary = isBinary
    self.offersCompression = offersCompression
    self.verifies = verifies
    self.loops = loops
    self.settings = settings
  }
}

/// What was put under load.
public struct LoadTarget: Codable, Equatable, Sendable {
  /// The address.
  public var url: String
  /// The `Server` field that it sent.
  public var serverHeader: String?
  /// What else was noticed: TLS version and cipher, extensions that were agreed.
  public var facts: [Fact]

  /// Creates a target.
  public init(url: String, serverHeader: String? = nil, facts: [Fact] = []) {
    self.url = url
    self.serverHeader = serverHeader
    self.facts = facts
  }
}

/// A stretch of a load run.
public struct LoadPhase: Codable, Equatable, Sendable {
  /// Such as `connect`, `warm-up`, `measure`, `drain`.
  public var name: String
  /// Nanoseconds from the start of the scenario.
  public var startNanoseconds: Int64
  /// How long it took, in nanoseconds.
  public var durationNanoseconds: Int64
  /// Whether latencies and totals are taken from it.
  public var isMeasured: Bool

  /// Creates a phase.
  public init(name: String, start: Duration, duration: Duration, isMeasured: Bool) {
    self.name = name
    startNanoseconds = start.wholeNanoseconds
    durationNanoseconds = duration.wholeNanoseconds
    self.isMeasured = isMeasured
  }
}

/// Counts of the measuring phase.
public struct LoadTotals: Codable, Equatable, Sendable {
  /// Connections that were begun, over the whole run.
  public var connectionsAttempted = 0
  /// Connections that were established, over the whole run.
  public var connectionsEstablished = 0
  /// Messages sent.
  public var messagesSent = 0
  /// Messages received.
  public var messagesReceived = 0
  /// Octets of payload sent.
  public var payloadBytesSent = 0
  /// Octets of payload received.
  public var payloadBytesReceived = 0
  /// Octets of frames that were sent, headers included; nil where no compression was agreed on.
  public var wireBytesSent: Int?
  /// Octets of frames that were received, headers included; nil where no compression was agreed on.
  public var wireBytesReceived: Int?

  /// Creates counts of nothing; they are variables to be filled in.
  public init() {}
}

/// How often something went wrong.
public struct ErrorCount: Codable, Equatable, Sendable {
  /// What can go wrong with a connection or a message under load.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// No connection: refused, reset, timed out.
    case connectFailed
    /// The TLS handshake failed.
    case tlsFailed
    /// The opening handshake was refused or broken.
    case upgradeFailed
    /// The connection ended before its time.
    case disconnected
    /// The peer broke the protocol.
    case protocolViolation
    /// No answer ever came.
    case lost
    /// An answer came twice.
    case duplicated
    /// Answers came in the wrong order.
    case reordered
    /// An answer's content was not what was sent.
    case corrupted
    /// An answer came after its time limit.
    case late
    /// A planned message was never sent.
    case unsent
    /// A conformance case that was played as load found its requirement not met.
    case caseFailed
    /// Anything else.
    case other
  }

  /// What went wrong.
  public var kind: Kind
  /// How often.
  public var count: Int
  /// One of them in words.
  public var example: String?

  /// Creates a count.
  public init(_ kind: Kind, count: Int, example: String? = nil) {
    self.kind = kind
    self.count = count
    self.example = example
  }
}

/// A distribution of durations under a name.
public struct LatencyRecord: Codable, Equatable, Sendable {
  /// Such as `from planned send`, `from actual send`, `tcp`, `tls`, `upgrade`.
  public var name: String
  /// The distribution, in nanoseconds.
  public var histogram: StoredHistogram

  /// Creates a record.
  public init(name: String, histogram: StoredHistogram) {
    self.name = name
    self.histogram = histogram
  }
}

/// What happened in one interval.
public struct LoadSample: Codable, Equatable, Sendable {
  /// Nanoseconds from the start of the scenario to the start of the interval.
  public var offsetNanoseconds: Int64
  /// How long the interval was, in nanoseconds.
  public var durationNanoseconds: Int64
  /// Connections that were open at its end.
  public var openConnections = 0
  /// Messages sent.
  public var messagesSent = 0
  /// Messages received.
  public var messagesReceived = 0
  /// Octets of payload received.
  public var payloadBytesReceived = 0
  /// Errors of any kind.
  public var errors = 0
  /// The median latency in nanoseconds, nil when nothing was received; so the next three.
  public var p50Nanoseconds: Int64?
  /// The 90th percentile.
  public var p90Nanoseconds: Int64?
  /// The 99th percentile.
  public var p99Nanoseconds: Int64?
  /// The greatest.
  public var maximumNanoseconds: Int64?
  /// Processor time that the generator used, in nanoseconds, when it was taken.
  public var generatorCPUNanoseconds: Int64?
  /// What lay in the queues of the generator's sockets at its end, where that was looked at.
  public var queues: QueueSample?
  /// What the server's processes used, where they were observed.
  public var server: ServerSample?
  /// What the kernel counted, where it tells.
  public var kernel: KernelSample?

  /// Creates a sample in which nothing happened; its counts are variables to be filled in.
  public init(offset: Duration, duration: Duration) {
    offsetNanoseconds = offset.wholeNanoseconds
    durationNanoseconds = duration.wholeNanoseconds
  }

  /// Messages received per second.
  public var messagesPerSecond: Double {
    durationNanoseconds > 0 ? Double(messagesReceived) * 1e9 / Double(durationNanoseconds) : 0
  }
}

/// What the load cost the generator, and whether the generator shaped the numbers.
public struct GeneratorReport: Codable, Equatable, Sendable {
  /// Whether the numbers tell of the peer; what is trusted less is greater.
  public enum Validity: String, Codable, CaseIterable, Comparable, Sendable {
    /// They do.
    case valid
    /// The generator may have shaped them.
    case suspect
    /// The generator did shape them.
    case invalid

    /// Whether `left` is trusted more than `right`.
    public static func < (left: Self, right: Self) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// Processor time in user mode during the measuring phase, in nanoseconds.
  public var userNanoseconds: Int64 = 0
  /// Processor time in the kernel during the measuring phase, in nanoseconds.
  public var systemNanoseconds: Int64 = 0
  /// The greatest resident memory of the process, in octets, when it was taken.
  public var peakMemoryBytes: Int?
  /// The share of the measuring phase, 0 to 1, in which its busiest loop ran; where the kernel tells.
  public var loopBusyShare: Double?
  /// The share, 0 to 1, in which a loop was ready to run and had no processor; where the kernel tells.
  public var loopWaitingShare: Double?
  /// What a look at the clock costs, in nanoseconds; every time is as exact at best.
  public var clockReadNanoseconds: Double?
  /// Resident memory of the process for each connection, from the time in which they were opened.
  public var bytesPerConnection: SlopeEstimate?
  /// Whether the numbers tell of the peer.
  public var validity: Validity = .valid
  /// Why they may not.
  public var remarks: [String] = []
  /// How little trust the user was content with; nil: suspect numbers are good enough.
  public var tolerated: Validity?

  /// Creates a report of nothing; its numbers are variables to be filled in.
  public init() {}

  /// Whether the numbers are trusted as much as was asked for.
  public var isTrusted: Bool { validity <= tolerated ?? .suspect }
}

/// The peer's process as the kernel accounts for it.
public struct ObservedProcess: Codable, Equatable, Sendable {
  /// Processor time during the measuring phase, user and system, in nanoseconds.
  public var cpuNanoseconds: Int64 = 0
  /// Processor time while the connections were being opened, in nanoseconds.
  public var connectCPUNanoseconds: Int64?
  /// Resident memory before the first connection, in octets.
  public var residentBytesBefore: Int?
  /// Resident memory with all connections open, in octets.
  public var residentBytesAfter: Int?
  /// Resident memory for each connection, from the time in which they were opened.
  public var bytesPerConnection: SlopeEstimate?

  /// Creates an account of nothing; its numbers are variables to be filled in.
  public init() {}
}

extension LoadResults {
  /// Processor time of the peer per message received, in nanoseconds, when it was observed and no other group had
  /// a part in it.
  public var serverNanosecondsPerMessage: Double? {
    guard group == nil, let serverProcess, totals.messagesReceived > 0 else { return nil }
    return Double(serverProcess.cpuNanoseconds) / Double(totals.messagesReceived)
  }

  /// Processor time of the generator per message received, in nanoseconds, when no other group had a part in it.
  public var generatorNanosecondsPerMessage: Double? {
    guard group == nil, totals.messagesReceived > 0 else { return nil }
    return Double([generator.userNanoseconds, generator.systemNanoseconds].clampedSum)
      / Double(totals.messagesReceived)
  }
}

extension Sequence where Element: FixedWidthInteger {
  /// The sum, or the end of the type's range where a file's numbers go beyond it.
  var clampedSum: Element {
    reduce(0) { sum, element in
      let (result, overflow) = sum.addingReportingOverflow(element)
      return overflow ? (element < 0 ? .min : .max) : result
    }
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  /// The product, or the end of the type's range.
  func clampedProduct(_ factor: Self) -> Self {
    let (result, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : result
  }

  /// The difference, or the end of the type's range.
  func clampedDifference(_ other: Self) -> Self {
    let (result, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : result
  }
}
