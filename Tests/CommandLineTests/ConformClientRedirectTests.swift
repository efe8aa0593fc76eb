import Foundation
import Testing

@Suite("gauntlet conform client, with redirects", .serialized, .timeLimit(.minutes(5)))
struct ConformClientRedirectTests {
  private func run(_ client: String) async throws -> (Int32, Subprocess) {
    let program = try Subprocess.executable().path
    let process = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--cases", "4.1/redirect-*", "--exec",
      "'\(program)' \(client)",
    ])
    return (await process.exitCode(), process)
  }

  @Test func `who follows no redirect passes, and so does who takes no credentials`() async throws {
    let (code, process) = try await run("echo-client --ca {ca} {url}")
    #expect(code == 0, "\(process.errors)")
    #expect(process.output.contains("6 cases: 6 pass"), "\(process.output)")
    let (other, refusing) = try await run("wstest -m echoclient -w {url}")
    #expect(other == 0, "\(refusing.output)")
    #expect(refusing.output.contains("5 cases: 5 unsupported"), "\(refusing.output)")
    #expect(refusing.errors.contains("left out: 1 with certificates"))
  }

  @Test func `who takes credentials along, or leaves TLS, is found`() async throws {
    let fault = "echo-client --ca {ca} {url} --fault"
    let (code, process) = try await run("\(fault) credentials-follow-redirects")
    #expect(code == 1)
    #expect(process.output.contains("1 pass, 5 fail"), "\(process.output)")
    #expect(
      process.output.contains("where the redirect led the client, Authorization should not be"))
    let (other, leaving) = try await run("\(fault) redirects-leave-tls")
    #expect(other == 1)
    #expect(leaving.output.contains("5 pass, 1 fail"), "\(leaving.output)")
    #expect(leaving.output.contains("FAIL  4.1/redirect-out-of-tls"))
  }

  @Test func `a driver does without them`() async throws {
    let process = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--cases", "4.1/redirect-*", "--driver", "x",
    ])
    #expect(await process.exitCode() == 2)
    #expect(process.errors.contains("cases with certificates need --exec"))
  }
}
