import ArgumentParser
import LoadTesting

/// When the open loop of `gauntlet load` sends.
struct LoadScheduleOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Open loop: messages per second over all connections, sent when due whatever the server does; "
        + "1000..5000 rises while measuring.",
      discussion:
        "Latency counts from the planned time. 0 opens the connections and sends nothing.",
      valueName: "MSGS_PER_S"))
  var rate: RateRange?

  @Option(
    help: ArgumentHelp(
      "Open loop: rates one after the other, each with its time, for example "
        + "1000@10s,1000..5000@30s,5000@10s; measuring lasts as long unless --duration says more.",
      valueName: "RATE@TIME,…"))
  var rateSteps: RateSteps?

  @Option(
    help: ArgumentHelp(
      "Open loop: so many messages at once, then none for the rest of the time: 100/1s.",
      valueName: "N/TIME"))
  var burst: Burst?

  @Option(
    help: ArgumentHelp(
      "With --rate A..B: how long the rate takes from A to B (default: --duration).",
      valueName: "TIME"))
  var rampTime: TimeSpan?

  @Option(help: "How messages are spread in time; poisson: at random, repeatable by --seed.")
  var schedule: Spread?

  @Option(
    help: ArgumentHelp(
      "Open loop: send what was once recorded, at its times and on as many connections.",
      discussion: """
        CSV with the header time,connection,size,kind,payload, or JSON Lines with such members; time in \
        seconds, payload optional. Measuring begins at once and lasts as long as the trace, unless \
        --warmup and --duration say otherwise.
        """,
      valueName: "FILE"), transform: { try TraceFile($0) })
  var trace: TraceFile?

  @Flag(help: "Rates and bursts are for each connection, not for all together.")
  var ratePerConnection = false

  /// How messages are spread.
  enum Spread: String, ExpressibleByArgument, CaseIterable {
    case constant
    case poisson
  }

  /// Whether an open loop is asked for.
  var isOpen: Bool { rate != nil || rateSteps != nil || burst != nil || trace != nil }

  func validate() throws {
    guard [rate != nil, rateSteps != nil, burst != nil, trace != nil].filter({ $0 }).count <= 1
    else {
      throw ValidationError("--rate, --rate-steps, --burst and --trace exclude each other")
    }
    guard schedule != .poisson || burst == nil else {
      throw ValidationError("--schedule poisson has no --burst: messages come as chance has it")
    }
    guard trace == nil || (schedule == nil && !ratePerConnection) else {
      throw ValidationError(
        "--trace has its own times: leave out --schedule and --rate-per-connection")
    }
    guard isOpen || (schedule == nil && !ratePerConnection) else {
      throw ValidationError(
        "--schedule and --rate-per-connection say more of an open loop: add --rate")
    }
    if rampTime != nil, rate.map({ $0.start == $0.end }) ?? true {
      throw ValidationError("--ramp-time needs a rate that changes: --rate 1000..5000")
    }
  }

  /// The workload for so many connections; nil if no open loop is asked for.
  func workload(connections: Int) -> LoadPlan.Workload? {
    guard isOpen else { return nil }
    if let rate, rate.start == 0, rate.end == 0 { return .idle }
    if let trace { return .openLoop(messagesPerSecond: trace.trace.meanRate) }
    var plan: LoadSchedule
    if let burst {
      plan = .bursts(of: burst.count, every: burst.interval)
    } else if let rateSteps {
      plan = LoadSchedule(rateSteps.stretches)
    } else {
      plan = .ramp(from: rate?.start ?? 0, to: rate?.end ?? 0, over: rampTime?.duration)
    }
    if schedule == .poisson { plan.arrivals = .poisson }
    guard ratePerConnection else { return .openLoop(plan) }
    plan = plan.scaled(by: Double(connections))
    if let burst {
      let (count, overflow) = burst.count.multipliedReportingOverflow(by: connections)
      plan.arrivals = .bursts(of: overflow ? .max : count)
    }
    return .openLoop(plan)
  }

  /// How long to measure, if the schedule says.
  var duration: Duration? {
    // The last message is due within.
    if let trace { return trace.trace.duration + .milliseconds(1) }
    return rateSteps.flatMap { LoadSchedule($0.stretches).totalDuration }
  }
}

/// A trace that the command line names.
struct TraceFile {
  let trace: LoadTrace

  init(_ path: String) throws {
    let octets = try LoadFiles.read(path, flag: "--trace")
    do throws(LoadTrace.Problem) {
      trace = try LoadTrace(parsing: octets)
    } catch {
      let place = error.line.map { "\(path):\($0)" } ?? path
      throw ValidationError("--trace \(place): \(error.words)")
    }
  }
}

/// A rate on the command line, `1000`, or two, between which it changes: `1000..5000`.
struct RateRange: ExpressibleByArgument, Hashable {
  let start: Double
  let end: Double

  init?(argument: String) {
    guard let (start, end) = Self.rates(argument[...]) else { return nil }
    (self.start, self.end) = (start, end)
  }

  static func rates(_ text: Substring) -> (Double, Double)? {
    var ends = [text]
    if let dots = text.firstRange(of: "..") {
      ends = [text[..<dots.lowerBound], text[dots.upperBound...]]
    }
    let rates = ends.compactMap { Double($0) }
    guard rates.count == ends.count, rates.allSatisfy({ $0 >= 0 && $0 <= 1e9 }) else { return nil }
    return (rates[0], rates[rates.count - 1])
  }
}

/// Rates with times on the command line: `1000@10s,1000..5000@30s`.
struct RateSteps: ExpressibleByArgument {
  let stretches: [LoadSchedule.Stretch]

  init?(argument: String) {
    var stretches: [LoadSchedule.Stretch] = []
    for step in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = step.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count == 2, let (start, end) = RateRange.rates(parts[0]),
        let time = TimeSpan(argument: String(parts[1])), time.duration > .zero
      else { return nil }
      stretches.append(LoadSchedule.Stretch(from: start, to: end, duration: time.duration))
    }
    self.stretches = stretches
  }
}

/// Bursts on the command line: `100/1s`.
struct Burst: ExpressibleByArgument {
  let count: Int
  let interval: Duration

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), count >= 1, count <= 1 << 24,
      let time = TimeSpan(argument: String(parts[1])), time.duration >= .microseconds(1)
    else { return nil }
    self.count = count
    interval = time.duration
  }
}
