/// What the server's processes used in an interval, as their kernel accounts for it.
public struct ServerSample: Codable, Equatable, Sendable {
  /// Processor time in the interval, user and system, in nanoseconds.
  public var cpuNanoseconds: Int64 = 0
  /// Resident memory at its end, in octets.
  public var residentBytes = 0
  /// Open descriptors at its end.
  public var descriptors = 0
  /// Threads at its end.
  public var threads = 0
  /// How often in it a thread gave its processor up, to wait.
  public var voluntarySwitches = 0
  /// How often in it a thread lost its processor to another.
  public var involuntarySwitches = 0

  /// Creates a sample of nothing; its numbers are variables to be filled in.
  public init() {}
}

/// What the generator's kernel counted of TCP in an interval; on one machine that is the server's too.
public struct KernelSample: Codable, Equatable, Sendable {
  /// Memory that sockets held at its end, in octets.
  public var socketBytes: Int
  /// Segments that were sent again in it.
  public var retransmits: Int
  /// Connections in it that found a listener's queue full.
  public var listenOverflows: Int

  /// Creates a sample.
  public init(socketBytes: Int, retransmits: Int, listenOverflows: Int) {
    self.socketBytes = socketBytes
    self.retransmits = retransmits
    self.listenOverflows = listenOverflows
  }
}

/// What lay in the queues of the generator's sockets, in octets; of many, estimated from 200 of a group on each loop.
public struct QueueSample: Codable, Equatable, Sendable {
  /// Received, and not read by the generator.
  public var unreadBytes: Int
  /// Sent by the generator, and not taken by the peer's kernel.
  public var unacknowledgedBytes: Int

  /// Creates a sample.
  public init(unreadBytes: Int, unacknowledgedBytes: Int) {
    self.unreadBytes = unreadBytes
    self.unacknowledgedBytes = unacknowledgedBytes
  }
}

/// How much one more of something costs, in octets, from a line through many looks.
public struct SlopeEstimate: Codable, Equatable, Sendable {
  /// The slope, in octets.
  public var value: Double
  /// The lower end of its confidence interval of 95 %.
  public var low: Double
  /// The upper end.
  public var high: Double
  /// How many looks there were.
  public var points: Int

  /// Creates an estimate.
  public init(value: Double, low: Double, high: Double, points: Int) {
    self.value = value
    self.low = low
    self.high = high
    self.points = points
  }

  /// In words: `1.4 KiB (1.3 to 1.5)`.
  public var words: String {
    func text(_ octets: Double) -> String { NumberText.fixed(octets / 1024, 2) }
    return "\(text(value)) KiB (\(text(low)) to \(text(high)))"
  }
}

extension LoadResults {
  /// What server and generator needed for messages and connections, in words.
  var resourceFindings: [Fact] {
    var facts: [Fact] = []
    if let efficiency = messagesPerServerSecond {
      facts.append(
        Fact(
          "server efficiency",
          "\(NumberText.whole(efficiency)) messages per CPU second"))
    }
    if let slope = serverProcess?.bytesPerConnection {
      facts.append(Fact("server memory per connection", slope.words))
    }
    if totals.connectionsEstablished >= 1000, let slope = generator.bytesPerConnection {
      facts.append(Fact("generator memory per connection", slope.words))
    }
    let kernel = series.compactMap(\.kernel)
    for (name, count) in [
      ("segments sent again", kernel.map(\.retransmits).clampedSum),
      (
        "connections that found the listener's queue full", kernel.map(\.listenOverflows).clampedSum
      ),
    ] where count > 0 {
      facts.append(Fact(name, NumberText.grouped(count)))
    }
    return facts
  }

  /// Messages received per second of the server's processor time; nil where it was not observed.
  public var messagesPerServerSecond: Double? {
    serverNanosecondsPerMessage.flatMap { $0 > 0 ? 1e9 / $0 : nil }
  }
}
