import CaseLanguage
import Transport
import WebSocketProtocol

/// One connection that we make, to play a case with a server.
final class ClientPlaySocket: PlaySocket {
  private let plan: PlayPlan

  init(
    _ playedCase: Case, plan: PlayPlan, keys: MaskingKeySource, loop: EventLoop,
    completion: @escaping (PlayRecord) -> Void
  ) {
    self.plan = plan
    super.init(loop: loop)
    let player = Player(
      playedCase, role: .client, settings: plan.settings, keys: keys, streams: plan.streams)
    begin(player, completion: completion)
  }

  override func connected(_ timings: ConnectTimings) {
    markStart()
    player?.open(
      ClientOpening(url: plan.url, key: plan.handshakeKey(), fields: plan.fields), at: .now)
    settle()
  }

  /// A plain connection that is reset while it is made had a listener.
  override func blamesPeer(for error: TransportError) -> Bool {
    guard error.kind == .connectionReset, !plan.url.isSecure else { return false }
    player?.openingFailed("the server reset TCP as soon as it was connected")
    return true
  }
}
