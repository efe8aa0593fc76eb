import Reports
import Testing

@testable import LoadTesting

@Suite("The search for a capacity")
struct CapacitySearchTests {
  func bounds(start: Double = 100, limit: Double = 1e6) -> CapacitySearch.Bounds {
    CapacitySearch.Bounds(
      start: start, least: 1, limit: limit, precision: 0.02, confirmations: 3)
  }

  /// Searches to the end, and gives all loads that were played.
  func play(
    _ search: inout CapacitySearch, _ isCarried: (_ load: Double, _ number: Int) -> Bool
  ) -> [Double] {
    var loads: [Double] = []
    while let load = search.next {
      loads.append(load)
      search.note(load, isMet: isCarried(load, loads.count))
    }
    return loads
  }

  @Test(arguments: [3.0, 57, 100, 777.5, 5000, 123_456])
  func `a capacity is found within the precision`(capacity: Double) throws {
    var search = CapacitySearch(bounds())
    let loads = play(&search) { load, _ in load <= capacity }
    let (lower, upper) = (try #require(search.lower), try #require(search.upper))
    #expect(lower <= capacity && capacity < upper)
    #expect(upper - lower <= max(1, lower * 0.02))
    #expect(loads.count { $0 == lower } == 3 && loads.count { $0 == upper } == 3)
    #expect(loads.count < 30)
    #expect(search.low == lower && search.high == upper)
  }

  @Test func `whole numbers are found exactly where they are few`() {
    var search = CapacitySearch(bounds(start: 10))
    let loads = play(&search) { load, _ in load <= 23 }
    #expect(search.lower == 23 && search.upper == 24)
    #expect(loads.allSatisfy { $0 == $0.rounded() })
  }

  @Test func `one failure by chance does not move the edge`() throws {
    for unlucky in 1...15 {
      var search = CapacitySearch(bounds())
      _ = play(&search) { load, number in number != unlucky && load <= 5000 }
      let lower = try #require(search.lower)
      #expect(abs(lower - 5000) <= 5000 * 0.03, "play \(unlucky): \(lower)")
    }
  }

  @Test func `one success by chance does not move the edge`() throws {
    for lucky in 1...15 {
      var search = CapacitySearch(bounds())
      _ = play(&search) { load, number in number == lucky || load <= 5000 }
      let lower = try #require(search.lower)
      #expect(abs(lower - 5000) <= 5000 * 0.03, "play \(lucky): \(lower)")
    }
  }

  @Test func `the limit is not exceeded, and is confirmed`() {
    var search = CapacitySearch(bounds(limit: 450))
    let loads = play(&search) { _, _ in true }
    #expect(loads == [100, 200, 400, 450, 450, 450])
    #expect(search.lower == 450 && search.upper == nil)
  }

  @Test func `a server that carries nothing is asked for the least`() {
    var search = CapacitySearch(bounds())
    let loads = play(&search) { _, _ in false }
    #expect(loads.last == 1 && search.lower == nil)
  }

  @Test func `chance without end ends`() {
    var search = CapacitySearch(bounds())
    var generator = SeededGenerator(seed: 7)
    #expect(play(&search) { _, _ in Bool.random(using: &generator) }.count <= 80)
  }

  @Test func `the knee is where the curve bends most`() {
    let points: [(x: Double, y: Double)] = [(1, 1), (2, 1.1), (3, 1.2), (4, 1.5), (5, 9)]
    #expect(CapacityKnee.index(of: points) == 3)
    #expect(CapacityKnee.index(of: [(1, 1), (2, 2), (3, 3), (4, 4)]) == nil)
    #expect(CapacityKnee.index(of: [(1, 1), (2, 2)]) == nil)
    // Noise has a lowest point too, and its neighbours do not rise.
    #expect(CapacityKnee.index(of: [(1, 2), (2, 2.3), (3, 1.6), (4, 2.4), (5, 2.6)]) == nil)
    #expect(CapacityKnee.index(of: [(1, 2), (2, 1), (3, 3), (4, 1.2), (5, 4)]) == nil)
  }
}
