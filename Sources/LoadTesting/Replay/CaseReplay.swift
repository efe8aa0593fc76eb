public import CaseLanguage
import Conformance
import Reports
import Transport

/// Conformance cases as load: every connection of the group plays one case after the other, each on a
/// connection of its own, in an order drawn by lot, without end.
///
/// What is required of a case is required under load too. Only the limits for what the peer may take its
/// time for (its answers to the opening handshake and to a Close, and dropping TCP) are the plan's reply
/// timeout, and deadlines from ten seconds on do not count: how fast the server is, the latencies say. Few of
/// the cases that move megabytes play at once.
public struct CaseReplay: Sendable, Equatable {
  /// The cases, all for servers; at least one.
  public var cases: [Case]
  /// What is added to every other time limit of a case, and to the pauses in which it watches the peer.
  public var allowance = Duration.seconds(2)

  /// A replay of these cases.
  public init(_ cases: [Case]) {
    self.cases = cases
  }
}

extension CasePlayer {
  /// The player for what a plan replays.
  init(_ replay: CaseReplay, setting: RunSetting) throws(TransportError) {
    let plan = setting.plan
    var options = ConformanceOptions(url: setting.url, cases: replay.cases)
    options.tls = setting.connector.options.tls
    options.fields = setting.fields
    options.subprotocols = plan.subprotocols
    options.connectTimeout = plan.connectTimeout
    options.seed = plan.seed
    options.agent = plan.agent
    options.player.allowance = replay.allowance
    // The end of the run is what ends them, without a verdict.
    options.player.longDeadlineAllowance = .seconds(86_400)
    options.player.openingTimeout = plan.replyTimeout
    options.player.closeReplyTimeout = plan.replyTimeout
    options.player.serverDropTimeout = plan.replyTimeout
    options.player.patience = plan.replyTimeout
    options.replayCommand = ShellText.command(
      ["gauntlet", "conform", "server", plan.url, "--cases", "{id}"])
    try self.init(options)
  }
}
