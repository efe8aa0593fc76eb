/// A hierarchical timing wheel over small integers: arming, moving and disarming are constant time.
///
/// Four levels of 256 buckets; a bucket of level *n* is 256ⁿ ticks wide. An index in a level above
/// zero comes out when its bucket begins, that is early; its owner then knows that its true time
/// has not come and adds it again, now nearer. So a deadline that keeps being put off costs
/// nothing until its old bucket comes up.
struct DeadlineWheel {
  /// Where an index hangs; `bucket` is `DeadlineWheel.none` if nowhere.
  private struct Link {
    var next = DeadlineWheel.none
    var previous = DeadlineWheel.none
    var bucket = DeadlineWheel.none
  }

  private static let none = UInt32.max
  private static let levelCount = 4
  /// The bucket of what is due and not handed out yet.
  private static let dueBucket = 1024

  private var links: ContiguousArray<Link> = []
  private var heads = ContiguousArray<UInt32>(repeating: none, count: dueBucket + 1)
  /// One bit for each bucket that is not empty.
  private var occupied = ContiguousArray<UInt64>(repeating: 0, count: 16)
  private var current: Int64 = 0
  /// How many indices are armed.
  private(set) var count = 0

  /// Whether `index` is armed.
  func contains(_ index: UInt32) -> Bool {
    Int(index) < links.count && links[Int(index)].bucket != Self.none
  }

  /// Arms `index`, which is not armed, for `tick`; a time that is past means the next tick.
  mutating func add(_ index: UInt32, at tick: Int64) {
    while links.count <= Int(index) { links.append(Link()) }
    let tick = max(tick, current &+ 1)
    var level = 0
    while level < Self.levelCount - 1,
      (tick >> (8 * Int64(level))) &- (current >> (8 * Int64(level))) > 255
    {
      level += 1
    }
    let shift = 8 * Int64(level)
    let slot = min(tick >> shift, (current >> shift) &+ 255)
    link(index, into: level * 256 + Int(slot & 255))
    count += 1
  }

  /// Disarms `index`; harmless if it is not armed.
  mutating func remove(_ index: UInt32) {
    guard contains(index) else { return }
    unlink(index)
    count -= 1
  }

  /// Turns the wheel to `tick`; what has come up is then handed out by `popDue()`.
  mutating func advance(to tick: Int64) {
    guard tick > current else { return }
    if count > 0 {
      for level in 0..<Self.levelCount {
        let from = current >> (8 * Int64(level))
        let to = tick >> (8 * Int64(level))
        guard to > from else { break }
        for slot in (from + 1)...min(to, from + 256) {
          expire(level * 256 + Int(slot & 255))
        }
      }
    }
    current = tick
  }

  /// Takes out one index whose bucket has come up.
  mutating func popDue() -> UInt32? {
    let index = heads[Self.dueBucket]
    guard index != Self.none else { return nil }
    unlink(index)
    count -= 1
    return index
  }

  /// The tick at which the next bucket comes up, or `nil` if nothing is armed.
  var nextTick: Int64? {
    guard count > 0 else { return nil }
    if heads[Self.dueBucket] != Self.none { return current }
    var best: Int64?
    for level in 0..<Self.levelCount {
      let position = current >> (8 * Int64(level))
      guard let distance = distanceToOccupied(level: level, after: Int(position & 255)) else {
        continue
      }
      let tick = (position + Int64(distance)) << (8 * Int64(level))
      best = min(best ?? tick, tick)
    }
    return best
  }

  /// How many buckets after `position` (1…256, cyclically) the next occupied one of `level` is.
  private func distanceToOccupied(level: Int, after position: Int) -> Int? {
    let start = (position + 1) & 255
    for step in 0...4 {
      let word = ((start >> 6) + step) & 3
      var bits = occupied[level * 4 + word]
      if step == 0 { bits &= ~0 << UInt64(start & 63) }
      if step == 4 { bits &= ~(~0 << UInt64(start & 63)) }
      if bits != 0 {
        return ((word * 64 + bits.trailingZeroBitCount - start) & 255) + 1
      }
    }
    return nil
  }

  private mutating func expire(_ bucket: Int) {
    guard occupied[bucket >> 6] & (1 << UInt64(bucket & 63)) != 0 else { return }
    while heads[bucket] != Self.none {
      let index = heads[bucket]
      unlink(index)
      link(index, into: Self.dueBucket)
    }
  }

  private mutating func link(_ index: UInt32, into bucket: Int) {
    let head = heads[bucket]
    links[Int(index)] = Link(next: head, bucket: UInt32(bucket))
    if head != Self.none { links[Int(head)].previous = index }
    heads[bucket] = index
    if bucket < Self.dueBucket { occupied[bucket >> 6] |= 1 << UInt64(bucket & 63) }
  }

  private mutating func unlink(_ index: UInt32) {
    let link = links[Int(index)]
    if link.next != Self.none { links[Int(link.next)].previous = link.previous }
    if link.previous != Self.none {
      links[Int(link.previous)].next = link.next
    } else {
      let bucket = Int(link.bucket)
      heads[bucket] = link.next
      if link.next == Self.none, bucket < Self.dueBucket {
        occupied[bucket >> 6] &= ~(1 << UInt64(bucket & 63))
      }
    }
    links[Int(index)] = Link()
  }
}
