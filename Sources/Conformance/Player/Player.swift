public import CaseLanguage
public import WebSocketProtocol

/// Plays one case over one connection: octets and time in, octets and wishes out, no I/O.
///
/// ## Theory of operation
///
/// ``open(_:at:)`` sends the request as client, ``open(answering:fields:at:)`` answers one as server.
/// A case that says nothing of the opening handshake has it played in the usual way, and its steps
/// begin when it is through; otherwise they begin at once, and the handshake is among them. (Over
/// a connection that somebody else opened, `start(at:compression:)` begins them.) Steps are handed
/// over up to the first pause; a pause is a timer, and its end hands over the rest.
/// Steps are raw frames: nothing here asks whether they are legal. What arrives is held to the rules
/// of RFC 6455, and goes into the list of events; when that list is what the case expects and we are
/// to close, we do. The states are those of the established suite:
///
///     connecting ──start──► open ──Close sent──► closing ──TCP dropped──► closed
///
/// A Close of ours leaves only while open. A rule that the peer breaks while open makes us send Close
/// 1002 (1007 for bad UTF-8); while closing, it makes us drop TCP. What the peer sends after it broke
/// a rule is still read, because its answer to our Close matters; messages are then ignored.
///
/// The order of calls: any input (``open(_:at:)``, ``receive(_:at:)``, ``advance(to:)``,
/// ``connectionLost(_:at:)``), then ``writeOutput(_:)``, then look at ``wish``; while ``hasPieces``, call ``releasePiece(at:)`` once per turn of the loop; call
/// ``advance(to:)`` at ``nextDeadline``. After ``connectionLost(_:at:)`` the ``facts`` are final.
public final class Player {
  /// The states of the connection, as the established suite counts them.
  public enum State: Sendable {
    case connecting, open, closing, closed
  }

  /// What is to happen to TCP once the output is written.
  public enum Wish: Sendable {
    /// Nothing.
    case none
    /// Send FIN, and go on reading.
    case finish
    /// Flush, then close.
    case close
    /// Close without lingering for unsent octets.
    case abort
  }

  /// The case.
  public let playedCase: Case
  /// Our role.
  public let role: Role
  /// Time limits and bounds.
  public let settings: PlayerSettings
  /// The state of the connection.
  public internal(set) var state = State.connecting
  /// What has happened.
  public internal(set) var facts: CaseFacts
  /// What is to happen to TCP.
  public internal(set) var wish = Wish.none
  /// Whether the peer's octets are to be read; false: TCP's window is to close to the peer.
  public internal(set) var isReading = true
  /// What is to be written now, in one write.
  public internal(set) var output: [UInt8] = []
  /// What has been on the wire.
  public let recorder: TranscriptRecorder
  /// When the opening handshake was through.
  public internal(set) var openedAt: ContinuousClock.Instant?
  /// The request as it was on the wire, or its beginning.
  public internal(set) var requestHead: [UInt8] = []
  /// The response as it was on the wire, or its beginning.
  public internal(set) var responseHead: [UInt8] = []
  /// The compression that was agreed on.
  public internal(set) var agreement: PerMessageDeflate.Agreement?

  /// Where a redirect leads to, without the scheme.
  var elsewhere = ""
  let keys: MaskingKeySource
  let streams: CompressedStreamCache?
  var pieces = PieceQueue()
  var timers: [PendingTimer] = []
  var nextStep = 0
  var pieceKey: MaskingKey?
  var piecePhase = 0
  var reading = FrameReading()
  var assembly: MessageAssembly?
  var decompressor: BoxedDecompressor?
  var compressor: BoxedCompressor?
  var progress: ExpectationProgress
  var exchange: ExchangeState?
  var pingState = PingState()
  var inflated: [UInt8] = []
  /// Our half of the opening handshake, if the case does not change it.
  var usualHead: ComposedHead?
  var serverOpening: ServerOpening?
  var expectedResponse: ExpectedResponse?
  var answer = AnswerReading()
  var isAwaitingOpen = false
  /// How much of the output is no frame, so that it does not count as such.
  var headByteCount = 0

  /// A player for `playedCase`.
  ///
  /// - Parameters:
  ///   - playedCase: The case.
  ///   - role: Our role.
  ///   - settings: Time limits and bounds.
  ///   - keys: Where masking keys come from.
  ///   - streams: Where compressed messages are kept for other cases; nil: they are not kept.
  public init(
    _ playedCase: Case, role: Role, settings: PlayerSettings = PlayerSettings(),
    keys: MaskingKeySource, streams: CompressedStreamCache? = nil
  ) {
    self.playedCase = playedCase
    self.role = role
    self.settings = settings
    self.keys = keys
    self.streams = streams
    progress = ExpectationProgress(playedCase.expectation)
    facts = CaseFacts(role: role)
    recorder = TranscriptRecorder(limits: settings.transcript)
  }

  /// The opening handshake is through, by somebody else's doing: the case begins.
  ///
  /// - Parameters:
  ///   - now: The current time.
  ///   - compression: What was agreed on, if it was.
  ///   - answer: The server's words for it, where the server is the peer.
  public func start(
    at now: ContinuousClock.Instant, compression: PerMessageDeflate.Agreement? = nil,
    answer: ExtensionElement? = nil
  ) {
    precondition(state == .connecting, "a case is started once")
    recorder.begin(at: now)
    isAwaitingOpen = true
    opened(compression: compression, answer: answer, at: now)
  }

  /// TCP is gone; the facts are final now.
  public func connectionLost(_ end: String, at now: ContinuousClock.Instant) {
    facts.transportEnd = end
    facts.droppedByPeer = state != .closed
    if state == .connecting { lostWhileOpening(end, at: now) }
    reading.flush(into: recorder, at: now)
    recorder.note(end, at: now)
    state = .closed
    timers = []
    pieces = PieceQueue()
    exchange = nil
    assembly = nil
  }

  /// Lends the output to be handed to TCP in one write, unless there is none; then it is gone.
  public func writeOutput(_ write: (Span<UInt8>) -> Void) {
    guard !output.isEmpty else { return }
    recorder.wrote(byteCount: output.count, ofHeads: min(headByteCount, output.count))
    headByteCount = max(0, headByteCount - output.count)
    write(output.span)
    output.removeAll(keepingCapacity: output.capacity <= settings.keptOutputCapacity)
  }

  /// Whether pieces wait, each for a turn of its own.
  public var hasPieces: Bool { !pieces.isEmpty && state != .closed }

  /// Moves the next piece into ``output``.
  public func releasePiece(at now: ContinuousClock.Instant) {
    guard hasPieces else { return }
    pieces.releaseFirst(into: &output)
  }

  // MARK: Steps

  /// Hands over the steps from ``nextStep`` up to the next pause, and the deadline after the last.
  func runSteps(at now: ContinuousClock.Instant) {
    while nextStep < playedCase.steps.count {
      let step = playedCase.steps[nextStep]
      nextStep += 1
      switch step {
      case .frame(let frame): send(frame, at: now)
      case .message(let message): send(message, at: now)
      case .header(let header): send(header, at: now)
      case .piece(let payload): send(piece: payload, at: now)
      case .octets(let payload, let delivery):
        payload.withBytes { bytes in
          recorder.octets(bytes, isSent: true, at: now)
          enqueue(delivery) { output in bytes.append(to: &output) }
        }
      case .close(let close):
        if waitsForOpen(at: now) { return }
        sendClose(close, at: now)
      case .pause(let pause):
        arm(.resume(pause), after: pause.duration, at: now)
        return
      case .exchange(let exchange):
        if waitsForOpen(at: now) { return }
        armDeadline(at: now)
        begin(exchange, at: now)
        return
      case .reading(let isOn): isReading = isOn
      case .endOfStream: wish = .finish
      case .reset:
        facts.resetByScript = true
        dropConnection(.abort, at: now)
        return
      case .opening(let script):
        send(script, at: now)
        if facts.lacksCompression { return }
      case .awaitOpen: if waitsForOpen(at: now) { return }
      }
    }
    armDeadline(at: now)
    closeIfOver(at: now)
  }

  /// Whether the step that is under way has to wait until the connection is open; then it comes again.
  private func waitsForOpen(at now: ContinuousClock.Instant) -> Bool {
    guard state == .connecting else { return false }
    nextStep -= 1
    awaitOpen(at: now)
    return true
  }

  /// A pause is over: goes on if the state still allows it.
  func resume(after pause: Step.Pause, at now: ContinuousClock.Instant) {
    let mayGoOn = pause.condition == .open ? state == .open : state != .closed
    guard mayGoOn else { return }
    if let mark = pause.mark {
      facts.events.append(.mark(mark))
      recorder.note("pause \(mark) is over", at: now)
    }
    runSteps(at: now)
  }
}

/// Time limits and bounds of a player; the defaults are those of the established suite.
public struct PlayerSettings: Sendable {
  /// How long a server may take to answer the opening handshake.
  public var openingTimeout = Duration.seconds(5)
  /// How long the peer may take to answer our Close.
  public var closeReplyTimeout = Duration.seconds(1)
  /// How long a server may take to drop TCP after the closing handshake that we began.
  public var serverDropTimeout = Duration.seconds(1)
  /// How long a server may keep TCP open after its own Close where the case has no deadline for it.
  public var patience = Duration.seconds(5)
  /// What is added to each time limit, and to the pauses in which the peer is watched: for peers
  /// that are far away.
  public var allowance = Duration.zero
  /// What is added to deadlines of cases from ten seconds on, which are about how fast the peer is.
  public var longDeadlineAllowance = Duration.zero
  /// How long a case without any deadline may take after its last step.
  public var defaultDeadline = Duration.seconds(10)
  /// How much of a message is kept to be compared and shown, in octets.
  public var keptMessageByteCount = 64 << 20
  /// How much output capacity is kept between two writes, in octets.
  public var keptOutputCapacity = 1 << 20
  /// What of our own manners differs from the usual.
  public var manners = PlayerManners()
  /// What of the traffic is kept for the transcript.
  public var transcript = TranscriptRecorder.Limits()

  /// The defaults.
  public init() {}
}
