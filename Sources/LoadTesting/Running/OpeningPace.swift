/// Decides when a loop begins which of its connections: some are in the making at once, and the plan may say how
/// many are begun per second.
///
/// It reads no clock; times are nanoseconds since the worker was made.
struct OpeningPace: Equatable, Sendable {
  /// How many connections the loop opens.
  let count: Int
  /// How many of them have been begun.
  private(set) var begun = 0
  /// How many are in the making, those that are opened again among them.
  private(set) var underWay = 0
  /// Timers are as precise, in nanoseconds; whoever asks so little too early need not ask again.
  private static let precision: Int64 = 1000
  /// The time that was said last.
  private var awaited = Int64.min

  private let limit: Int
  /// Whether the last that ended had waited in vain.
  private var isLifted = false
  private let rate: Double?
  private let loop: Int
  private let loops: Int

  /// The pace of loop number `loop`.
  init(_ plan: LoadPlan, loop: Int) {
    count = plan.connectionCount(ofLoop: loop)
    limit = max(1, plan.connectConcurrency / plan.loops)
    rate = plan.connectRate
    self.loop = loop
    loops = plan.loops
  }

  /// Whether another connection may be begun.
  var hasRoom: Bool { isLifted || underWay < limit }

  /// Whether each connection has been established or has failed.
  var isOver: Bool { begun == count && underWay == 0 }

  /// Takes the connections that are to be begun now; `again` is when to ask for more, and nil where nothing is known
  /// that was not said before: one timer at a time is enough, however often connections ask.
  mutating func take(at now: Int64) -> (begin: Range<Int>, again: Int64?) {
    let first = begun
    let soon = now + Self.precision
    while begun < count, hasRoom {
      let due = dueTime(of: begun)
      guard due <= soon else {
        guard awaited <= soon else { break }
        awaited = due
        return (first..<begun, due)
      }
      begun += 1
      underWay += 1
    }
    return (first..<begun, nil)
  }

  /// Notes that a connection is opened again.
  mutating func beginAgain() { underWay += 1 }

  /// Notes that a connection has been established or has failed.
  ///
  /// Where a server takes no more, the others do not wait for each other until all have waited for it:
  /// after one that has timed out there is no limit, until one is established.
  mutating func end(hasTimedOut: Bool = false) {
    underWay -= 1
    isLifted = hasTimedOut
  }

  /// When a connection of this loop is to be begun; all loops together keep the rate.
  private func dueTime(of index: Int) -> Int64 {
    rate.map { Int64(min(Double(index * loops + loop) / $0 * 1e9, ConstantPacer.never)) } ?? .min
  }
}
