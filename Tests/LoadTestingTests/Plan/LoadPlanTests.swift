import Testing
import WebSocketProtocol

@testable import LoadTesting

@Suite("Plans that make sense")
struct LoadPlanTests {
  func error(_ change: (inout LoadPlan) -> Void) -> String? {
    var plan = LoadPlan(url: "ws://127.0.0.1:9001")
    change(&plan)
    do {
      try plan.validate()
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `the default plan makes sense`() {
    #expect(error { _ in } == nil)
  }

  @Test func `a value out of range is named`() {
    #expect(error { $0.connections = 0 } == "connections: 0 is not between 1 and 1000000")
    #expect(
      error { $0.loops = 11 } == "loops (no more than connections): 11 is not between 1 and 10")
    #expect(error { $0.workload = .closedLoop(depth: 0) } == "depth: 0 is not between 1 and 65536")
    #expect(
      error { $0.workload = .openLoop(messagesPerSecond: -1) }?.hasPrefix("rate: -1.0") == true)
    #expect(error { $0.workload = .openLoop(messagesPerSecond: .nan) } != nil)
    #expect(error { $0.duration = .zero }?.hasPrefix("duration: 0.0 seconds is not") == true)
    #expect(error { $0.warmUp = .seconds(-1) } != nil)
    #expect(error { $0.payload = .generated(.zero, byteCount: -1) } != nil)
    #expect(error { $0.connectRate = 0 } != nil)
  }

  @Test func `window bits are those of RFC 7692`() {
    for bits in [7, 16] {
      var compression = LoadPlan.Compression()
      compression.serverMaxWindowBits = bits
      #expect(error { $0.compression = compression } != nil)
    }
  }

  @Test func `text must be UTF-8`() {
    let change: (inout LoadPlan) -> Void = {
      $0.kind = .text
      $0.payload = .octets([0xff])
    }
    #expect(error(change) == "the payload is not UTF-8, which text messages must be")
  }

  @Test func `connections are dealt to the loops evenly`() {
    var plan = LoadPlan(url: "ws://127.0.0.1:9001")
    plan.connections = 7
    plan.loops = 3
    #expect((0..<3).map(plan.connectionCount(ofLoop:)) == [3, 2, 2])
  }
}
