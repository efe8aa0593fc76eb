import LoadTesting
import Testing

@testable import gauntlet

@Suite("The progress of gauntlet load")
struct LoadDisplayTests {
  @Test func `times have three digits`() {
    let times: [Int64] = [0, 999, 1500, 87_540, 123_456, 5_000_000, 1_234_000_000]
    #expect(
      times.map(LoadDisplay.time)
        == ["0.0 ns", "999 ns", "1.5 µs", "87.5 µs", "123 µs", "5.0 ms", "1.23 s"])
  }
}
