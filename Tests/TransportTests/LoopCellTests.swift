import Testing

@testable import Transport

@Suite("A value for long accesses on a loop")
struct LoopCellTests {
  /// Counts itself out of a list when it goes.
  private struct Guest: ~Copyable {
    let log: Log
    var count = 0

    deinit { log.ends += 1 }
  }

  private final class Log {
    var ends = 0
  }

  private func read(_ guest: borrowing Guest, _ body: (borrowing Guest) -> Void) { body(guest) }

  @Test func `a change stays, and the value ends with its cell`() {
    let log = Log()
    do {
      let cell = LoopCell(Guest(log: log))
      cell.value.count += 2
      cell.value.count += 1
      #expect(cell.value.count == 3)
      #expect(log.ends == 0)
    }
    #expect(log.ends == 1)
  }

  @Test func `who reads may read again, and change when all have read`() {
    let cell = LoopCell(Guest(log: Log()))
    cell.value.count = 1
    read(cell.value) { outer in
      read(cell.value) { #expect($0.count + outer.count == 2) }
    }
    cell.value.count = 5
    #expect(cell.value.count == 5)
  }

  @Test func `a change within a change traps`() async {
    await #expect(processExitsWith: .failure) {
      let cell = LoopCell(1)
      func change(_ number: inout Int, _ body: () -> Void) { body() }
      change(&cell.value) { cell.value = 2 }
    }
  }

  @Test func `a look within a change traps`() async {
    await #expect(processExitsWith: .failure) {
      let cell = LoopCell(1)
      func change(_ number: inout Int, _ body: () -> Void) { body() }
      change(&cell.value) { _ = cell.value }
    }
  }

  @Test func `a change within a look traps`() async {
    await #expect(processExitsWith: .failure) {
      let cell = LoopCell(Guest(log: Log()))
      func read(_ guest: borrowing Guest, _ body: () -> Void) { body() }
      read(cell.value) { cell.value.count = 2 }
    }
  }
}
