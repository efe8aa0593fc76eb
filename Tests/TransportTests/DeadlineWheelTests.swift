import Testing

@testable import Transport

@Suite("Deadline wheel")
struct DeadlineWheelTests {
  /// Turns the wheel as the loop does, adding again what comes out early.
  private func fire(_ deadlines: [Int64], steps: [Int64]) -> [Int: Int64] {
    var wheel = DeadlineWheel()
    for (index, tick) in deadlines.enumerated() { wheel.add(UInt32(index), at: tick) }
    var fired: [Int: Int64] = [:]
    for now in steps {
      wheel.advance(to: now)
      while let index = wheel.popDue() {
        if deadlines[Int(index)] <= now {
          fired[Int(index)] = now
        } else {
          wheel.add(index, at: deadlines[Int(index)])
        }
      }
    }
    return fired
  }

  @Test func `every deadline comes out at its tick`() {
    let deadlines: [Int64] = [1, 2, 255, 256, 257, 511, 512, 513, 5000, 65_535, 65_536, 65_601]
    let fired = fire(deadlines, steps: Array(1...6000) + Array(65_500...65_700))
    for (index, tick) in deadlines.enumerated() { #expect(fired[index] == tick) }
  }

  @Test func `nothing is lost over long sleeps`() {
    var generator = SystemRandomNumberGenerator()
    let deadlines = (0..<500).map { _ in Int64.random(in: 1...40_000_000, using: &generator) }
    var steps: [Int64] = []
    var now: Int64 = 0
    while now < 50_000_000 {
      now += Int64.random(in: 1...300_000, using: &generator)
      steps.append(now)
    }
    let fired = fire(deadlines, steps: steps)
    #expect(fired.count == deadlines.count)
    for (index, tick) in deadlines.enumerated() {
      let expected = steps.first { $0 >= tick }
      #expect(fired[index] == expected)
    }
  }

  @Test func `sleeping until the next tick finds every deadline in time`() {
    let deadlines: [Int64] = [3, 700, 700, 66_000, 20_000_000, 6_000_000_000]
    var wheel = DeadlineWheel()
    for (index, tick) in deadlines.enumerated() { wheel.add(UInt32(index), at: tick) }
    var fired: [Int64] = []
    var wakeUps = 0
    while let next = wheel.nextTick {
      wakeUps += 1
      wheel.advance(to: next)
      while let index = wheel.popDue() {
        if deadlines[Int(index)] <= next {
          fired.append(next)
        } else {
          wheel.add(index, at: deadlines[Int(index)])
        }
      }
    }
    #expect(fired == deadlines)
    #expect(wakeUps < 30)
  }

  @Test func `removing takes out exactly one`() {
    var wheel = DeadlineWheel()
    for index: UInt32 in 0..<10 { wheel.add(index, at: 5) }
    for index: UInt32 in stride(from: 0, to: 10, by: 2) { wheel.remove(index) }
    wheel.remove(0)
    wheel.advance(to: 5)
    var rest: Set<UInt32> = []
    // One is removed when it has come up but is not handed out yet.
    wheel.remove(9)
    while let index = wheel.popDue() { rest.insert(index) }
    #expect(rest == [1, 3, 5, 7])
    #expect(wheel.count == 0)
    #expect(wheel.nextTick == nil)
  }
}
