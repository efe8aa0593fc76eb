import ArgumentParser
import LoadTesting

/// What the messages of `gauntlet load` are for, if not for an echo.
struct LoadTrafficOptions: ParsableArguments {
  @Flag(help: "Send pings and time their pongs (any server).")
  var ping = false

  @Option(
    help: ArgumentHelp(
      "Send this message; {{sequence}} in it becomes its number; with --correlate and --publishers also "
        + "{{connection}} and {{time}}, the connection's number and nanoseconds since the epoch.",
      valueName: "TEXT"))
  var message: String?

  @Option(
    help: ArgumentHelp(
      "Requests: where the number is in a reply, which may come in any order: a JSON Pointer such as "
        + "/params/id, or the text before it, such as '\"id\":'.",
      valueName: "FIELD"))
  var correlate: String?

  @Flag(help: "Send nothing: the server does.")
  var push = false

  @Option(
    help: ArgumentHelp(
      "With --push or --publishers: send this when a connection is open; {{channel}} and {{connection}} "
        + "are filled in.",
      valueName: "TEXT"))
  var subscribe: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --push: where the time is at which a message was sent, a JSON Pointer or the text before it.",
      valueName: "FIELD"))
  var timeMarker: String?

  @Option(
    help: ArgumentHelp(
      "With --push: where that time is in a message, eight octets, the most significant first.",
      valueName: "OFFSET"))
  var timeOffset: Int?

  @Option(help: "With --push: what the time counts since the epoch (default: ms).")
  var timeUnit: Unit?

  @Option(
    help: ArgumentHelp(
      "With --push: where a number is that counts the messages of a connection, a JSON Pointer or the "
        + "text before it.",
      valueName: "FIELD"))
  var sequenceMarker: String?

  @Option(
    help: ArgumentHelp(
      "Fan-out: so many of the connections publish, at --rate together, and the others subscribe.",
      discussion: """
        The message (--message, --payload-file) has {{stamp}} in it, which becomes what subscribers need \
        to account for it; generated payloads begin with it. Latency counts from when it was to be published.
        """,
      valueName: "N"))
  var publishers: Int?

  @Option(help: ArgumentHelp("With --publishers: channels, 0 and so on.", valueName: "N"))
  var channels = 1

  @Flag(help: "With --publishers: publishers subscribe too, and get their own messages.")
  var publishersListen = false

  @Option(
    help: ArgumentHelp(
      "Closed loop: the shortest time from a message to the next on each connection.",
      valueName: "TIME"))
  var interval: TimeSpan?

  /// Units of time, in nanoseconds.
  enum Unit: String, ExpressibleByArgument, CaseIterable {
    case ns, us, ms, s

    var nanoseconds: Int64 {
      switch self {
      case .ns: 1
      case .us: 1000
      case .ms: 1_000_000
      case .s: 1_000_000_000
      }
    }
  }

  func validate() throws {
    let kinds = [ping, correlate != nil, push, publishers != nil].filter { $0 }
    guard kinds.count <= 1 else {
      throw ValidationError("--ping, --correlate, --push and --publishers exclude each other")
    }
    guard push || publishers != nil || subscribe.isEmpty else {
      throw ValidationError("--subscribe is for --push and --publishers")
    }
    guard
      push
        || (timeMarker == nil && timeOffset == nil && timeUnit == nil && sequenceMarker == nil)
    else {
      throw ValidationError(
        "--time-marker, --time-offset, --time-unit and --sequence-marker need --push")
    }
    guard timeMarker == nil || timeOffset == nil else {
      throw ValidationError("--time-marker and --time-offset exclude each other")
    }
    guard timeUnit == nil || timeMarker != nil || timeOffset != nil else {
      throw ValidationError("--time-unit needs --time-marker or --time-offset")
    }
    guard publishers != nil || (channels == 1 && !publishersListen) else {
      throw ValidationError("--channels and --publishers-listen need --publishers")
    }
  }

  func apply(to plan: inout LoadPlan) throws {
    if let message { plan.payload = .octets(Array(message.utf8)) }
    plan.interval = interval?.duration
    if ping { plan.traffic = .ping }
    if let correlate { plan.traffic = .exchange(LoadTraffic.Exchange(marker: correlate)) }
    if push { plan.traffic = .push(pushed) }
    if let publishers {
      var fanOut = LoadTraffic.FanOut(publishers: publishers)
      fanOut.channels = channels
      fanOut.subscriptions = subscribe
      fanOut.publishersListen = publishersListen
      plan.traffic = .fanOut(fanOut)
    }
  }

  private var pushed: LoadTraffic.Push {
    var pushed = LoadTraffic.Push()
    pushed.subscriptions = subscribe
    pushed.sequenceMarker = sequenceMarker
    let unit = (timeUnit ?? .ms).nanoseconds
    if let timeMarker {
      pushed.time = LoadTraffic.TimeField(.text(marker: timeMarker), unit: unit)
    } else if let timeOffset {
      pushed.time = LoadTraffic.TimeField(.binary(offset: timeOffset), unit: unit)
    }
    return pushed
  }
}

/// How the connections of `gauntlet load` come, go and read.
struct LoadBehaviourOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Churn: each connection lives so long, then a new one takes its place.", valueName: "TIME"))
  var lifetime: TimeSpan?

  @Option(help: "With --lifetime: all equally long, or exponential, --lifetime on average.")
  var lifetimeLaw: Law?

  @Option(
    help: ArgumentHelp(
      "Reconnect storm: when measuring has lasted so long, a share of all connections is dropped at once "
        + "and comes back: 5s, 5s:50%, 5s:50%:reset.",
      valueName: "TIME[:SHARE[:reset]]"))
  var storm: [StormArgument] = []

  @Option(
    help: ArgumentHelp(
      "Slow consumers: a share of the connections reads so many octets per second: 10%:64K.",
      valueName: "SHARE:BYTES"))
  var slow: SlowArgument?

  @Option(
    help: ArgumentHelp(
      "Begin connections evenly over this time; instead of --connect-rate.", valueName: "TIME"))
  var connectOver: TimeSpan?

  /// As `ConnectionLifetime.Law`.
  enum Law: String, ExpressibleByArgument, CaseIterable {
    case fixed, exponential
  }

  func validate() throws {
    guard lifetimeLaw == nil || lifetime != nil else {
      throw ValidationError("--lifetime-law needs --lifetime")
    }
    if let connectOver, connectOver.duration <= .zero {
      throw ValidationError("--connect-over is longer than no time")
    }
  }

  func apply(to plan: inout LoadPlan) throws {
    if let lifetime {
      plan.lifetime = ConnectionLifetime(
        lifetimeLaw == .exponential ? .exponential : .fixed, mean: lifetime.duration)
    }
    plan.storms = storm.map(\.storm)
    plan.slowReaders = slow?.readers
    if let connectOver {
      guard plan.connectRate == nil else {
        throw ValidationError("--connect-over and --connect-rate exclude each other")
      }
      plan.connectRate = Double(plan.connections) / (connectOver.duration / .seconds(1))
    }
  }
}

/// A share on the command line: `50%`, or `0.5`.
struct ShareArgument: ExpressibleByArgument, Hashable {
  let share: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let value = Double(isPercent ? String(argument.dropLast()) : argument), value > 0 else {
      return nil
    }
    share = isPercent ? value / 100 : value
    guard share <= 1 else { return nil }
  }
}

/// A storm on the command line: `5s:50%:reset`.
struct StormArgument: ExpressibleByArgument, Hashable {
  let offset: Duration
  let share: Double
  let resets: Bool

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard 1...3 ~= parts.count, let time = TimeSpan(argument: parts[0]),
      let part = ShareArgument(argument: parts.count > 1 ? parts[1] : "100%"),
      parts.count < 3 || ["reset", "close"].contains(parts[2])
    else { return nil }
    offset = time.duration
    share = part.share
    resets = parts.count == 3 && parts[2] == "reset"
  }

  var storm: ReconnectStorm { ReconnectStorm(offset: offset, share: share, resets: resets) }
}

/// Slow readers on the command line: `10%:64K`.
struct SlowArgument: ExpressibleByArgument, Hashable {
  let share: Double
  let byteCount: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let part = ShareArgument(argument: parts[0]),
      let size = ByteSize(argument: parts[1]), size.byteCount > 0
    else { return nil }
    share = part.share
    byteCount = size.byteCount
  }

  var readers: SlowReaders { SlowReaders(share: share, octetsPerSecond: byteCount) }
}
