import Reports

/// What the conversations of one loop write down.
final class TrafficBook {
  /// Latencies of the readers at full speed.
  var recorder: LatencyRecorder
  /// Latencies of the slow readers, kept apart.
  var slowRecorder: LatencyRecorder
  /// Times between two messages of the server on one connection.
  var pauses = LatencyRecorder(recordsService: false)
  var counts = LoopCounts()
  var faults = EchoFaults()
  /// What went wrong and has no name of its own.
  var troubles = FailureTally()
  /// Messages that had nothing to do with what was sent.
  var unrelatedCount: UInt64 = 0
  /// Messages that said they were sent after they came.
  var futureCount: UInt64 = 0
  /// Messages that were due in this time are recorded, in nanoseconds since the start of sending.
  var window: Range<Int64> = 0..<0
  /// The epoch's time when sending started, in nanoseconds.
  var epoch: Int64 = 0
  /// How much later than agreed sending started, in nanoseconds: the parts of a fan-out count from the agreed start.
  var delay: Int64 = 0

  init(recordsService: Bool) {
    recorder = LatencyRecorder(recordsService: recordsService)
    slowRecorder = LatencyRecorder(recordsService: recordsService)
  }

  /// Times an answer.
  func record(_ sending: AnswerLedger.Sending, at now: Int64, isSlow: Bool) {
    guard window.contains(sending.planned) else { return }
    if isSlow {
      slowRecorder.record(latency: now - sending.planned)
      if recorder.recordsService { slowRecorder.record(service: now - sending.sent) }
    } else {
      recorder.record(latency: now - sending.planned)
      if recorder.recordsService { recorder.record(service: now - sending.sent) }
    }
  }

  /// Times a message for which there is no sending of ours.
  func record(latency: Int64, isSlow: Bool) {
    if isSlow {
      slowRecorder.record(latency: latency)
    } else {
      recorder.record(latency: latency)
    }
  }

  /// Counts a message that came.
  func noteReceived(_ byteCount: Int) {
    counts.received += 1
    counts.payloadReceived += UInt64(byteCount)
  }

  /// Counts a message that came as a fault: it had come before, and is no answer more.
  func noteDuplicate() {
    counts.received -= 1
    faults.duplicated += 1
  }
}
