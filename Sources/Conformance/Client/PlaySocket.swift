import CaseLanguage
import HTTP
import Reports
import Transport
import WebSocketProtocol

/// One connection that plays one case as client: the opening handshake, then a ``Player``.
///
/// The player never sees the socket: over a stream of another kind it would play the same.
final class PlaySocket: StreamSocket {
  private let player: Player
  private let plan: PlayPlan
  private var handshake: ClientHandshake?
  private var record: PlayRecord
  private var completion: ((PlayRecord) -> Void)?
  private var openedAt: ContinuousClock.Instant?
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
    var offers: [PerMessageDeflate.Offer] = []
    for text in player.playedCase.compression?.offers ?? [] {
      for element in ExtensionElement.parse(text) ?? [] {
        if let offer = PerMessageDeflate.Offer(element) { offers.append(offer) }
      }
    }
    let handshake = ClientHandshake(
      url: plan.url, key: plan.handshakeKey(), compression: offers, fields: plan.fields)
    handshake.writeRequest(to: &record.requestHead)
    self.handshake = handshake
    write(record.requestHead.span)
    deadline = .now + plan.openingTimeout
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    let now = ContinuousClock.now
    guard handshake != nil else {
      player.receive(&bytes, at: now)
      settle()
      return
    }
    guard let outcome = handshake?.receive(bytes.span) else { return }
    switch outcome {
    case .needsMore:
      record.appendToResponse(bytes.span)
    case .failed(let failure, _):
      record.appendToResponse(bytes.span)
      openingFailed(String(describing: failure))
    case .established(let established, let byteCount):
      record.appendToResponse(bytes.span.extracting(0..<byteCount))
      record.serverField = established.head.fields[.server]
      record.compression = established.compression
      handshake = nil
      deadline = nil
      openedAt = now
      player.start(at: now, compression: established.compression)
      settle()
      var rest = bytes._mutatingExtracting(droppingFirst: byteCount)
      if rest.count > 0, completion != nil {
        player.receive(&rest, at: now)
        settle()
      }
    }
  }

  override func receivedEndOfStream() {
    if handshake != nil {
      openingFailed("the server closed TCP before it answered the handshake")
    }
    finish("the peer closed TCP")
    close(linger: .milliseconds(100))
  }

  override func deadlineReached() {
    if handshake != nil {
      openingFailed("no answer to the handshake within \(plan.openingTimeout)", timedOut: true)
      return
    }
    player.advance(to: .now)
    settle()
  }

  override func closed(_ reason: CloseReason) {
    switch reason {
    case .connectFailed(let error):
      // A plain connection that is reset while it is made had a listener: that is a verdict's matter.
      if error.kind == .connectionReset, !plan.url.isSecure {
        openingFailed("the server reset TCP as soon as it was connected")
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

  private func openingFailed(_ reason: String, timedOut: Bool = false) {
    handshake = nil
    player.openingFailed(reason, timedOut: timedOut)
    settle()
  }

  /// TCP is gone, or good as gone: the facts are final.
  private func finish(_ end: String) {
    guard let completion else { return }
    self.completion = nil
    deadline = nil
    let now = ContinuousClock.now
    player.connectionLost(end, at: now)
    record.facts = player.facts
    record.elapsed = openedAt.map { now - $0 } ?? .zero
    record.take(player.recorder)
    completion(record)
  }
}
