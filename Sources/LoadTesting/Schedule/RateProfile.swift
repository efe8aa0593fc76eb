/// How many messages of a schedule are due until when, were they spread evenly: its rate, summed up.
///
/// A position counts messages and has fractions; it lies in one of a few segments, in each of which the rate
/// changes evenly, so that position and time are functions of each other with a closed form.
struct RateProfile: Sendable, Equatable {
  private struct Segment: Sendable, Equatable {
    /// In nanoseconds since the start of sending.
    var start: Double
    var duration: Double
    /// How many messages are due before it.
    var firstPosition: Double
    /// Messages per nanosecond at its beginning.
    var rate: Double
    /// By how much the rate grows in a nanosecond.
    var slope: Double

    var endRate: Double { slope == 0 ? rate : rate + slope * duration }
  }

  private let segments: [Segment]

  /// The profile of a schedule in a run that measures from one time to another.
  init(_ schedule: LoadSchedule, measuringStart: Int64, measuringEnd: Int64) {
    var segments: [Segment] = []
    var start = 0.0
    var position = 0.0
    func append(_ from: Double, _ to: Double, _ duration: Double) {
      guard duration > 0 else { return }
      let slope = duration.isFinite ? (to - from) / 1e9 / duration : 0
      let segment = Segment(
        start: start, duration: duration, firstPosition: position, rate: from / 1e9, slope: slope)
      segments.append(segment)
      start += duration
      // In this order, so that whole numbers stay whole.
      position += duration.isFinite ? (from + to) * duration / 2e9 : 0
    }
    let first = schedule.stretches.first?.startRate ?? 0
    let last = schedule.stretches.last?.endRate ?? 0
    append(first, first, Double(measuringStart))
    for stretch in schedule.stretches {
      let length = stretch.duration.map { Double($0.nanoseconds) } ?? Double(measuringEnd) - start
      append(stretch.startRate, stretch.endRate, length)
    }
    append(last, last, .infinity)
    self.segments = segments
  }

  /// When a position is reached, in nanoseconds since the start of sending; the end of time if never.
  func time(of position: Double) -> Int64 {
    var index = segments.count - 1
    // A position at which a segment without messages begins belongs to what comes before it.
    while index > 0, segments[index].firstPosition > position { index -= 1 }
    while index < segments.count, segments[index].endRate <= 0, segments[index].rate <= 0 {
      index += 1
    }
    guard index < segments.count else { return .max }
    let segment = segments[index]
    let count = max(0, position - segment.firstPosition)
    guard count > 0 else { return Int64(segment.start) }
    // The root of rate × t + slope × t² / 2 = count that loses no digits.
    let square = max(0, segment.rate * segment.rate + 2 * segment.slope * count)
    let offset = 2 * count / (segment.rate + square.squareRoot())
    let time = segment.start + min(offset, segment.duration)
    return time < 9e18 ? Int64(time) : .max
  }

  /// The position at a time.
  func position(at time: Int64) -> Double {
    guard time > 0,
      let segment = segments.last(where: { $0.start <= Double(time) })
    else { return 0 }
    let elapsed = Double(time) - segment.start
    return segment.firstPosition + (segment.rate + segment.slope * elapsed / 2) * elapsed
  }
}
