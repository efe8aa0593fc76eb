import CaseLanguage
import HTTP
import Reports
import Transport
import WebSocketProtocol

/// One connection over which a ``Player`` plays one case, as either role.
///
/// The player never sees the socket: over a stream of another kind it would play the same.
class PlaySocket: StreamSocket {
  private(set) final var player: Player?
  private var record: PlayRecord?
  private var completion: ((PlayRecord) -> Void)?
  private var isPumping = false
  private var hasFinishedOutput = false

  /// The time between two pieces of a frame that is sent in pieces.
  private static let pieceInterval = Duration.microseconds(10)

  /// Whether a player has been put to work here.
  final var isPlaying: Bool { player != nil }

  /// Puts a player to work, which is to be opened next; `completion` gets what is left of it.
  final func begin(
    _ player: Player, capture: PacketCapture? = nil, completion: @escaping (PlayRecord) -> Void
  ) {
    self.player = player
    record = PlayRecord(playedCase: player.playedCase, facts: CaseFacts(role: player.role))
    record?.capture = capture
    if player.role == .server {
      record?.clientPort = peerAddress?.port ?? 0
      record?.tls = tlsFacts
    }
    self.completion = completion
  }

  // MARK: Callbacks

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    let now = ContinuousClock.now
    record?.capture?.append(bytes.span, isSent: false, at: now)
    player?.receive(&bytes, at: now)
    settle()
  }

  override func receivedEndOfStream() {
    finish("the peer closed TCP")
    close(linger: .milliseconds(100))
  }

  override func deadlineReached() {
    player?.advance(to: .now)
    settle()
  }

  override func closed(_ reason: CloseReason) {
    switch reason {
    case .connectFailed(let error):
      if !blamesPeer(for: error) { record?.transportError = error }
      finish(error.description)
    case .failed(let error): finish("TCP failed: \(error.detail)")
    case .peerReset: finish("the peer reset TCP", isReset: true)
    case .loopStopped: finish("interrupted")
    case .local, .lingerExpired, .aborted, .endOfStream: finish("TCP is closed")
    }
  }

  /// Whether a connection that did not come about is the peer's doing, and so a verdict's matter.
  func blamesPeer(for error: TransportError) -> Bool { false }

  // MARK: Between the player and the socket

  /// Writes what the player has, does what it wishes, and sets its next deadline.
  final func settle() {
    guard let player else { return }
    player.writeOutput { octets in
      record?.capture?.append(octets, isSent: true, at: .now)
      write(octets)
    }
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
      finish("we aborted TCP", isReset: true)
      // After a closing handshake a reset would only take from the client what it has not read yet.
      if player.role == .server, player.facts.wasClean {
        close(linger: .milliseconds(500))
      } else {
        abort()
      }
      return
    }
    guard completion != nil else { return }
    if player.isReading { resumeReading() } else { pauseReading() }
    deadline = player.nextDeadline
    if player.hasPieces { pump(player) }
  }

  /// Lets the next piece go in a turn of its own.
  private func pump(_ player: Player) {
    guard !isPumping else { return }
    isPumping = true
    loop.schedule(after: Self.pieceInterval) { [weak self] in
      guard let self else { return }
      self.isPumping = false
      player.releasePiece(at: .now)
      self.settle()
    }
  }

  /// The connection is there: the case begins now.
  final func markStart(_ timings: ConnectTimings) {
    record?.started = .now()
    record?.connecting = timings
    record?.tls = tlsFacts
    guard record?.capture != nil else { return }
    record?.capture?.connectedAt = .now
    record?.clientPort = localAddress?.port ?? 0
  }

  /// TCP is gone, or good as gone: the facts are final.
  private func finish(_ end: String, isReset: Bool = false) {
    guard let completion, let player, var record else { return }
    self.completion = nil
    deadline = nil
    let now = ContinuousClock.now
    player.connectionLost(end, at: now)
    record.take(player, at: now)
    record.capture?.endedAt = now
    record.capture?.isEndedByUs = player.facts.droppedByUs
    record.capture?.isReset = isReset
    completion(record)
  }
}
