import CaseLanguage
import Transport
import WebSocketProtocol

/// One connection that we make, to play a case with a server.
final class ClientPlaySocket: PlaySocket {
  private let plan: PlayPlan
  private let handshakeKey: HandshakeKey

  init(
    _ playedCase: Case, plan: PlayPlan, play: Int = 0, loop: EventLoop,
    completion: @escaping (PlayRecord) -> Void
  ) {
    self.plan = plan
    var lot = plan.lot(for: playedCase, play: play)
    handshakeKey = lot.handshakeKey()
    super.init(loop: loop)
    let player = Player(
      playedCase, role: .client, settings: plan.settings, keys: lot.maskingKeys(),
      streams: plan.streams)
    begin(
      player, capture: plan.capturesPackets ? PacketCapture() : nil, completion: completion)
  }

  override func connected(_ timings: ConnectTimings) {
    markStart(timings)
    var opening = ClientOpening(url: plan.url, key: handshakeKey, fields: plan.fields)
    opening.subprotocols = plan.subprotocols
    player?.open(opening, at: .now)
    settle()
  }

  /// A plain connection that is reset while it is made had a listener.
  override func blamesPeer(for error: TransportError) -> Bool {
    guard error.kind == .connectionReset, !plan.url.isSecure else { return false }
    player?.openingFailed("the server reset TCP as soon as it was connected")
    return true
  }
}
