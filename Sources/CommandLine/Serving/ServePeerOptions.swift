import ArgumentParser
import WebSocketServer

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
  var slowConsumers = SlowConsumerChoice.wait

  func check() throws {
    _ = try filter()
  }

  var heartbeatConfiguration: Heartbeat? {
    heartbeat.map { Heartbeat(interval: $0.duration, timeout: heartbeatTimeout.duration) }
  }

  func filter() throws -> PeerFilter {
    PeerFilter(
      allowed: try patterns(allow, of: "--allow"), denied: try patterns(deny, of: "--deny"))
  }

  private func patterns(_ texts: [String], of flag: String) throws -> [PeerPattern] {
    try texts.map { text in
      do {
        return try PeerPattern(parsing: text)
      } catch {
        throw ValidationError("\(flag): \(error)")
      }
    }
  }
}

/// A policy for slow consumers on the command line.
enum SlowConsumerChoice: String, ExpressibleByArgument, CaseIterable {
  case wait, dropOldest, dropNewest, close

  var policy: SlowConsumerPolicy {
    switch self {
    case .wait: .wait
    case .dropOldest: .dropOldest
    case .dropNewest: .dropNewest
    case .close: .close
    }
  }
}
