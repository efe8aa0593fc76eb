import Conformance
import Reports

/// Whether the generator may have shaped the numbers of a run: its own means, held against what they
/// were asked for.
struct SelfCheck: Equatable {
  /// How long the measuring phase was, in nanoseconds.
  var measured: Int64 = 0
  /// Whether messages were sent when they were due, whatever the server did.
  var isOpenLoop = false
  /// What the thread of each loop used in it.
  var threads: [ThreadSample] = []
  /// Messages that were due in an open loop: sent, sent more than a millisecond late, and never sent.
  var sent: UInt64 = 0
  var sentLate: UInt64 = 0
  var unsent: UInt64 = 0
  /// The worst delay of a loop's own timers, in nanoseconds.
  var timerDelay: Int64 = 0
  /// How long replies waited to be read, and how long they took in all (p99, in nanoseconds); 0: not known.
  var waiting: Int64 = 0
  var latency: Int64 = 0

  /// Shares of time or messages from which on a run is suspect, and from which on it is invalid.
  private struct Bounds {
    var suspect: Double
    var invalid: Double

    func validity(of share: Double) -> GeneratorReport.Validity {
      share >= invalid ? .invalid : share >= suspect ? .suspect : .valid
    }
  }

  /// Without a processor for a twentieth of the time, latencies are off by a share of theirs; for a
  /// quarter, rates are the scheduler's.
  private static let waiting = Bounds(suspect: 0.05, invalid: 0.25)
  /// A closed loop that never rests may be what limits the rate.
  ///
  /// An open one wakes for each message as long as it can, and then sends several at once: whether it keeps
  /// up, lateness tells.
  private static let running = Bounds(suspect: 0.95, invalid: .infinity)
  /// Of the messages of an open loop: late ones are timed from when they were due; where most are late,
  /// these times are the generator's.
  private static let late = Bounds(suspect: 0.01, invalid: 0.50)
  /// Of the p99 of latency, what replies have waited for the generator to read them.
  private static let unread = Bounds(suspect: 0.25, invalid: .infinity)
  private static let missing = Bounds(suspect: 0, invalid: 0.01)

  /// The verdict, with a line for each reason.
  func judge(_ report: inout GeneratorReport) {
    if measured > 0, !threads.isEmpty {
      report.loopBusyShare = share(\.runningNanoseconds)
      report.loopWaitingShare = share(\.waitingNanoseconds)
    }
    note(
      Self.waiting, share(\.waitingNanoseconds), &report,
      "of the time a loop was ready to run and had no processor: other programs use the cores")
    if !isOpenLoop {
      note(
        Self.running, share(\.runningNanoseconds), &report,
        "of the time a loop was busy: the generator may be what limits the rate; "
          + "give it more with --loops")
    }
    let planned = Double(max(1, sent + unsent))
    note(
      Self.late, Double(sentLate) / planned, &report,
      "of the messages went out more than 1 ms after they were due; "
        + "their latency counts from when they were due")
    if unsent > 0 {
      note(
        Self.missing, Double(unsent) / planned, &report,
        "of the messages (\(unsent)) were due and never sent")
    }
    if waiting > 1_000_000 {
      note(
        Self.unread, Double(waiting) / Double(max(1, latency)), &report,
        "of the p99 of latency (\(waiting / 1_000_000) ms) replies waited for the generator to read them"
      )
    }
    if timerDelay > 100_000_000 {
      report.validity = max(report.validity, .suspect)
      report.remarks.append("a loop was late by up to \(timerDelay / 1_000_000) ms")
    }
  }

  /// The greatest share of the measured time that a thread spent so.
  private func share(_ time: KeyPath<ThreadSample, Int64>) -> Double {
    guard measured > 0 else { return 0 }
    return Double(threads.map { $0[keyPath: time] }.max() ?? 0) / Double(measured)
  }

  private func note(
    _ bounds: Bounds, _ share: Double, _ report: inout GeneratorReport, _ words: String
  ) {
    let validity = bounds.validity(of: share)
    guard validity != .valid else { return }
    report.validity = max(report.validity, validity)
    report.remarks.append("\((share * 1000).rounded() / 10) % \(words)")
  }
}
