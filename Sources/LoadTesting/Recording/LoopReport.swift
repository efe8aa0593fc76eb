import Conformance
import Reports
import Transport

/// What one loop did in one interval of a run.
struct IntervalReport: Sendable {
  /// When the interval began, in nanoseconds since the start of sending.
  var start: Int64
  /// When it ended.
  var end: Int64
  /// The phase that it belongs to.
  var phase: RunPhase
  /// Latencies of the replies that came in it.
  var latency: NanosecondHistogram
  /// What was counted in it.
  var counts: LoopCounts
  /// Connections that were open at its end.
  var openConnections: Int
  /// What the thread of each loop used in it, where the kernel tells.
  var threads: [ThreadSample] = []
  /// What our process and the server's used in it, as one of the loops saw it.
  var processors: ProcessorUse?
  /// What lay in the queues of the connections at its end, where that was looked at.
  var queues: SocketQueues?
}

/// What a loop counts, and what an interval has of it.
struct LoopCounts: Equatable, Sendable {
  /// Messages handed to the transport.
  var sent: UInt64 = 0
  /// Of ``sent``, those of an open loop that went out more than a millisecond after they were due because
  /// we were late.
  var sentLate: UInt64 = 0
  /// Of ``sent``, those that were as late because their connection took no more, as its peer did not read or
  /// reply, or was away.
  var sentHeld: UInt64 = 0
  /// Replies of whatever quality, but for those that had come before.
  var received: UInt64 = 0
  /// Faults of any kind, failed connections included.
  var errors: UInt64 = 0
  /// Octets of payload in ``sent``.
  var payloadSent: UInt64 = 0
  /// Octets of payload in ``received``.
  var payloadReceived: UInt64 = 0
  /// Octets that connections which compress put on the wire.
  var wireSent: UInt64 = 0
  /// Octets that came from the wire on connections which compress.
  var wireReceived: UInt64 = 0

  /// Counts a message that went out late, because we were or because its connection held it up.
  mutating func noteLate(isHeld: Bool) {
    if isHeld { sentHeld &+= 1 } else { sentLate &+= 1 }
  }

  static func += (left: inout LoopCounts, right: LoopCounts) {
    left.sent += right.sent
    left.sentLate += right.sentLate
    left.sentHeld += right.sentHeld
    left.received += right.received
    left.errors += right.errors
    left.payloadSent += right.payloadSent
    left.payloadReceived += right.payloadReceived
    left.wireSent += right.wireSent
    left.wireReceived += right.wireReceived
  }

  static func - (left: LoopCounts, right: LoopCounts) -> LoopCounts {
    LoopCounts(
      sent: left.sent - right.sent, sentLate: left.sentLate - right.sentLate,
      sentHeld: left.sentHeld - right.sentHeld, received: left.received - right.received,
      errors: left.errors - right.errors,
      payloadSent: left.payloadSent - right.payloadSent,
      payloadReceived: left.payloadReceived - right.payloadReceived,
      wireSent: left.wireSent - right.wireSent,
      wireReceived: left.wireReceived - right.wireReceived)
  }
}

/// What one loop found out in the whole run.
struct LoopReport: Sendable {
  /// Latencies and service times of the measuring phase.
  var recorder: LatencyRecorder
  /// What was counted in the measuring phase.
  var measured = LoopCounts()
  /// What was wrong with replies, over the whole run.
  var faults = EchoFaults()
  /// Messages that an open loop had planned and never sent.
  var unsent: UInt64 = 0
  /// Of ``unsent``, those of connections that had ended, which the generator is not to blame for.
  var unsentAfterEnd: UInt64 = 0
  /// Of ``unsent``, those of connections that took no more, which it is not to blame for either.
  var unsentHeld: UInt64 = 0
  /// The worst delay of the loop's own timers, in nanoseconds.
  var timerDelay: Int64 = 0
  /// What the loop's thread used in the measuring phase, where the kernel tells.
  var thread: ThreadSample?
  /// How long what came in the measuring phase had waited to be read, where the kernel stamps it.
  var waits = NanosecondHistogram()
  /// What came of the cases of a replay.
  var replay: ReplayReport?
  /// What was found out beyond the echo; nil for a plain echo.
  var traffic: TrafficReport?

  /// Adds what another loop found out; what a thread used stays that of one.
  static func += (left: inout LoopReport, right: LoopReport) {
    left.recorder.add(right.recorder)
    left.measured += right.measured
    left.faults += right.faults
    left.unsent += right.unsent
    left.unsentAfterEnd += right.unsentAfterEnd
    left.unsentHeld += right.unsentHeld
    left.timerDelay = max(left.timerDelay, right.timerDelay)
    left.waits.add(right.waits)
    if let cases = right.replay { left.replay = left.replay.map { $0 + cases } ?? cases }
    guard let found = right.traffic else { return }
    if left.traffic == nil { left.traffic = found } else { left.traffic? += found }
  }
}

/// How connections came to be, and why they did not; of one loop or of all.
struct ConnectReport: Sendable {
  /// Connections begun.
  var attempted = 0
  /// Connections whose opening handshake was completed.
  var established = 0
  /// Of ``established``, those that took the place of another.
  var reopened = 0
  /// The histograms of set-up times, in nanoseconds.
  var tcp = NanosecondHistogram()
  /// The time for TLS.
  var tls = NanosecondHistogram()
  /// The time for the opening handshake.
  var upgrade = NanosecondHistogram()
  /// The time for all of it.
  var total = NanosecondHistogram()
  /// What went wrong with connections, over the whole run.
  var failures = FailureTally()
  /// The `Server` field of the first response.
  var serverHeader: String?
  /// What was agreed on, from the first connection.
  var agreements: [Fact] = []

  /// Records how long a connection took to be made; nothing where that is not known.
  ///
  /// - Parameters:
  ///   - timings: When TCP and TLS were up.
  ///   - handshake: How long the opening handshake took; nil: it ends now.
  mutating func record(_ timings: ConnectTimings?, handshake: Duration? = nil) {
    guard let timings else { return }
    let begin = timings.resolved ?? timings.started
    tcp.record((timings.tcpConnected - begin).nanoseconds)
    if let established = timings.tlsEstablished {
      tls.record((established - timings.tcpConnected).nanoseconds)
    }
    let secured = timings.tlsEstablished ?? timings.tcpConnected
    let end = handshake.map { secured + $0 } ?? .now
    upgrade.record((end - secured).nanoseconds)
    total.record((end - timings.started).nanoseconds)
  }

  static func += (left: inout ConnectReport, right: ConnectReport) {
    left.attempted += right.attempted
    left.established += right.established
    left.reopened += right.reopened
    left.tcp.add(right.tcp)
    left.tls.add(right.tls)
    left.upgrade.add(right.upgrade)
    left.total.add(right.total)
    left.failures += right.failures
    left.serverHeader = left.serverHeader ?? right.serverHeader
    if left.agreements.isEmpty { left.agreements = right.agreements }
  }
}

/// Counts failures by kind, and keeps the words of the first of each.
struct FailureTally: Sendable, Equatable {
  private(set) var counts: [ErrorCount] = []

  /// Counts one failure.
  mutating func add(_ kind: ErrorCount.Kind, _ example: @autoclosure () -> String) {
    if let index = counts.firstIndex(where: { $0.kind == kind }) {
      counts[index].count += 1
    } else {
      counts.append(ErrorCount(kind, count: 1, example: example()))
    }
  }

  /// All failures together.
  var total: Int { counts.reduce(0) { $0 + $1.count } }

  static func += (left: inout FailureTally, right: FailureTally) {
    for other in right.counts {
      if let index = left.counts.firstIndex(where: { $0.kind == other.kind }) {
        left.counts[index].count += other.count
      } else {
        left.counts.append(other)
      }
    }
  }
}
