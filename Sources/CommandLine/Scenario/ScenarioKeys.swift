/// The keys of a group in a scenario file, and the flags of `gauntlet load` that say the same: one set of rules for
/// both.
enum ScenarioKeys {
  /// What is expected of a key's value.
  enum Kind {
    case text
    case texts
    /// A file, which counts from the scenario's folder.
    case file
    case count(ClosedRange<Int>)
    case number
    case time
    case size
    /// A share such as `0.1` or `"10%"`.
    case share
    /// `true` gives the flag, `false` does not.
    case flag
    /// `false` gives the flag.
    case negatedFlag
    case choice([String])
  }

  /// A key and its flag.
  struct Entry {
    var key: String
    var flag: String
    var kind: Kind

    init(_ key: String, _ flag: String, _ kind: Kind) {
      (self.key, self.flag, self.kind) = (key, flag, kind)
    }
  }

  private static let million = 1...1_000_000

  /// What a workload may say besides its kind.
  static let workload = [
    Entry("depth", "depth", .count(1...65_536)), Entry("interval", "interval", .time),
    Entry("correlate", "correlate", .text), Entry("subscribe", "subscribe", .texts),
    Entry("timeMarker", "time-marker", .text),
    Entry("timeOffset", "time-offset", .count(0...(64 << 20))),
    Entry("timeUnit", "time-unit", .choice(["ns", "us", "ms", "s"])),
    Entry("sequenceMarker", "sequence-marker", .text),
    Entry("publishers", "publishers", .count(million)),
    Entry("channels", "channels", .count(million)),
    Entry("publishersListen", "publishers-listen", .flag),
    Entry("replyTimeout", "reply-timeout", .time),
    Entry("maxInFlight", "max-in-flight", .count(1...(1 << 24))),
    Entry("cases", "cases", .texts),
    Entry("verify", "no-verify", .negatedFlag), Entry("freshMasks", "fresh-masks", .flag),
    Entry("kernelStamps", "kernel-stamps", .flag),
  ]

  static let schedule = [
    Entry("rate", "rate", .number), Entry("steps", "rate-steps", .text),
    Entry("burst", "burst", .text), Entry("rampTime", "ramp-time", .time),
    Entry("arrivals", "schedule", .choice(["constant", "poisson"])),
    Entry("perConnection", "rate-per-connection", .flag), Entry("trace", "trace", .file),
  ]

  static let payload = [
    Entry("message", "message", .text), Entry("file", "payload-file", .file),
    Entry("size", "size", .size),
    Entry("content", "payload", .choice(["random", "json", "text", "zero"])),
    Entry("kind", "kind", .choice(["text", "binary"])),
    Entry("seed", "seed", .count(0...Int.max)),
  ]

  static let connect = [
    Entry("rate", "connect-rate", .number), Entry("over", "connect-over", .time),
    Entry("concurrency", "connect-concurrency", .count(million)),
    Entry("timeout", "connect-timeout", .time), Entry("source", "source", .text),
  ]

  static let tls = [
    Entry("verify", "insecure", .negatedFlag), Entry("caFile", "ca-file", .file),
    Entry("certFile", "cert", .file), Entry("keyFile", "key", .file),
  ]

  static let compression = [
    Entry("level", "compression-level", .count(0...9)),
    Entry("serverNoContextTakeover", "server-no-context-takeover", .flag),
    Entry("clientNoContextTakeover", "client-no-context-takeover", .flag),
    Entry("serverMaxWindowBits", "server-max-window-bits", .count(8...15)),
    Entry("clientMaxWindowBits", "client-max-window-bits", .count(8...15)),
  ]

  static let churn = [
    Entry("lifetime", "lifetime", .time),
    Entry("law", "lifetime-law", .choice(["fixed", "exponential"])),
  ]
}
