import ArgumentParser
import LoadTesting
import Testing
import WebSocketProtocol

@testable import gauntlet

@Suite("The flags of gauntlet load")
struct LoadOptionsTests {
  func plan(_ arguments: String...) throws -> LoadPlan {
    try LoadCommand.parse(["ws://127.0.0.1:9001"] + arguments).plan()
  }

  /// The message for wrong use; nil if the arguments are accepted.
  func problem(_ arguments: String...) -> String? {
    do {
      _ = try LoadCommand.parse(["ws://127.0.0.1:9001"] + arguments)
      return nil
    } catch {
      return LoadCommand.message(for: error)
    }
  }

  @Test func `without flags it is a closed loop of depth one`() throws {
    let plan = try plan()
    #expect(plan == LoadPlan(url: "ws://127.0.0.1:9001"))
    #expect(plan.workload == .closedLoop(depth: 1))
  }

  @Test func `flags become a plan`() throws {
    let plan = try plan(
      "--connections", "20", "--rate", "1000.5", "--warmup", "500ms", "--duration", "2m", "--size",
      "16K", "--payload", "json", "--loops", "2", "--busy-poll", "1ms", "--no-verify", "--insecure",
      "--header",
      "Authorization: Bearer x:y", "--subprotocol", "chat", "--deflate",
      "--server-max-window-bits", "10", "--connect-rate", "50", "--pid", "7", "--seed", "3")
    #expect(plan.connections == 20)
    #expect(plan.workload == .openLoop(messagesPerSecond: 1000.5))
    #expect(plan.warmUp == .milliseconds(500))
    #expect(plan.duration == .seconds(120))
    #expect(plan.payload == .generated(.json, byteCount: 16_384))
    #expect(plan.kind == .text)
    #expect(plan.loops == 2)
    #expect(plan.busyPolling == .milliseconds(1))
    #expect(!plan.verifies && !plan.verifiesCertificate)
    #expect(plan.fields == [LoadPlan.Field(name: "Authorization", value: "Bearer x:y")])
    #expect(plan.subprotocols == ["chat"])
    #expect(plan.compression?.serverMaxWindowBits == 10)
    #expect(plan.connectRate == 50)
    #expect(plan.observedProcess == 7)
    #expect(plan.seed == 3)
  }

  @Test(arguments: [["--idle"], ["--rate", "0"]])
  func `an idle run sends nothing`(arguments: [String]) throws {
    let command = try LoadCommand.parse(["ws://127.0.0.1:9001"] + arguments)
    #expect(try command.plan().workload == .idle)
  }

  @Test func `what makes no sense is refused with what to do`() {
    #expect(problem("--depth", "2", "--rate", "5")?.contains("exclude each other") == true)
    #expect(problem("--connections", "0")?.contains("between 1 and 1000000") == true)
    #expect(problem("--rate=-1")?.contains("rate") == true)
    #expect(problem("--duration", "soon") != nil)
    #expect(problem("--header", "none")?.contains("NAME: VALUE") == true)
    #expect(problem("--client-max-window-bits", "9")?.contains("--deflate") == true)
    #expect(problem("--deflate", "--client-max-window-bits", "7")?.contains("8 and 15") == true)
    #expect(problem("--payload-file", "x", "--size", "5")?.contains("leave them out") == true)
    #expect(problem("--payload-file", "/nonexistent/file")?.contains("cannot be read") == true)
    #expect(problem("--insecure", "--ca-file", "x")?.contains("--ca-file") == true)
  }
}
