/// When each message under way was sent, by sequence number.
struct SendTimes: Sendable {
  /// The only time, where there is room for one: kept here, in the connection's own memory.
  private var single: Int64 = 0
  private var times: [Int64] = []
  private var mask: UInt64

  /// Room for `capacity` messages under way at first, rounded up to a power of two.
  init(capacity: Int) {
    var count = 1
    while count < capacity { count *= 2 }
    if count > 1 { times = [Int64](repeating: 0, count: count) }
    mask = UInt64(count - 1)
  }

  /// How many messages can be under way without growing.
  var capacity: Int { Int(mask) + 1 }

  /// The time of message `sequence`, which must be one of the last ``capacity``.
  subscript(sequence: UInt64) -> Int64 {
    get { mask == 0 ? single : times[Int(truncatingIfNeeded: sequence & mask)] }
    set {
      if mask == 0 {
        single = newValue
      } else {
        times[Int(truncatingIfNeeded: sequence & mask)] = newValue
      }
    }
  }

  /// Makes room for `count` messages under way, the oldest of which is `oldest`.
  mutating func reserve(_ count: Int, oldest: UInt64) {
    guard count > capacity else { return }
    var larger = SendTimes(capacity: count)
    for offset in 0..<UInt64(capacity) {
      larger[oldest &+ offset] = self[oldest &+ offset]
    }
    self = larger
  }
}
