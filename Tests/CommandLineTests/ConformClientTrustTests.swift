import Foundation
import Testing

@Suite("gauntlet conform client, with certificates", .serialized, .timeLimit(.minutes(5)))
struct ConformClientTrustTests {
  func run(_ arguments: [String], client: String = "") async throws -> (Int32, Subprocess) {
    let program = try Subprocess.executable().path
    var words = ["conform", "client", "--listen", "127.0.0.1:0", "--cases", "4.1/certificate-*"]
    if !client.isEmpty { words += ["--exec", "'\(program)' echo-client \(client)"] }
    let process = try Subprocess(words + arguments)
    return (await process.exitCode(), process)
  }

  @Test func `a client that verifies passes, and one that does not fails`() async throws {
    try await withFolder { folder in
      let (good, first) = try await run(["--out", folder], client: "--ca {ca} {url}")
      #expect(good == 0, "\(first.output)\(first.errors)")
      #expect(first.output.contains("10 cases: 10 pass"))
      let pem = try String(contentsOfFile: "\(folder)/output/test-authority.pem", encoding: .utf8)
      #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----"))
      #expect(!pem.contains("PRIVATE"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/output/good-certificate.log"))
      let (bad, second) = try await run(["--out", folder], client: "--insecure {url} # {ca}")
      #expect(bad == 1)
      #expect(second.output.contains("10 cases: 1 pass, 9 fail"))
      #expect(second.output.contains("the client took the server's certificate, and sent its"))
    }
  }

  @Test func `a client that takes no certificate at all has proven nothing`() async throws {
    try await withFolder { folder in
      // It trusts the system's authorities only.
      let (code, process) = try await run(["--out", folder], client: "{url} # {ca}")
      #expect(code == 3)
      #expect(process.output.contains("10 cases: 10 error"), "\(process.output)")
      #expect(process.output.contains("the client does not take a good certificate either"))
      let run = try String(contentsOfFile: "\(folder)/run.json", encoding: .utf8)
      #expect(run.contains("certificate verify failed") || run.contains("self-signed"))
    }
  }

  @Test func `without an authority to tell, they are left out, and said to be`() async throws {
    let (alone, nothing) = try await run([], client: "{url}")
    #expect(alone == 2)
    #expect(nothing.errors.contains("cases with certificates need --exec with {ca}"))
    let (beside, rest) = try await run(["--cases", "4.1/request-host"], client: "{url}")
    #expect(beside == 0)
    #expect(rest.output.contains("1 case: 1 pass"), "\(rest.output)\(rest.errors)")
    #expect(rest.errors.contains("left out: 10 with certificates, which need --exec with {ca}"))
  }

  @Test func `the authority signs for the ordinary listener too`() async throws {
    let (code, process) = try await run(
      ["--listen", "wss://127.0.0.1:0", "--tls-test-authority", "--cases", "4.1/request-host"],
      client: "--ca \"$GAUNTLET_CA\" {url}")
    #expect(code == 0, "\(process.output)\(process.errors)")
    #expect(process.output.contains("11 cases: 11 pass"))
    let serve = try Subprocess(["serve", "--tls-test-authority"])
    #expect(await serve.exitCode() == 2)
    #expect(serve.errors.contains("--tls-test-authority is for conform client"))
  }
}
