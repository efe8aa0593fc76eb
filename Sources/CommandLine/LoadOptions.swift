import ArgumentParser
import LoadTesting
import WebSocketProtocol

/// How `gauntlet load` sends, and for how long.
struct LoadWorkloadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Connections to open (default: 10, or those of a trace).", valueName: "N"))
  var connections: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Closed loop: messages under way on each connection (default: 1).", valueName: "N"))
  var depth: Int?

  @OptionGroup var schedule: LoadScheduleOptions

  @Flag(help: "Only open the connections, and hold them for --duration.")
  var idle = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Time before recording begins (default: 2s, none with a trace).", valueName: "TIME"))
  var warmup: TimeSpan?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Time of recording, for example 500ms, 10s, 2m (default: 10s, or as long as the schedule).",
      valueName: "TIME"))
  var duration: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "Time in which messages still flow after recording, so that what is measured ends under load.",
      valueName: "TIME"))
  var cooldown = TimeSpan(.zero)

  @Option(help: ArgumentHelp("What replies may still take at the end.", valueName: "TIME"))
  var drain = TimeSpan(.seconds(5))

  @Option(
    help: ArgumentHelp("What a reply may take before it counts as lost.", valueName: "TIME"))
  var replyTimeout = TimeSpan(.seconds(10))

  @Option(
    help: ArgumentHelp("Open loop: messages under way per connection, at most.", valueName: "N"))
  var maxInFlight = 65_536

  @Option(help: ArgumentHelp("Event loops, each with a thread.", valueName: "N"))
  var loops = 1

  @Option(
    help: ArgumentHelp(
      "Look for events so long before sleeping, and before a message is due: truer latencies, busy processors.",
      valueName: "TIME"))
  var busyPoll = TimeSpan(.zero)

  @Flag(
    help:
      "Run before all other programs and keep processors awake: truer latencies; needs root or CAP_SYS_NICE."
  )
  var realTime = false

  @Flag(help: "Have the kernel stamp replies: how long they waited to be read is reported apart.")
  var kernelStamps = false

  @Flag(help: "Do not compare replies with what was sent; only count them.")
  var noVerify = false

  @Flag(help: "A masking key of its own for each frame, instead of a pool renewed each second.")
  var freshMasks = false

  func validate() throws {
    guard depth == nil || !schedule.isOpen else {
      throw ValidationError("--depth (closed loop) and --rate (open loop) exclude each other")
    }
    guard !idle || (depth == nil && !schedule.isOpen) else {
      throw ValidationError("--idle sends nothing: leave out --depth and --rate")
    }
  }

  func apply(to plan: inout LoadPlan) {
    let trace = schedule.trace?.trace
    plan.connections = connections ?? trace?.connectionCount ?? 10
    plan.workload =
      idle
      ? .idle : schedule.workload(connections: plan.connections) ?? .closedLoop(depth: depth ?? 1)
    plan.trace = trace
    plan.warmUp = warmup?.duration ?? (trace == nil ? .seconds(2) : .zero)
    plan.duration = duration?.duration ?? schedule.duration ?? .seconds(10)
    plan.coolDown = cooldown.duration
    plan.drain = drain.duration
    plan.replyTimeout = replyTimeout.duration
    plan.maximumInFlight = maxInFlight
    plan.loops = loops
    plan.busyPolling = busyPoll.duration
    plan.isRealTime = realTime
    plan.stampsArrivals = kernelStamps
    plan.verifies = !noVerify
    plan.usesFreshMasks = freshMasks
  }
}

/// What the messages of `gauntlet load` carry.
struct LoadPayloadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Octets of a message: 20, 16K, 1M (default: 1K).", valueName: "BYTES"))
  var size: ByteSize?

  @Option(
    help: ArgumentHelp(
      "Send this file's content; {{sequence}} in it becomes the message's number.",
      valueName: "FILE"))
  var payloadFile: String?

  @Option(help: "What generated payloads consist of.")
  var payload: Content?

  @Option(help: "Kind of message (default: binary; text for json and text payloads).")
  var kind: Kind?

  @Option(help: ArgumentHelp("What generated payloads are derived from.", valueName: "NUMBER"))
  var seed: UInt64 = 1

  /// Whether anything is said of what a message consists of.
  var isGiven: Bool { size != nil || payloadFile != nil || payload != nil }

  /// As `PayloadContent`.
  enum Content: String, ExpressibleByArgument, CaseIterable {
    case random
    case json
    case text
    case zero
  }

  /// Text or binary.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case text
    case binary
  }

  func validate() throws {
    guard payloadFile == nil || (size == nil && payload == nil) else {
      throw ValidationError(
        "--payload-file takes the place of --size and --payload: leave them out")
    }
  }

  func apply(to plan: inout LoadPlan, message: String? = nil) throws {
    guard message == nil || !isGiven else {
      throw ValidationError("--message takes the place of --size, --payload and --payload-file")
    }
    if let payloadFile {
      plan.payload = .octets(try LoadFiles.read(payloadFile))
    } else {
      let content = payload.flatMap { PayloadContent(rawValue: $0.rawValue) } ?? .random
      plan.payload = .generated(content, byteCount: size?.byteCount ?? 1024)
    }
    let isTextual = message != nil || payload == .json || payload == .text
    plan.kind = (kind ?? (isTextual ? .text : .binary)) == .text ? .text : .binary
    plan.seed = seed
  }
}

/// Addresses of our own on the command line.
struct SourceList: Hashable {
  let hosts: [String]
}

/// How `gauntlet load` connects.
struct LoadConnectionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Connections to begin per second.", valueName: "N"))
  var connectRate: Double?

  @Option(help: ArgumentHelp("Connections in the making at once.", valueName: "N"))
  var connectConcurrency = 100

  @Option(help: ArgumentHelp("What a connection may take to be made.", valueName: "TIME"))
  var connectTimeout = TimeSpan(.seconds(10))

  @OptionGroup var reach: ReachOptions

  @Option(
    help: ArgumentHelp(
      "Our own addresses to connect from, in turn: 127.0.0.2-127.0.0.9, a list, or 127.0.0.0/28.",
      discussion: "One address has no more connections to a server than it has local ports.",
      valueName: "ADDRESSES"), transform: { SourceList(hosts: try SourceAddresses.parse($0)) })
  var source: SourceList?

  @Flag(help: "Offer permessage-deflate.")
  var deflate = false

  @Flag(help: "With --deflate: the server shall forget its window after each message.")
  var serverNoContextTakeover = false

  @Flag(help: "With --deflate: we forget our window after each message.")
  var clientNoContextTakeover = false

  @Option(help: ArgumentHelp("With --deflate: the server's window, 8 to 15.", valueName: "BITS"))
  var serverMaxWindowBits: Int?

  @Option(help: ArgumentHelp("With --deflate: our window, 8 to 15.", valueName: "BITS"))
  var clientMaxWindowBits: Int?

  @Option(help: ArgumentHelp("With --deflate: zlib's level, 0 to 9 (default: 1).", valueName: "N"))
  var compressionLevel: Int?

  func validate() throws {
    let hasParameters =
      serverNoContextTakeover || clientNoContextTakeover || serverMaxWindowBits != nil
      || clientMaxWindowBits != nil || compressionLevel != nil
    guard deflate || !hasParameters else {
      throw ValidationError("compression parameters need --deflate")
    }
  }

  func apply(to plan: inout LoadPlan) {
    plan.connectRate = connectRate
    plan.sourceAddresses = source?.hosts ?? []
    plan.connectConcurrency = connectConcurrency
    plan.connectTimeout = connectTimeout.duration
    reach.apply(to: &plan)
    guard deflate else { return }
    var compression = LoadPlan.Compression()
    compression.serverNoContextTakeover = serverNoContextTakeover
    compression.clientNoContextTakeover = clientNoContextTakeover
    compression.serverMaxWindowBits = serverMaxWindowBits
    compression.clientMaxWindowBits = clientMaxWindowBits
    if let compressionLevel { compression.level = compressionLevel }
    plan.compression = compression
  }
}
