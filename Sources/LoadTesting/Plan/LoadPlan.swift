import Reports
public import WebSocketProtocol

/// What a load run shall do: the scenario as a value, that ``LoadRunner`` plays.
public struct LoadPlan: Sendable, Equatable {
  /// What makes the generator send.
  public enum Workload: Sendable, Equatable {
    /// Each connection keeps `depth` messages under way, and sends the next when a reply is there.
    ///
    /// A server that stalls is asked less: what it would have done to messages that should have been sent
    /// meanwhile is not seen. Use an open loop to judge latency.
    case closedLoop(depth: Int)
    /// Messages are sent when they are due, whatever the server does.
    ///
    /// Latency counts from the moment for which a message was planned, late or not.
    case openLoop(LoadSchedule)
    /// Connections are opened and held; nothing is sent on them.
    case idle

    /// An open loop of so many messages per second over all connections, at equal distances.
    public static func openLoop(messagesPerSecond rate: Double) -> Workload {
      .openLoop(LoadSchedule(rate: rate))
    }
  }

  /// What messages carry.
  public enum Payload: Sendable, Equatable {
    /// Generated octets, so many of them.
    case generated(PayloadContent, byteCount: Int)
    /// These octets; the first `{{sequence}}` in them becomes the number of the message. Without it only
    /// content and count of the replies are verified.
    case octets([UInt8])
  }

  /// The permessage-deflate parameters to offer (RFC 7692 §7.1).
  public struct Compression: Sendable, Equatable {
    /// The server shall forget its window after each message.
    public var serverNoContextTakeover = false
    /// We forget our window after each message.
    public var clientNoContextTakeover = false
    /// The largest window that the server may use, 8 to 15 bits; nil: not said.
    public var serverMaxWindowBits: Int?
    /// The largest window that we will use, 8 to 15 bits; nil: the server may choose.
    public var clientMaxWindowBits: Int?
    /// zlib's level for what we send, 0 to 9; low, so that the generator costs less than the server.
    public var level = 1

    /// An offer without restrictions.
    public init() {}
  }

  /// A header field to add to the opening handshake.
  public struct Field: Sendable, Equatable {
    /// The field's name.
    public var name: String
    /// The field's value.
    public var value: String

    /// Creates a field.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The server's address: `ws://` or `wss://`.
  public var url: String
  /// How many connections to open.
  public var connections = 10
  /// What makes the generator send.
  public var workload = Workload.closedLoop(depth: 1)
  /// What messages are for.
  public var traffic = LoadTraffic.echo
  /// In a closed loop: the shortest time from one message of a connection to its next; nil: none.
  public var interval: Duration?
  /// How long connections live that are then replaced; nil: until the end.
  public var lifetime: ConnectionLifetime?
  /// Moments at which connections are dropped and come back.
  public var storms: [ReconnectStorm] = []
  /// Connections that read slowly; nil: none.
  public var slowReaders: SlowReaders?
  /// Messages with their times, which take the place of payload, kind and workload; nil: none.
  ///
  /// It has as many connections as the plan.
  public var trace: LoadTrace?
  /// How long messages flow before they are recorded.
  public var warmUp = Duration.seconds(2)
  /// How long messages are recorded.
  public var duration = Duration.seconds(10)
  /// How long messages still flow when recording has ended.
  public var coolDown = Duration.zero
  /// How long replies are awaited when nothing is sent any more.
  public var drain = Duration.seconds(5)
  /// What messages carry.
  public var payload = Payload.generated(.random, byteCount: 1024)
  /// Whether messages are text or binary.
  public var kind = MessageKind.binary
  /// The compression to offer; nil: none.
  public var compression: Compression?
  /// How many event loops, each a thread of its own.
  public var loops = 1
  /// How long a loop looks for events again and again before it sleeps, and before a message of an open loop is
  /// due; up to a second.
  ///
  /// Waking takes tens of microseconds, which are in every latency; busy polling saves them and keeps a
  /// processor busy for each loop, also one that has nothing to do.
  public var busyPolling = Duration.zero
  /// Whether loops run before all ordinary programs of the machine (`SCHED_FIFO`), and processors are kept awake.
  ///
  /// What else runs and how long processors take to wake is in every latency otherwise. It takes root's rights, and a loop
  /// that never rests leaves others little.
  public var isRealTime = false
  /// Whether the kernel stamps what comes in, so that it is known how long replies waited to be read.
  public var stampsArrivals = false
  /// How many connections are begun per second; nil: as fast as ``connectConcurrency`` permits.
  public var connectRate: Double?
  /// How many connections may be in the making at once.
  public var connectConcurrency = 100
  /// How long a connection may take from its beginning to the end of the opening handshake.
  public var connectTimeout = Duration.seconds(10)
  /// How long after a failure to open a connection is tried again, until the run is ended; nil: it is not.
  public var connectRetryDelay: Duration?
  /// How long a reply is awaited before the message counts as lost and, in a closed loop, the next is sent.
  public var replyTimeout = Duration.seconds(10)
  /// How many messages a connection of an open loop may have under way; what is due beyond that waits, is
  /// counted as late, and keeps its planned time.
  public var maximumInFlight = 65_536
  /// Whether every reply is compared with its message.
  public var verifies = true
  /// Whether each frame gets a masking key of its own, instead of one of a pool that is renewed every second.
  public var usesFreshMasks = false
  /// Our own addresses from which connections are made, in turn; empty: the system chooses.
  public var sourceAddresses: [String] = []
  /// Whether the server's certificate is verified.
  public var verifiesCertificate = true
  /// A file of certificates (PEM) to trust instead of the system's.
  public var certificateAuthorityFile: String?
  /// A file with a certificate and its issuers (PEM), to show to a server that asks for one.
  public var certificateFile: String?
  /// The file with the key of ``certificateFile`` (PEM); nil: it is in the same file.
  public var privateKeyFile: String?
  /// Header fields to add to the opening handshake.
  public var fields: [Field] = []
  /// Subprotocols to offer.
  public var subprotocols: [String] = []
  /// A name for the server in reports.
  public var agent: String?
  /// What generated payloads and the distances of a Poisson schedule are derived from; groups of one ``LoadTest`` have
  /// distances of their own all the same.
  public var seed: UInt64 = 1
  /// Which group of a ``LoadTest`` the plan is, counted from 0.
  var group = 0
  /// Which part of a run this is; the rest of the plan is the part's already, but for the schedule.
  var shard = LoadShard.whole
  /// How many connections all parts have; nil: this is the whole.
  var connectionsOfAllShards: Int?
  /// The process to watch besides our own, on this machine: the server's.
  public var observedProcess: Int32?
  /// Whether ``observedProcess`` is that of a process group, all of which is watched.
  public var observesGroup = false

  /// A plan with default values: ten connections, one message of 1 KiB under way on each.
  public init(url: String) {
    self.url = url
  }

  /// The octets of a message.
  public var payloadByteCount: Int {
    switch payload {
    case .generated(_, let byteCount): byteCount
    case .octets: template.octets.count
    }
  }
}

extension LoadPlan {
  /// Whether it is the workload of ``LoopWorker``, which knows no other.
  var isPlainEcho: Bool {
    traffic == .echo && trace == nil && interval == nil && !replacesConnections
      && slowReaders == nil
  }

  /// Whether any part of its time is like the whole, so that it can be played in turns.
  public var isSteady: Bool {
    if case .openLoop(let schedule) = workload { schedule.isSteady && trace == nil } else { true }
  }

  /// The conformance cases to play; nil: messages are sent.
  var replay: CaseReplay? { if case .cases(let replay) = traffic { replay } else { nil } }

  /// Whether connections take the place of others.
  var replacesConnections: Bool { lifetime != nil || !storms.isEmpty }

  /// What messages carry, with the place of the sequence number.
  var template: PayloadTemplate {
    switch payload {
    case .generated(let content, let byteCount):
      PayloadTemplate(content, byteCount: byteCount, isText: kind == .text, seed: seed)
    case .octets(let octets):
      PayloadTemplate(file: octets)
    }
  }

  /// What messages carry by turns where they are compressed: different octets of the same kind, more than a
  /// window holds, because a message that the window has already would compress to nothing.
  var compressedTemplates: [PayloadTemplate] {
    guard compression != nil, case .generated(let content, let byteCount) = payload, byteCount > 0
    else { return [template] }
    let enough = max(2, (128 << 10) / byteCount)
    let affordable = max(1, (16 << 20) / byteCount)
    var seeds = SeededGenerator(seed: seed)
    return (0..<min(enough, affordable, 4096)).map { index in
      PayloadTemplate(
        content, byteCount: byteCount, isText: kind == .text,
        seed: index == 0 ? seed : seeds.next())
    }
  }

  /// What the distances of a Poisson schedule are derived from: the seed in the first group, and in each
  /// group the number that comes after the one of the group before.
  ///
  /// Groups that had one seed would send at the same moments, in bursts of as many as there are groups.
  var scheduleSeed: UInt64 {
    (0..<group).reduce(seed) { seed, _ in
      var generator = SeededGenerator(seed: seed)
      return generator.next()
    }
  }

  /// How many connections loop number `loop` opens: as even as possible.
  func connectionCount(ofLoop loop: Int) -> Int {
    connections / loops + (loop < connections % loops ? 1 : 0)
  }
}
