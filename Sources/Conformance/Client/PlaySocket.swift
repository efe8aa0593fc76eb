import CaseLanguage
import HTTP
import Reports
import Transport
import WebSocketProtocol

/// One connection over which a ``Player`` plays one case as client.
///
/// The player never sees the socket: over a stream of another kind it would play the same.
final class PlaySocket: StreamSocket {
  private let player: Player
  private let plan: PlayPlan
  private var record: PlayRecord
  private var completion: ((PlayRecord) -> Void)?
  private var isPumping = false
  private var hasFinishedOutput = false

  init(
    _ playedCase: Case, plan: PlayPlan, keys: MaskingKeySource, loop: EventLoop,
    completion: @escaping (PlayRecord) -> Void
  ) {
    player = Player(
      playedCase, role: .client, settings: plan.settings, keys: keys, streams: plan.streams)
    self.plan = plan
    record = PlayRecord(playedCase: playedCase, facts: CaseFacts(role: .client))
    self.completion = completion
    super.init(loop: loop)
  }

  // MARK: Callbacks

  override func connected(_ timings: ConnectTimings) {
    record.started = .now()
    player.open(
      ClientOpening(url: plan.url, key: plan.handshakeKey(), fields: plan.fields), at: .now)
    settle()
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    player.receive(&bytes, at: .now)
    settle()
  }

  override func receivedEndOfStream() {
    finish("the peer closed TCP")
    close(linger: .milliseconds(100))
  }

  override func deadlineReached() {
    player.advance(to: .now)
    settle()
  }

  override func closed(_ reason: CloseReason) {
    switch reason {
    case .connectFailed(let error):
      // A plain connection that is reset while it is made had a listener: that is a verdict's matter.
      if error.kind == .connectionReset, !plan.url.isSecure {
        player.openingFailed("the server reset TCP as soon as it was connected")
      } else {
        record.transportError = error
      }
      finish(error.description)
    case .failed(let error): finish("TCP failed: \(error.detail)")
    case .peerReset: finish("the peer reset TCP")
    case .loopStopped: finish("interrupted")
    case .local, .lingerExpired, .aborted, .endOfStream: finish("TCP is closed")
    }
  }

  // MARK: Between the player and the socket

  /// Writes what the player has, does what it wishes, and sets its next deadline.
  private func settle() {
    flush()
    switch player.wish {
    case .none: break
    case .finish:
      if !hasFinishedOutput {
        hasFinishedOutput = true
        shutdownOutput()
      }
    case .close:
      finish("we closed TCP")
      close(linger: .milliseconds(500))
      return
    case .abort:
      finish("we aborted TCP")
      abort()
      return
    }
    guard completion != nil else { return }
    deadline = player.nextDeadline
    if player.hasPieces { pump() }
  }

  private func flush() {
    player.writeOutput { write($0) }
  }

  /// Lets the next piece go in a turn of its own.
  private func pump() {
    guard !isPumping else { return }
    isPumping = true
    loop.schedule(after: plan.pieceInterval) { [weak self] in
      guard let self else { return }
      self.isPumping = false
      self.player.releasePiece(at: .now)
      self.settle()
    }
  }

  /// TCP is gone, or good as gone: the facts are final.
  private func finish(_ end: String) {
    guard let completion else { return }
    self.completion = nil
    deadline = nil
    let now = ContinuousClock.now
    player.connectionLost(end, at: now)
    record.take(player, at: now)
    completion(record)
  }
}
