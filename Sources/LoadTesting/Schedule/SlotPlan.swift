/// Deals the messages of an open-loop plan to connections: message `n` belongs to slot
/// `n mod slotCount`, and each open connection of each loop has one slot.
///
/// The slots of the loops are interleaved, so that the loops take turns however few messages are due.
struct SlotPlan: Equatable, Sendable {
  /// How many slots there are in all: one for each open connection.
  let slotCount: Int
  /// For each loop, the slots of its connections, ascending.
  let slotsOfLoop: [[Int]]

  /// Deals slots to loops that hold `connectionCounts` connections each.
  init(connectionCounts: [Int]) {
    slotCount = connectionCounts.reduce(0, +)
    let loopCount = connectionCounts.count
    var places: [(position: Double, loop: Int)] = []
    places.reserveCapacity(slotCount)
    for (loop, count) in connectionCounts.enumerated() {
      let offset = (Double(loop) + 0.5) / Double(loopCount)
      for index in 0..<count {
        places.append(((Double(index) + offset) / Double(count), loop))
      }
    }
    places.sort { ($0.position, $0.loop) < ($1.position, $1.loop) }
    var slots = [[Int]](repeating: [], count: loopCount)
    for (slot, place) in places.enumerated() {
      slots[place.loop].append(slot)
    }
    slotsOfLoop = slots
  }
}

/// Walks the messages of one loop's slots in the order in which they are due.
struct SlotCursor: Sendable {
  /// The slots of this loop, ascending.
  let slots: [Int]
  /// How many slots the whole plan has.
  let slotCount: Int
  /// The round of the next message: each round has one message for each slot.
  private(set) var round: UInt64 = 0
  /// The place in `slots` of the next message.
  private(set) var place = 0

  init(slots: [Int], slotCount: Int) {
    self.slots = slots
    self.slotCount = slotCount
  }

  /// The number, in the whole plan, of the message that comes next; nil without any slot.
  var nextMessage: UInt64? {
    slots.isEmpty ? nil : round * UInt64(slotCount) + UInt64(slots[place])
  }

  /// When the next message is due, by the plan; nil without any slot.
  func nextTime(_ pacer: SchedulePacer) -> Int64? {
    nextMessage.map { pacer.plannedTime(ofMessage: $0) }
  }

  /// Goes on to the next message.
  mutating func advance() {
    place += 1
    if place == slots.count {
      place = 0
      round += 1
    }
  }

  /// A turn of the loop sends no more, so that replies and the phases get theirs however much is due.
  static let turnLimit = 4096

  /// Goes past what is due by `limit`, ``turnLimit`` messages at most; gives the places from the first message's
  /// on that have one, each once.
  mutating func takeDue(by limit: Int64, _ pacer: SchedulePacer) -> DuePlaces {
    var due = DuePlaces(first: place, count: 0, placeCount: slots.count)
    while due.count < Self.turnLimit, let message = nextMessage,
      pacer.plannedTime(ofMessage: message) <= limit
    {
      advance()
      due.count += 1
    }
    due.count = min(due.count, slots.count)
    return due
  }

  /// Goes past all messages whose number is below `total`; never back, as what has been sent was due.
  mutating func skip(to total: UInt64) {
    guard let nextMessage, nextMessage < total else { return }
    let (rounds, rest) = total.quotientAndRemainder(dividingBy: UInt64(slotCount))
    let next = slots.firstIndex { UInt64($0) >= rest }
    (round, place) = next.map { (rounds, $0) } ?? (rounds + 1, 0)
  }

  /// How many messages of the connection at `place` lie before the cursor.
  func dueCount(atPlace place: Int) -> UInt64 {
    place < self.place ? round + 1 : round
  }
}

/// Places that have a message due: some in a row, over the end and on from the beginning.
struct DuePlaces: Sequence, IteratorProtocol {
  fileprivate let first: Int
  fileprivate var count: Int
  private let placeCount: Int
  private var step = 0

  fileprivate init(first: Int, count: Int, placeCount: Int) {
    (self.first, self.count, self.placeCount) = (first, count, placeCount)
  }

  mutating func next() -> Int? {
    guard step < count else { return nil }
    defer { step += 1 }
    let place = first + step
    return place < placeCount ? place : place - placeCount
  }
}
