import Testing

@testable import LoadTesting

@Suite("The shares of connections and loops in a plan")
struct SlotPlanTests {
  @Test(arguments: [[1], [3, 3], [5, 2], [0, 4], [1, 1, 1], [100, 99, 98]])
  func `every message belongs to exactly one connection`(counts: [Int]) {
    let plan = SlotPlan(connectionCounts: counts)
    #expect(plan.slotCount == counts.reduce(0, +))
    #expect(plan.slotsOfLoop.map(\.count) == counts)
    #expect(plan.slotsOfLoop.flatMap { $0 }.sorted() == Array(0..<plan.slotCount))
    var messages: [UInt64] = []
    for slots in plan.slotsOfLoop {
      var cursor = SlotCursor(slots: slots, slotCount: plan.slotCount)
      for _ in 0..<(slots.count * 4) {
        if let message = cursor.nextMessage { messages.append(message) }
        cursor.advance()
      }
    }
    #expect(messages.sorted() == (0..<UInt64(plan.slotCount * 4)).map { $0 })
  }

  @Test func `loops take turns`() {
    let plan = SlotPlan(connectionCounts: [3, 3])
    #expect(plan.slotsOfLoop == [[0, 2, 4], [1, 3, 5]])
  }

  @Test func `the messages of a loop come in the order of the plan`() {
    let plan = SlotPlan(connectionCounts: [4, 3])
    for slots in plan.slotsOfLoop {
      var cursor = SlotCursor(slots: slots, slotCount: plan.slotCount)
      var last: UInt64?
      for _ in 0..<30 {
        let message = cursor.nextMessage
        if let last, let message { #expect(message > last) }
        last = message
        cursor.advance()
      }
    }
  }

  @Test func `a connection owes what lies before the cursor`() {
    var cursor = SlotCursor(slots: [1, 4, 5], slotCount: 6)
    for _ in 0..<4 { cursor.advance() }
    #expect(cursor.nextMessage == 10)
    #expect((0..<3).map { cursor.dueCount(atPlace: $0) } == [2, 1, 1])
  }

  @Test func `a loop without connections has no message`() {
    let cursor = SlotCursor(slots: [], slotCount: 3)
    let pacer = SchedulePacer(
      LoadSchedule(rate: 1), measuringStart: 0, measuringEnd: 1, seed: 1)
    #expect(cursor.nextMessage == nil && cursor.nextTime(pacer) == nil)
  }

  @Test func `what is due is taken by places, a turn's worth at most`() {
    let pacer = SchedulePacer(
      LoadSchedule(rate: 1e9), measuringStart: 0, measuringEnd: 1_000_000_000, seed: 1)
    var cursor = SlotCursor(slots: [0, 1, 2], slotCount: 3)
    #expect(Array(cursor.takeDue(by: 1, pacer)) == [0, 1])
    #expect(Array(cursor.takeDue(by: 3, pacer)) == [2, 0])
    #expect(Array(cursor.takeDue(by: 3, pacer)) == [])
    #expect(Array(cursor.takeDue(by: 1_000_000, pacer)) == [1, 2, 0])
    #expect(cursor.nextMessage == UInt64(4 + SlotCursor.turnLimit))
    #expect(cursor.nextTime(pacer) == Int64(4 + SlotCursor.turnLimit))
  }

  @Test func `skipping comes to where stepping does`() {
    for slots in [[0], [0, 2, 5], [1, 3, 4], [5]] {
      var stepped = SlotCursor(slots: slots, slotCount: 6)
      for total in 0..<40 as Range<UInt64> {
        while let next = stepped.nextMessage, next < total { stepped.advance() }
        var skipped = SlotCursor(slots: slots, slotCount: 6)
        skipped.skip(to: total)
        #expect(skipped.nextMessage == stepped.nextMessage)
        // A run that ends earlier than planned may have sent beyond its end.
        skipped.skip(to: total / 2)
        #expect(skipped.nextMessage == stepped.nextMessage)
      }
    }
  }
}
