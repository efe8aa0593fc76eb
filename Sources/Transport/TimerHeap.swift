/// Names a timer that `EventLoop.schedule` has set, so that it can be cancelled.
public struct TimerToken: Hashable, Sendable {
  let index: UInt32
  let generation: UInt32
}

/// Timers by the exact time at which they are due; those of equal time in the order of setting.
///
/// A binary heap of indices into a slab: setting and cancelling are O(log n), looking at the next
/// one is O(1).
struct TimerHeap {
  private struct Entry {
    var time = LoopTime.never
    var sequence: UInt64 = 0
    var generation: UInt32 = 0
    /// Where in `heap` this entry is, or -1 if it is free.
    var position: Int32 = -1
    var work: (() -> Void)?
  }

  private var entries: ContiguousArray<Entry> = []
  private var free: ContiguousArray<UInt32> = []
  private var heap: ContiguousArray<UInt32> = []
  private var sequence: UInt64 = 0

  /// How many timers are set.
  var count: Int { heap.count }

  /// When the next timer is due.
  var nextTime: LoopTime? { heap.first.map { entries[Int($0)].time } }

  /// Sets a timer.
  mutating func add(at time: LoopTime, _ work: @escaping () -> Void) -> TimerToken {
    let index: UInt32
    if let reused = free.popLast() {
      index = reused
    } else {
      index = UInt32(entries.count)
      entries.append(Entry())
    }
    sequence &+= 1
    entries[Int(index)].time = time
    entries[Int(index)].sequence = sequence
    entries[Int(index)].work = work
    heap.append(index)
    siftUp(heap.count - 1)
    return TimerToken(index: index, generation: entries[Int(index)].generation)
  }

  /// Cancels a timer; `false` if it has fired or was cancelled before.
  mutating func cancel(_ token: TimerToken) -> Bool {
    let index = Int(token.index)
    guard index < entries.count, entries[index].generation == token.generation,
      entries[index].position >= 0
    else { return false }
    _ = take(at: Int(entries[index].position))
    return true
  }

  /// Takes out the work of the next timer if it is due at `time`.
  mutating func popDue(at time: LoopTime) -> (() -> Void)? {
    guard let first = heap.first, entries[Int(first)].time <= time else { return nil }
    return take(at: 0)
  }

  private mutating func take(at position: Int) -> (() -> Void)? {
    let index = Int(heap[position])
    let last = heap.removeLast()
    if position < heap.count {
      heap[position] = last
      entries[Int(last)].position = Int32(position)
      siftUp(position)
      siftDown(Int(entries[Int(last)].position))
    }
    let work = entries[index].work
    entries[index].work = nil
    entries[index].position = -1
    entries[index].generation &+= 1
    free.append(UInt32(index))
    return work
  }

  private func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
    let (one, other) = (entries[Int(left)], entries[Int(right)])
    return one.time != other.time ? one.time < other.time : one.sequence < other.sequence
  }

  private mutating func siftUp(_ start: Int) {
    var position = start
    let moving = heap[position]
    while position > 0 {
      let parent = (position - 1) / 2
      guard precedes(moving, heap[parent]) else { break }
      place(heap[parent], at: position)
      position = parent
    }
    place(moving, at: position)
  }

  private mutating func siftDown(_ start: Int) {
    var position = start
    let moving = heap[position]
    while true {
      var child = 2 * position + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
      guard precedes(heap[child], moving) else { break }
      place(heap[child], at: position)
      position = child
    }
    place(moving, at: position)
  }

  private mutating func place(_ index: UInt32, at position: Int) {
    heap[position] = index
    entries[Int(index)].position = Int32(position)
  }
}
