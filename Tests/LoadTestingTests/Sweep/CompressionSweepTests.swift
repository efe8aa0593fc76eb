import Testing
import WebSocketProtocol

@testable import LoadTesting

@Suite("A sweep over compression")
struct CompressionSweepTests {
  private var sweep: CompressionSweep {
    var base = LoadPlan(url: "ws://127.0.0.1:1/")
    base.payload = .generated(.json, byteCount: 200)
    return CompressionSweep(base)
  }

  @Test func `each payload is played plain, and with each window and takeover`() {
    var sweep = sweep
    sweep.contents = [.json, .random]
    sweep.windowBits = [9, 15]
    #expect(
      sweep.variants.map(\.name) == [
        "json, plain", "json, window 9, takeover", "json, window 9, no takeover",
        "json, window 15, takeover", "json, window 15, no takeover", "random, plain",
        "random, window 9, takeover", "random, window 9, no takeover",
        "random, window 15, takeover", "random, window 15, no takeover",
      ])
    let plans = sweep.variants.map(\.plan)
    #expect(
      plans.map(\.kind) == Array(repeating: .text, count: 5) + Array(repeating: .binary, count: 5))
    #expect(plans[0].compression == nil)
    #expect(plans[1].compression?.clientMaxWindowBits == 9)
    #expect(plans[1].compression?.serverNoContextTakeover == false)
    #expect(plans[2].compression?.clientNoContextTakeover == true)
    #expect(plans.allSatisfy { $0.payloadByteCount == 200 })
  }

  @Test func `what makes no sense is said`() {
    var wide = sweep
    wide.windowBits = [8]
    #expect(throws: LoadPlanError.self) { try wide.validate() }
    var silent = sweep
    silent.base.workload = .idle
    #expect(throws: LoadPlanError.self) { try silent.validate() }
    var empty = sweep
    empty.contents = []
    #expect(throws: LoadPlanError.self) { try empty.validate() }
  }
}
