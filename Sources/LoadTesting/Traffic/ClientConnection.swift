import Reports
import Transport
import WebSocketProtocol

/// One connection of a place: everything on it goes through the protocol core.
final class ClientConnection: StreamSocket {
  enum Stage: UInt8 {
    case opening
    case open
    case closing
    case gone
  }

  let worker: ClientWorker
  let place: ClientPlace
  var stage = Stage.opening
  /// Whether nothing is sent on it any more, since it is to end.
  var isRetiring = false
  /// Whether compression was agreed on.
  private(set) var compresses = false
  /// Whether its end is our doing.
  var isDropped = false
  var handshake: ClientHandshake?
  var timings: ConnectTimings?
  /// What the peer's Close or failure was, in words.
  var lastWords: String?
  /// Whether the server left the opening handshake without an answer for as long as may be.
  private(set) var isUnanswered = false
  private var core: Connection
  /// When a slow reader may read on, in nanoseconds since the start of sending.
  private var nextReading: Int64 = 0

  init(worker: ClientWorker, place: ClientPlace) {
    self.worker = worker
    self.place = place
    core = Connection(
      role: .client, configuration: worker.setting.configuration, maskingKeys: worker.maskingKeys)
    super.init(loop: worker.loop)
  }

  /// Whether messages may be sent.
  var takesMessages: Bool { stage == .open && !isRetiring }
  var hasFailed: Bool { core.hasFailed }
  /// Whether what comes is of interest.
  private var isHeard: Bool { !worker.isSettled && !isDropped }

  /// The opening handshake is complete.
  func opened(_ agreement: PerMessageDeflate.Agreement?) {
    stage = .open
    handshake = nil
    deadline = nil
    if let agreement {
      compresses = true
      core = Connection(
        role: .client, configuration: worker.setting.configuration, compression: agreement,
        maskingKeys: worker.maskingKeys)
    }
  }

  override func arrived(waiting nanoseconds: Int64) { worker.timer.arrived(waiting: nanoseconds) }

  override func connected(_ timings: ConnectTimings) {
    if worker.setting.plan.stampsArrivals { stampArrivals() }
    worker.sendRequest(on: self, timings)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var start = 0
    if stage == .opening {
      start = worker.receiveResponse(bytes.span, on: self)
      guard stage == .open, start < bytes.count else { return }
    }
    guard stage == .open || stage == .closing else { return }
    let now = worker.timer.clock.now
    let count = bytes.count
    if compresses, isHeard { worker.book.counts.wireReceived += UInt64(count - start) }
    takeEvents(&bytes, from: start, at: now)
    if stage == .open { worker.connectionHasRead(self, at: now) }
    if place.isSlow, stage == .open { rest(after: count, at: now) }
  }

  private func takeEvents(_ bytes: inout MutableSpan<UInt8>, from start: Int, at now: Int64) {
    let instant = worker.timer.clock.instant(at: now)
    var output: [UInt8] = []
    var scratch: [UInt8] = []
    swap(&scratch, &worker.scratch)
    let count = bytes.count
    var input = Input(bytes._mutatingExtracting(start..<count), scratch: scratch)
    while let event = core.nextEvent(&input, at: instant, output: &output) {
      switch event {
      case .message(let kind, let payload):
        if isHeard { place.dialogue.receive(kind, payload, at: now) }
      case .pong(let payload):
        if isHeard { place.dialogue.receivePong(payload, at: now) }
      case .fragment, .ping: break
      case .close(let code, let reason):
        stage = .closing
        lastWords = ServerClose.words(code, reason)
      case .failed(let failure):
        stage = .closing
        lastWords = "\(failure)"
        worker.connecting.failures.add(.protocolViolation, "\(failure)")
      }
    }
    worker.scratch = input.recoverScratch()
    if worker.scratch.capacity > 1 << 20 { worker.scratch = [] }
    if !output.isEmpty { write(output.span) }
    if core.shouldCloseTransport { close() }
  }

  /// Stops reading until what was read is what the rate permits.
  private func rest(after count: Int, at now: Int64) {
    guard let rate = worker.setting.plan.slowReaders?.octetsPerSecond else { return }
    nextReading = max(nextReading, now) + Int64(Double(count) * 1e9 / Double(rate))
    guard nextReading > now + 1_000_000 else { return }
    pauseReading()
    loop.schedule(at: worker.timer.clock.instant(at: nextReading)) { [weak self] in
      self?.resumeReading()
    }
  }

  override func receivedEndOfStream() {
    core.receiveEndOfStream()
    close()
  }

  override func writable() {
    if stage == .open { worker.sendMore(place, at: worker.timer.clock.now) }
  }

  override func deadlineReached() {
    guard stage == .open else {
      if stage == .opening { (isUnanswered, lastWords) = (true, CloseReason.unansweredWords) }
      return abort()
    }
    worker.wake(self)
  }

  override func closed(_ reason: CloseReason) {
    worker.connectionEnded(self, reason)
  }

  /// Adds the frames of a message or a ping to `frames`; gives how many octets of payload it has.
  func encode(_ message: DialogueMessage, to frames: inout [UInt8]) -> Int {
    // A connection that may not send any more is about to be reported as closed.
    switch message {
    case .message(let octets):
      try? core.send(worker.setting.plan.kind, octets.span, to: &frames)
      return octets.count
    case .typed(let kind, let octets):
      try? core.send(kind, octets.span, to: &frames)
      return octets.count
    case .ping(let octets):
      try? core.sendPing(octets.span, to: &frames)
      return octets.count
    }
  }

  /// Sends a message that does not count.
  func greet(_ octets: [UInt8]) {
    var frames: [UInt8] = []
    _ = encode(.message(octets), to: &frames)
    write(frames.span)
  }

  /// Starts the closing handshake, which must be over in a second.
  func sendClose() {
    guard stage == .open else { return }
    stage = .closing
    resumeReading()
    var output: [UInt8] = []
    try? core.close(.normalClosure, at: .now, to: &output)
    write(output.span)
    deadline = loop.now.advanced(by: .seconds(1))
  }
}
