import Testing

@testable import Reports

@Suite("Tables for terminals")
struct TextTableTests {
  @Test func `columns are aligned, and lines end with their text`() {
    let rows = [["", "base", ""], ["rate", "51,234/s", "WORSE"], ["p99.9", "1 ms", ""]]
    #expect(
      TextTable.lines(rows, leftColumns: [0, 2]) == [
        "           base", "rate   51,234/s  WORSE", "p99.9      1 ms",
      ])
    #expect(TextTable.lines([], leftColumns: []) == [])
  }
}
