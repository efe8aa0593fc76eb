import Testing

@testable import Transport

@Suite("Timer heap")
struct TimerHeapTests {
  @Test func `timers come in order of time, then of setting`() {
    var heap = TimerHeap()
    var order: [Int] = []
    for (number, units) in [50, 10, 30, 10, 20, 50, 10].enumerated() {
      _ = heap.add(at: LoopTime(units: Int64(units))) { order.append(number) }
    }
    let early = heap.popDue(at: LoopTime(units: 9)) != nil
    #expect(!early)
    while let work = heap.popDue(at: LoopTime(units: 40)) { work() }
    #expect(order == [1, 3, 6, 4, 2])
    while let work = heap.popDue(at: .never) { work() }
    #expect(order == [1, 3, 6, 4, 2, 0, 5])
  }

  @Test func `a cancelled timer does not fire, and its token is not another's`() {
    var heap = TimerHeap()
    var fired: [Int] = []
    let token = heap.add(at: LoopTime(units: 1)) { fired.append(1) }
    expectCancel(&heap, token, true)
    expectCancel(&heap, token, false)
    let second = heap.add(at: LoopTime(units: 2)) { fired.append(2) }
    expectCancel(&heap, token, false)
    while let work = heap.popDue(at: .never) { work() }
    #expect(fired == [2])
    expectCancel(&heap, second, false)
  }

  @Test func `random setting and cancelling keeps the order`() {
    var heap = TimerHeap()
    var live: [TimerToken: Int64] = [:]
    for _ in 0..<20_000 {
      if Int.random(in: 0..<3) == 0, let victim = live.keys.first {
        expectCancel(&heap, victim, true)
        live[victim] = nil
      } else {
        let units = Int64.random(in: 0..<1_000_000)
        live[heap.add(at: LoopTime(units: units)) {}] = units
      }
    }
    #expect(heap.count == live.count)
    var previous = LoopTime(units: -1)
    var count = 0
    while let next = heap.nextTime {
      #expect(next >= previous)
      previous = next
      _ = heap.popDue(at: next)
      count += 1
    }
    #expect(count == live.count)
  }

  private func expectCancel(_ heap: inout TimerHeap, _ token: TimerToken, _ expected: Bool) {
    let cancelled = heap.cancel(token)
    #expect(cancelled == expected)
  }
}
