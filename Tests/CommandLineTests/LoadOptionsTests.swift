import ArgumentParser
import LoadTesting
import Testing
import WebSocketProtocol

@testable import gauntlet

@Suite("The flags of gauntlet load")
struct LoadOptionsTests {
  @Test func `without flags it is a closed loop of depth one`() throws {
    let plan = try loadPlan()
    #expect(plan == LoadPlan(url: "ws://127.0.0.1:9001"))
    #expect(plan.workload == .closedLoop(depth: 1))
  }

  @Test func `flags become a plan`() throws {
    let plan = try loadPlan(
      "--connections", "20", "--rate", "1000.5", "--warmup", "500ms", "--duration", "2m", "--size",
      "16K", "--payload", "json", "--loops", "2", "--busy-poll", "1ms", "--real-time",
      "--no-verify",
      "--header", "Authorization: Bearer x:y", "--subprotocol", "chat", "--deflate",
      "--server-max-window-bits", "10", "--connect-rate", "50", "--pid", "7", "--seed", "3")
    #expect(plan.connections == 20)
    #expect(plan.workload == .openLoop(messagesPerSecond: 1000.5))
    #expect(plan.warmUp == .milliseconds(500))
    #expect(plan.duration == .seconds(120))
    #expect(plan.payload == .generated(.json, byteCount: 16_384))
    #expect(plan.kind == .text)
    #expect(plan.loops == 2)
    #expect(plan.busyPolling == .milliseconds(1) && plan.isRealTime)
    #expect(!plan.verifies && plan.verifiesCertificate)
    #expect(plan.fields == [LoadPlan.Field(name: "Authorization", value: "Bearer x:y")])
    #expect(plan.subprotocols == ["chat"])
    #expect(plan.compression?.serverMaxWindowBits == 10)
    #expect(plan.connectRate == 50)
    #expect(plan.observedProcess == 7)
    #expect(plan.seed == 3)
  }

  @Test func `what is shown over TLS is in the plan`() throws {
    let flags = ["wss://127.0.0.1:9001", "--insecure", "--cert", "me.pem", "--key", "me.key"]
    let plan = try LoadCommand.parse(flags).plan()
    #expect(!plan.verifiesCertificate)
    #expect(plan.certificateFile == "me.pem" && plan.privateKeyFile == "me.key")
  }

  @Test(arguments: [["--idle"], ["--rate", "0"]])
  func `an idle run sends nothing`(arguments: [String]) throws {
    #expect(try loadPlan(arguments).workload == .idle)
  }

  @Test func `what makes no sense is refused with what to do`() {
    #expect(loadProblem("--depth", "2", "--rate", "5")?.contains("exclude each other") == true)
    #expect(loadProblem("--connections", "0")?.contains("between 1 and 1000000") == true)
    #expect(loadProblem("--rate", "-1")?.contains("'-1' is invalid") == true)
    #expect(loadProblem("--connections", "-5")?.contains("between 1 and 1000000") == true)
    #expect(loadProblem("--duration", "-5s")?.contains("'-5s' is invalid") == true)
    #expect(loadProblem("--rate=-1")?.contains("rate") == true)
    #expect(loadProblem("--duration", "soon") != nil)
    #expect(loadProblem("--header", "none")?.contains("NAME: VALUE") == true)
    #expect(loadProblem("--client-max-window-bits", "9")?.contains("--deflate") == true)
    #expect(loadProblem("--deflate", "--client-max-window-bits", "7")?.contains("8 and 15") == true)
    #expect(loadProblem("--payload-file", "x", "--size", "5")?.contains("leave them out") == true)
    #expect(loadProblem("--payload-file", "/nonexistent/file")?.contains("cannot be read") == true)
    #expect(loadProblem("--insecure", "--ca-file", "x")?.contains("--ca-file") == true)
    #expect(loadProblem("--header", "A B: c")?.contains("no space in NAME") == true)
    #expect(loadProblem("--header", "Upgrade: c")?.contains("the handshake's own") == true)
    #expect(loadProblem("--subprotocol", "a b")?.contains("cannot be called") == true)
    #expect(loadProblem("--ready-timeout", "5s")?.contains("--exec") == true)
    #expect(loadProblem("--exec", "x {port}")?.contains("the URL has not") == true)
    #expect(loadProblem("--scenario", "x")?.contains("leave out URL") == true)
  }
}
