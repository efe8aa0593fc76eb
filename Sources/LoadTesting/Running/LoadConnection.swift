import Reports
import Transport
import WebSocketProtocol

/// One connection under load.
///
/// While the server echoes each message in one plain frame, replies are compared with the frame that they
/// should be as they lie in the loop's buffer, without a parser. Whatever else comes (another
/// frame, other content, a control frame) goes through the protocol core, which says what it is; when the
/// core is between two messages again, the comparison goes on.
final class LoadConnection: StreamSocket {
  enum Stage: UInt8 {
    /// Connecting, or waiting for the response to the opening handshake.
    case opening
    /// Messages flow.
    case open
    /// A Close has been sent or received.
    case closing
    /// At its end.
    case gone
  }

  let worker: LoopWorker
  var stage = Stage.opening
  /// Whether messages go out as masked frames of the pool and come back as frames to compare.
  var isPlain = true
  /// Whether its messages have been accounted for, so that what still comes is of no interest.
  var isSettled = false
  /// Whether messages are being sent right now.
  var isWriting = false
  /// Which place the connection has among those of its loop.
  var place = -1
  var flow: EchoFlow
  var core: Connection
  /// Only until the connection is open.
  var handshake: Opening?
  /// What the peer's Close or failure was, in words.
  var lastWords: String?
  /// Whether the server left the opening handshake without an answer for as long as may be.
  private(set) var isUnanswered = false

  /// What only an opening connection needs.
  final class Opening {
    var handshake: ClientHandshake
    var timings: ConnectTimings?

    init(_ handshake: ClientHandshake) {
      self.handshake = handshake
    }
  }

  init(worker: LoopWorker) {
    self.worker = worker
    flow = EchoFlow(capacity: worker.setting.depth)
    core = Connection(
      role: .client, configuration: worker.setting.configuration, maskingKeys: worker.maskingKeys)
    super.init(loop: worker.loop)
  }

  override func arrived(waiting nanoseconds: Int64) { worker.timer.arrived(waiting: nanoseconds) }

  override func connected(_ timings: ConnectTimings) {
    if worker.setting.plan.stampsArrivals { stampArrivals() }
    worker.sendRequest(on: self, timings)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    let worker = worker
    // Only TLS may call `writable()` in the middle of a write.
    if worker.isSecure { isWriting = true }
    let (taken, frames) = flow.answer(bytes.span, worker.target, &worker.bench)
    if !frames.isEmpty { write(frames: frames) }
    if worker.isSecure { isWriting = false }
    if taken < bytes.count {
      receiveOthers(&bytes, from: taken)
    } else if worker.sendsInParts {
      sendMore(at: worker.bench.clock.now)
    }
  }

  override func receivedEndOfStream() {
    core.receiveEndOfStream()
    close()
  }

  override func writable() {
    guard !isWriting, stage == .open else { return }
    sendMore(at: worker.bench.clock.now)
  }

  override func deadlineReached() {
    if stage == .opening { (isUnanswered, lastWords) = (true, CloseReason.unansweredWords) }
    abort()
  }

  override func closed(_ reason: CloseReason) {
    worker.connectionEnded(self, reason)
  }
}

// MARK: - Sending

extension LoadConnection {
  /// Sends what is due: in a closed loop, until `depth` messages are under way; in an open loop, what is due
  /// and not sent yet, as far as there is room.
  func sendMore(at now: Int64) {
    guard !isWriting, stage == .open, worker.bench.isSending else { return }
    isWriting = true
    defer { isWriting = false }
    var room = roomToSend
    while room > 0, pendingByteCount < EchoFlow.pendingLimit {
      if isPlain {
        let frames = flow.prepare(room, at: now, worker.target, &worker.bench)
        write(frames: frames)
        room -= min(room, worker.bench.pool.frameCount)
      } else {
        room -= sendCompressed(at: now)
      }
    }
  }

  /// Writes frames of the pool straight from where they lie.
  private func write(frames: Range<Int>) {
    // A reference of its own, so that the loop's state is not being accessed while the socket writes.
    let octets = worker.bench.pool.octets
    write(octets.span.extracting(frames))
  }

  /// How many messages may be sent now.
  private var roomToSend: Int {
    let inFlight = flow.ledger.inFlight
    guard worker.target.pacer != nil else { return worker.target.depth - inFlight }
    let due = worker.cursor.dueCount(atPlace: place)
    guard due > flow.ledger.nextToSend else { return 0 }
    let room = min(
      Int(due - flow.ledger.nextToSend), worker.setting.plan.maximumInFlight - inFlight)
    flow.sendTimes.reserve(inFlight + max(0, room), oldest: flow.ledger.expected)
    return room
  }

  /// Sends one message through the core, which compresses it.
  private func sendCompressed(at now: Int64) -> Int {
    let field = worker.setting.template.sequence
    var payload: [UInt8] = []
    let place = worker.setting.compressed.place(of: flow.ledger.nextToSend)
    swap(&payload, &worker.compressedPayloads[place])
    if field.digitCount > 0 {
      var span = payload.mutableSpan
      span.setWord(
        field.word(for: flow.ledger.nextToSend), count: field.digitCount, at: field.offset)
    }
    var wireByteCount = 0
    writeOutput { output in
      // A connection that may not send any more is about to be reported as closed.
      try? core.send(worker.setting.plan.kind, payload.span, to: &output)
      wireByteCount = output.count
    }
    worker.bench.counts.wireSent &+= UInt64(wireByteCount)
    swap(&payload, &worker.compressedPayloads[place])
    flow.noteSent(1, at: now, worker.target, &worker.bench)
    return 1
  }

  /// Starts the closing handshake.
  func sendClose() {
    guard stage == .open else { return }
    if flow.progress > 0 { handOver(at: worker.bench.clock.now) }
    guard stage == .open else { return }
    stage = .closing
    flow.isComparing = false
    writeOutput { try? core.close(.normalClosure, at: .now, to: &$0) }
  }

  /// Writes what `fill` puts into the loop's output buffer.
  func writeOutput(_ fill: (inout [UInt8]) -> Void) {
    var output: [UInt8] = []
    swap(&output, &worker.output)
    output.removeAll(keepingCapacity: true)
    fill(&output)
    if !output.isEmpty { write(output.span) }
    if output.capacity <= 1 << 20 { swap(&output, &worker.output) }
  }
}
