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
    #expect(
      error { $0.workload = .openLoop(messagesPerSecond: 1e-300) }
        == "rate: 1e-300 per second is not between 0.000000001 and 1000000000")
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

@Suite("What compressed messages carry")
struct CompressedTemplateTests {
  @Test(arguments: [PayloadContent.json, .text, .random], [1, 20, 700, 5000, 200_000])
  func `messages differ, by more than a window holds`(
    _ content: PayloadContent, _ byteCount: Int
  ) {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.payload = .generated(content, byteCount: byteCount)
    plan.kind = .text
    plan.compression = LoadPlan.Compression()
    let templates = plan.compressedTemplates
    #expect(templates[0] == plan.template)
    #expect(templates.allSatisfy { $0.octets.count == byteCount })
    #expect(Set(templates.map(\.sequence.offset)).count == 1)
    guard byteCount >= 700 else { return }
    #expect(Set(templates.map(\.octets)).count == templates.count)
    #expect(templates.count * byteCount > 96 << 10)
    // Not the same octets at another place, either.
    let middle = templates[1].octets[(byteCount / 2)...].prefix(100)
    let other = templates[0].octets
    #expect(!(0..<(byteCount - 100)).contains { other[$0..<($0 + 100)].elementsEqual(middle) })
  }

  @Test func `a file is sent as it is`() {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.payload = .octets(Array("{{sequence}} of a file".utf8))
    plan.compression = LoadPlan.Compression()
    #expect(plan.compressedTemplates == [plan.template])
  }
}
