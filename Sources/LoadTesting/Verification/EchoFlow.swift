import WebSocketProtocol

/// What the flows of a loop's connections have in common and never changes.
struct EchoTarget {
  /// The frame that every reply should be.
  let expected: ExpectedFrame
  /// Whether replies are compared.
  let verifies: Bool
  /// When messages are due, in an open loop.
  let pacer: SchedulePacer?
  /// Messages under way per connection, in a closed loop.
  let depth: Int
  /// Whether each frame gets a masking key of its own.
  let usesFreshMasks: Bool
}

/// What a loop sends, and what it writes down about replies.
///
/// A value, so that one read's replies are taken with one access to the loop's state and one to the
/// connection's, not several for each message.
struct EchoBench {
  var recorder: LatencyRecorder
  /// The frames to send.
  var pool: FramePool
  /// Where fresh masking keys come from.
  let keys: MaskingKeySource
  /// Whether new messages may be sent.
  var isSending = false
  /// Zero is the start of sending.
  var clock = RunClock(origin: .now)
  var counts = LoopCounts()
  /// Messages planned from here on are recorded, in nanoseconds since the start of sending.
  var recordFrom = Int64.max
  /// Messages planned from here on are not recorded any more.
  var recordUntil = Int64.max
  /// Up to which planned time an open loop has gone through its plan before: what was due by then and goes out
  /// later was held up by its connection, in nanoseconds since the start of sending.
  var passed = Int64.min
  /// How many connections the plan of an open loop deals messages to.
  var slotCount: UInt64 = 1
}

/// The messages of one connection: what is under way, since when, and how much of the next reply has come.
struct EchoFlow: Sendable {
  var ledger = EchoLedger()
  var sendTimes: SendTimes
  /// Whether what comes is compared with the expected reply, and not given to the protocol core.
  var isComparing = false
  /// How many octets of the expected frame have come and matched.
  var progress = 0
  /// Which messages of an open loop's plan are the connection's.
  var slot: UInt64 = 0

  init(capacity: Int) {
    sendTimes = SendTimes(capacity: capacity)
  }

  /// Takes one read: one look at the clock, all its replies, and the messages that they make room for.
  ///
  /// Nearly every read of a closed loop comes to just this. Gives how many octets it took, and where in the pool the
  /// frames lie that are to be written now; in an open loop what is due is sent elsewhere.
  mutating func answer(
    _ bytes: Span<UInt8>, _ target: EchoTarget, _ bench: inout EchoBench
  ) -> (taken: Int, frames: Range<Int>) {
    guard isComparing else { return (0, 0..<0) }
    let now = bench.clock.now
    let taken = take(bytes, from: 0, at: now, target, &bench)
    guard taken == bytes.count, bench.isSending, target.pacer == nil else { return (taken, 0..<0) }
    return (taken, prepare(target.depth &- ledger.inFlight, at: now, target, &bench))
  }

  /// Compares octets with the replies that they should be, from `start` on; returns where it found something
  /// else, or the end.
  mutating func take(
    _ bytes: Span<UInt8>, from start: Int, at now: Int64, _ target: EchoTarget,
    _ bench: inout EchoBench
  ) -> Int {
    let length = target.expected.length
    var position = start
    var run = LatencyRun()
    while position < bytes.count, ledger.inFlight > 0 {
      let word = target.expected.word(for: ledger.expected)
      let available = bytes.count &- position
      if progress == 0, available >= length {
        let matches =
          target.verifies
          ? target.expected.matchesWhole(bytes, at: position, word: word)
          : target.expected.matchesHeader(bytes, at: position)
        guard matches else { break }
        position &+= length
      } else {
        let count = min(length &- progress, available)
        guard
          target.expected.matchesPart(
            bytes, at: position, position: progress, count: count, word: word,
            headerOnly: !target.verifies)
        else { break }
        progress &+= count
        position &+= count
        guard progress == length else { break }
        progress = 0
      }
      note(ledger.expected, at: now, target, &bench, &run)
      ledger.receiveExpected()
      bench.counts.received &+= 1
    }
    run.end(&bench.recorder)
    return position
  }

  /// Prepares up to `count` messages, as many as the pool has frames, and counts them as sent; gives where
  /// their frames lie, to be written in one piece.
  ///
  /// Nothing is written here: what accesses the loop's state and the connection's calls nobody whom the
  /// compiler does not know, which saves a check at run time for each access.
  mutating func prepare(
    _ count: Int, at now: Int64, _ target: EchoTarget, _ bench: inout EchoBench
  ) -> Range<Int> {
    guard count > 0 else { return 0..<0 }
    let part = min(count, bench.pool.frameCount)
    if target.usesFreshMasks {
      let keys = bench.keys
      bench.pool.rekeyNext(part) { keys.next().rawValue.littleEndian }
    }
    let range = bench.pool.prepare(count: part, firstSequence: ledger.nextToSend)
    noteSent(part, at: now, target, &bench)
    return range
  }

  /// What may wait for the kernel before nothing more is sent: what is due then waits here.
  static let pendingLimit = 256 << 10

  /// Times the reply to message `sequence` that did not come by ``take(_:from:at:_:_:)``.
  func note(_ sequence: UInt64, at now: Int64, _ target: EchoTarget, _ bench: inout EchoBench) {
    // In a connection that reorders, the time may have been written over.
    guard ledger.nextToSend &- sequence <= UInt64(sendTimes.capacity) else { return }
    var run = LatencyRun()
    note(sequence, at: now, target, &bench, &run)
    run.end(&bench.recorder)
  }

  @inline(__always)
  private func note(
    _ sequence: UInt64, at now: Int64, _ target: EchoTarget, _ bench: inout EchoBench,
    _ run: inout LatencyRun
  ) {
    let sent = sendTimes[sequence]
    guard target.pacer != nil else {
      if sent >= bench.recordFrom, sent < bench.recordUntil {
        run.add(now &- sent, &bench.recorder)
      }
      return
    }
    let planned = plannedTime(of: sequence, target, bench)
    guard planned >= bench.recordFrom, planned < bench.recordUntil else { return }
    run.add(now &- planned, &bench.recorder)
    bench.recorder.record(service: now &- sent)
  }

  /// When the message was due, in an open loop.
  private func plannedTime(
    of sequence: UInt64, _ target: EchoTarget, _ bench: EchoBench
  ) -> Int64 {
    target.pacer?.plannedTime(ofMessage: sequence &* bench.slotCount &+ slot) ?? 0
  }

  /// Writes down that `count` messages have been sent now.
  mutating func noteSent(
    _ count: Int, at now: Int64, _ target: EchoTarget, _ bench: inout EchoBench
  ) {
    let first = ledger.send(count)
    for sequence in first..<(first &+ UInt64(count)) {
      sendTimes[sequence] = now
      guard target.pacer != nil else { continue }
      let planned = plannedTime(of: sequence, target, bench)
      if now &- planned > 1_000_000 { bench.counts.noteLate(isHeld: planned <= bench.passed) }
    }
    bench.counts.sent &+= UInt64(count)
  }
}

/// Equal latencies in a row, which are recorded at once: replies that come in one read often have been
/// sent in one write.
struct LatencyRun {
  private var latency: Int64 = 0
  private var count = 0

  mutating func add(_ latency: Int64, _ recorder: inout LatencyRecorder) {
    if latency == self.latency {
      count &+= 1
      return
    }
    end(&recorder)
    self.latency = latency
    count = 1
  }

  mutating func end(_ recorder: inout LatencyRecorder) {
    if count > 0 { recorder.record(latency: latency, count: count) }
    count = 0
  }
}
