import Reports

/// Whether answers keep up with what is planned.
extension LoadResults {
  /// By which share of the planned rate the backlog of messages without an answer grew, in that half of measuring
  /// in which it grew less; nil where that is not known.
  ///
  /// What grows in one half only is a stall, or the time that all answers take. Lost answers are errors, and none of
  /// the backlog.
  var backlogGrowth: Double? {
    guard let rate = scenario.plannedMessagesPerSecond, rate > 0 else { return nil }
    let measured = series.filter { sample in
      let middle = sample.offsetNanoseconds + sample.durationNanoseconds / 2
      return phases.contains { phase in
        phase.isMeasured && middle >= phase.startNanoseconds
          && middle < phase.startNanoseconds + phase.durationNanoseconds
      }
    }
    guard measured.count > 1 else { return nil }
    let sent = series.reduce(0) { $0 + $1.messagesSent }
    let lost = errors.filter { $0.kind == .lost }.reduce(0) { $0 + $1.count }
    let answerable = sent > 0 ? 1 - min(1, Double(lost) / Double(sent)) : 1
    func growth(_ samples: ArraySlice<LoadSample>) -> Double {
      let seconds = Double(samples.reduce(0) { $0 + $1.durationNanoseconds }) / 1e9
      let received = Double(samples.reduce(0) { $0 + $1.messagesReceived })
      return seconds > 0 ? answerable - received / (seconds * rate) : 0
    }
    let middle = measured.count / 2
    return min(growth(measured[..<middle]), growth(measured[middle...]))
  }
}

extension LoadTraffic {
  /// Whether each message has one answer.
  var isAnswered: Bool {
    switch self {
    case .echo, .ping, .exchange: true
    case .push, .fanOut, .cases: false
    }
  }
}
