import Reports
import Transport
import WebSocketProtocol

/// Replies: compared where they lie, counted, timed.
extension LoadConnection {
  /// Takes what is not, or not only, expected replies.
  func receiveOthers(_ bytes: inout MutableSpan<UInt8>, from start: Int) {
    var taken = start
    if stage == .opening {
      taken += worker.receiveResponse(bytes.span.extracting(taken..<bytes.count), on: self)
      guard stage == .open, taken < bytes.count else { return }
    }
    guard stage == .open || stage == .closing else { return }
    let now = worker.bench.clock.now
    if !isPlain { worker.bench.counts.wireReceived &+= UInt64(bytes.count - taken) }
    while taken < bytes.count {
      if flow.isComparing {
        taken = flow.take(bytes.span, from: taken, at: now, worker.target, &worker.bench)
        if taken == bytes.count { break }
        handOver(at: now)
      }
      var rest = bytes._mutatingExtracting(taken..<bytes.count)
      taken += takeEvents(&rest, at: now)
    }
    sendMore(at: now)
  }

  /// Gives the core what has matched of a frame that then turned out to be another.
  func handOver(at now: Int64) {
    flow.isComparing = false
    guard flow.progress > 0 else { return }
    let expected = worker.target.expected
    var prefix = expected.prefix(flow.progress, word: expected.word(for: flow.ledger.expected))
    flow.progress = 0
    var span = prefix.mutableSpan
    _ = takeEvents(&span, at: now)
  }

  /// Lets the core say what came, up to the end of a message after which frames may be compared
  /// again; returns how many octets it took.
  private func takeEvents(_ bytes: inout MutableSpan<UInt8>, at now: Int64) -> Int {
    let instant = worker.bench.clock.instant(at: now)
    let count = bytes.count
    var output: [UInt8] = []
    var scratch: [UInt8] = []
    swap(&output, &worker.output)
    swap(&scratch, &worker.scratch)
    output.removeAll(keepingCapacity: true)
    var input = Input(bytes._mutatingExtracting(0..<count), scratch: scratch)
    while let event = core.nextEvent(&input, at: instant, output: &output) {
      switch event {
      case .message(let kind, let payload):
        receive(kind, payload, at: now)
      case .fragment, .ping, .pong:
        break
      case .close(let code, let reason):
        stage = .closing
        lastWords = ServerClose.words(code, reason)
      case .failed(let failure):
        stage = .closing
        lastWords = "\(failure)"
        worker.connecting.failures.add(.protocolViolation, "\(failure)")
      }
      if mayCompare, core.isIdle {
        flow.isComparing = true
        break
      }
    }
    let taken = count - input.remainingByteCount
    worker.scratch = input.recoverScratch()
    if worker.scratch.capacity > 1 << 20 { worker.scratch = [] }
    if !output.isEmpty { write(output.span) }
    swap(&output, &worker.output)
    if core.shouldCloseTransport { close() }
    return taken
  }

  /// Whether frames may be compared without the core, once it is between two messages.
  private var mayCompare: Bool { isPlain && !isSettled && stage == .open }

  /// Takes a reply that the core has assembled.
  private func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    guard !isSettled else { return }
    worker.bench.counts.received &+= 1
    let template = worker.setting.template
    guard worker.setting.plan.verifies, template.isNumbered else {
      return receiveUnnumbered(
        isIntact: !worker.setting.plan.verifies
          || kind == worker.setting.plan.kind && template.matches(payload), at: now)
    }
    guard let sequence = template.number(in: payload, near: flow.ledger.expected) else {
      // It is not readable which message this was; in a FIFO it was the oldest under way.
      worker.faults.corrupted += 1
      if flow.ledger.inFlight > 0 { flow.ledger.receiveExpected() }
      return
    }
    let sent = isPlain ? template : worker.setting.compressed[sequence]
    account(
      for: sequence, isIntact: kind == worker.setting.plan.kind && sent.matches(payload), at: now)
  }

  /// Takes a reply that cannot or need not be told from others.
  private func receiveUnnumbered(isIntact: Bool, at now: Int64) {
    guard flow.ledger.inFlight > 0 else {
      noteDuplicate()
      return
    }
    if isIntact {
      flow.note(flow.ledger.expected, at: now, worker.target, &worker.bench)
    } else {
      worker.faults.corrupted += 1
    }
    flow.ledger.receiveExpected()
  }

  /// Counts a reply that came as a fault: it had come before, and is no answer more.
  private func noteDuplicate() {
    worker.bench.counts.received &-= 1
    worker.faults.duplicated += 1
  }

  private func account(for sequence: UInt64, isIntact: Bool, at now: Int64) {
    let reply = flow.ledger.receive(sequence)
    switch reply {
    case .inOrder where isIntact, .reordered where isIntact, .late where isIntact:
      if reply == .reordered { worker.faults.reordered += 1 }
      if reply == .late { worker.faults.late += 1 }
      flow.note(sequence, at: now, worker.target, &worker.bench)
    case .duplicate:
      noteDuplicate()
    case .inOrder, .reordered, .late, .unknown:
      worker.faults.corrupted += 1
    }
  }

  /// Counts messages as lost that were sent before `limit` and have no reply.
  func giveUp(sentBefore limit: Int64, at now: Int64) {
    var sequence = flow.ledger.expected
    while sequence < flow.ledger.nextToSend, flow.sendTimes[sequence] < limit { sequence += 1 }
    guard sequence > flow.ledger.expected else { return }
    if flow.progress > 0 { handOver(at: now) }
    flow.ledger.giveUp(before: sequence)
    sendMore(at: now)
  }

  /// Counts what is still missing as lost, once.
  func settle() {
    guard place >= 0, !isSettled else { return }
    worker.faults.lost += flow.ledger.missingCount + UInt64(flow.ledger.inFlight)
    isSettled = true
    flow.isComparing = false
  }
}
