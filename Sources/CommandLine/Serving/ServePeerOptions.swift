import ArgumentParser

/// Who may connect to `gauntlet serve`, and how it keeps track of them.
struct ServePeerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Let in only these, repeatable: an address, a network or a host name.", valueName: "PEER"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Keep these out, repeatable; asked first.", valueName: "PEER"))
  var deny: [String] = []

  @Option(help: ArgumentHelp("Ping peers silent for so long (default: never).", valueName: "TIME"))
  var heartbeat: TimeSpan?

  @Option(help: ArgumentHelp("End those that do not answer in time.", valueName: "TIME"))
  var heartbeatTimeout = TimeSpan(.seconds(10))

  @Option(
    help: ArgumentHelp(
      "What a broadcast does to peers that are behind: wait, dropOldest, dropNewest or close.",
      valueName: "POLICY"))
  var slowConsumers = "wait"

  /// What a file has in `peers`, `heartbeat` and `slowConsumers`.
  var members: [SpecValue.Member] {
    let beat: [SpecValue.Member] = [
      .init("interval", "--heartbeat", heartbeat),
      .init("timeout", "--heartbeat-timeout", heartbeatTimeout),
    ]
    return [
      .init("peers", [.init("allow", "--allow", allow), .init("deny", "--deny", deny)]),
      .init("heartbeat", heartbeat == nil ? [] : beat),
      .init("slowConsumers", "--slow-consumers", slowConsumers),
    ]
  }
}
