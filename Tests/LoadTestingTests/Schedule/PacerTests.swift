import Testing

@testable import LoadTesting

@Suite("The plan of an open loop")
struct PacerTests {
  @Test(arguments: [0.5, 1, 3, 1000, 99_999.5, 1_000_000])
  func `what is due is exactly what was planned until then`(rate: Double) {
    let pacer = ConstantPacer(messagesPerSecond: rate)
    for number: UInt64 in [0, 1, 2, 17, 1000, 123_456_789] {
      let time = pacer.plannedTime(ofMessage: number)
      #expect(pacer.dueCount(at: time) == number + 1)
      #expect(pacer.dueCount(at: time - 1) == number)
    }
  }

  @Test(arguments: [1e-6, 1e-9, 1e-14])
  func `what is due after all times is never due`(rate: Double) {
    let pacer = ConstantPacer(messagesPerSecond: rate)
    #expect(pacer.dueCount(at: 0) == 1)
    #expect(pacer.plannedTime(ofMessage: 1_000_000) > 30 * 86_400 * 1_000_000_000)
    #expect(pacer.dueCount(at: 86_400 * 1_000_000_000) == 1)
  }

  @Test func `a rate is kept over time`() {
    let pacer = ConstantPacer(messagesPerSecond: 1000)
    #expect(pacer.plannedTime(ofMessage: 0) == 0)
    #expect(pacer.plannedTime(ofMessage: 1) == 1_000_000)
    #expect(pacer.plannedTime(ofMessage: 3_600_000) == 3_600_000_000_000)
    #expect(pacer.dueCount(at: -1) == 0)
    #expect(pacer.dueCount(at: 999_999_999) == 1000)
  }
}
