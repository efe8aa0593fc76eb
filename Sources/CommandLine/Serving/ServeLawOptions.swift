import ArgumentParser

/// How the replies of `gauntlet serve` are to come, for measurements that are to be held against it.
struct ServeLawOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep a processor busy for so long on each message, for example 500ns.",
      discussion: "A server that is slower by a known amount, to see what comparisons find.",
      valueName: "TIME"))
  var work: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "How long each reply waits: 5ms, or exponential:5ms (the mean).", valueName: "LAW"))
  var replyDelay: String?

  @Option(
    help: ArgumentHelp(
      "A time without replies again and again: 500ms/10s, the first after 10 s.",
      valueName: "TIME/PERIOD"))
  var stall: String?

  @Option(
    help: ArgumentHelp(
      "Replies per second, at most; what comes faster waits its turn.", valueName: "N"))
  var replyRate: Int?

  @Option(
    help: ArgumentHelp(
      """
      What befalls one in N messages: lose, double, reorder, corrupt or truncate; how many it were \
      is said at the end.
      """, valueName: "KIND/N"))
  var mishap: String?

  /// What a file has in `work` and `replies`.
  var members: [SpecValue.Member] {
    [
      .init("work", "--work", work),
      .init(
        "replies",
        [
          .init("delay", "--reply-delay", replyDelay), .init("stall", "--stall", stall),
          .init("rate", "--reply-rate", replyRate), .init("mishap", "--mishap", mishap),
        ]),
    ]
  }
}

extension EchoLaw {
  /// Reads `replies`.
  init(_ root: ConfigurationSection) throws(SpecError) {
    var law = EchoLaw()
    try root.section("replies") { section throws(SpecError) in
      law.delay = try section.law("delay", "5ms or exponential:5ms") { EchoLaw.Delay($0) }
      law.stall = try section.law("stall", "500ms/10s") { EchoLaw.Stall($0) }
      law.rate = try section.count("rate", 1...100_000_000).map { Double($0) }
      let kinds = EchoLaw.Mishap.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      law.mishap = try section.law("mishap", "lose/10000; what befalls a message: \(kinds)") {
        EchoLaw.Mishap($0)
      }
    }
    self = law
  }
}

extension ConfigurationSection {
  fileprivate func law<Value>(
    _ key: String, _ example: String, _ read: (String) -> Value?
  ) throws(SpecError) -> Value? {
    guard let text = try string(key) else { return nil }
    guard let value = read(text) else { throw mistake(key, "write \(example)") }
    return value
  }
}
