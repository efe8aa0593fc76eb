/// What a run is doing: it connects, warms up, measures, and drains.
public enum RunPhase: String, Sendable, CaseIterable {
  /// Connections are being opened; nothing is sent but handshakes.
  case connecting
  /// Messages flow, and are verified, but their times are not recorded.
  case warmUp = "warm-up"
  /// Messages flow and are recorded.
  case measuring
  /// Messages still flow, so that those measured end under load, but are not recorded.
  case coolDown = "cool-down"
  /// Nothing new is sent; replies still under way are awaited.
  case draining
  /// The run is over.
  case finished

  /// What reports call the phase.
  public var reportName: String {
    switch self {
    case .connecting: "connect"
    case .measuring: "measure"
    case .draining: "drain"
    case .warmUp, .coolDown, .finished: rawValue
    }
  }
}

/// When the phases that follow connecting begin and end, in nanoseconds since the start of sending.
struct PhasePlan: Equatable, Sendable {
  /// When measuring begins: the length of the warm-up.
  let measuringStart: Int64
  /// When measuring ends.
  let measuringEnd: Int64
  /// When cool-down ends, nothing is sent any more, and draining begins.
  let sendingEnd: Int64
  /// When replies still missing are given up.
  let drainEnd: Int64

  init(
    warmUp: Duration, measuring: Duration, coolDown: Duration = .zero, drain: Duration
  ) {
    measuringStart = warmUp.nanoseconds
    measuringEnd = measuringStart + measuring.nanoseconds
    sendingEnd = measuringEnd + coolDown.nanoseconds
    drainEnd = sendingEnd + drain.nanoseconds
  }

  private init(measuringStart: Int64, measuringEnd: Int64, sendingEnd: Int64, drainEnd: Int64) {
    self.measuringStart = measuringStart
    self.measuringEnd = measuringEnd
    self.sendingEnd = sendingEnd
    self.drainEnd = drainEnd
  }

  /// The phase at `time`.
  func phase(at time: Int64) -> RunPhase {
    switch time {
    case ..<0: .connecting
    case ..<measuringStart: .warmUp
    case ..<measuringEnd: .measuring
    case ..<sendingEnd: .coolDown
    case ..<drainEnd: .draining
    default: .finished
    }
  }

  /// Whether a message that was due at `time` belongs to the measuring phase.
  ///
  /// The planned time decides, not the reply's: a message whose reply comes in the drain still counts, so that a
  /// stall at the end cannot hide.
  func isMeasured(_ time: Int64) -> Bool {
    time >= measuringStart && time < measuringEnd
  }

  /// The end of the interval that holds `time`: a second, or less where a phase ends.
  func nextBoundary(after time: Int64) -> Int64 {
    let second: Int64 = 1_000_000_000
    let (start, end) =
      switch phase(at: time) {
      case .connecting: (Int64.min, Int64(0))
      case .warmUp: (Int64(0), measuringStart)
      case .measuring: (measuringStart, measuringEnd)
      case .coolDown: (measuringEnd, sendingEnd)
      case .draining: (sendingEnd, drainEnd)
      case .finished: (drainEnd, Int64.max)
      }
    guard start != .min else { return end }
    return min(end, start + ((time - start) / second + 1) * second)
  }

  /// The plan that stops sending at `time`, earlier than foreseen.
  func stopping(at time: Int64) -> PhasePlan {
    guard time < sendingEnd else { return self }
    return PhasePlan(
      measuringStart: min(measuringStart, time), measuringEnd: min(measuringEnd, time),
      sendingEnd: time, drainEnd: time + (drainEnd - sendingEnd))
  }
}

extension Duration {
  /// The whole nanoseconds of this duration; saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return product + attoseconds / 1_000_000_000
  }
}
