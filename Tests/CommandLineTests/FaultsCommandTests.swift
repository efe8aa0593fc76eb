import FaultyTwins
import Foundation
import Testing
import WebSocketProtocol

@Suite("Faults on the command line", .timeLimit(.minutes(5)))
struct FaultsCommandTests {
  private func run(_ arguments: [String]) async throws -> (code: Int32, process: Subprocess) {
    let process = try Subprocess(arguments)
    return (await process.exitCode(), process)
  }

  @Test(arguments: [["serve"], ["echo-client"], ["faults"]])
  func `faults are listed with clause, area, side and a sentence`(verb: [String]) async throws {
    let (code, process) = try await run(verb + ["--list-faults"])
    #expect(code == 0)
    let expected =
      switch verb {
      case ["serve"]: Fault.all(of: .server)
      case ["echo-client"]: Fault.all(of: .client)
      default: Fault.all
      }
    let lines = process.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { String($0[0]) } == expected.map(\.name))
    #expect(lines.allSatisfy { $0.count == 5 && $0[1].hasPrefix("RFC ") && $0[4].hasSuffix(".") })
  }

  @Test(arguments: [
    (["serve", "--fault", "nonsense"], "--fault nonsense: there is no such fault"),
    (["serve", "--fault", "does-not-mask"], "--fault does-not-mask: only a client can have it"),
    (["echo-client", "--fault", "nonsense", "ws://127.0.0.1:1/"], "there is no such fault"),
    (["echo-client", "--fault", "masks", "ws://127.0.0.1:1/"], "only a server can have it"),
    (["echo-client"], "name the server's URL"),
    (["echo-client", "http://127.0.0.1:1/"], "http://127.0.0.1:1/"),
    (["echo-client", "--jobs", "0", "ws://127.0.0.1:1/"], "--jobs 0"),
    (["faults", "--fault", "nonsense"], "--fault nonsense: there is no such fault"),
    (["faults", "--jobs", "0"], "--jobs 0: use 1 to 64"),
    (["faults", "--side", "proxy"], "proxy"),
    (["faults", "--cases", "nothing/*"], "no case matches 'nothing/*'"),
    (["conform", "server", "--message-limit", "1G", "ws://127.0.0.1:1/"], "use 1K to 60M"),
    (
      ["conform", "server", "--cases", "10.4/beyond*", "ws://127.0.0.1:1/"],
      "tell it with --message-limit"
    ),
  ])
  func `wrong use is said in one line, with exit code 2`(
    arguments: [String], mention: String
  ) async throws {
    let (code, process) = try await run(arguments)
    #expect(code == 2)
    #expect(process.errors.contains(mention), "\(process.errors)")
  }

  @Test func `a client that cannot connect, or is refused, ends with 3`() async throws {
    let (code, process) = try await run(["echo-client", "ws://127.0.0.1:1/"])
    #expect(code == 3)
    #expect(process.errors.contains("127.0.0.1:1"))
    try await withFolder { folder in
      let file = "\(folder)/ready"
      let server = try Subprocess([
        "serve", "--fault", "no-accept", "--ready-file", file, "--port", "0",
      ])
      let url = try await server.content(of: file).trimmingCharacters(in: .newlines)
      let (code, client) = try await run(["echo-client", url])
      #expect(code == 3)
      #expect(client.errors.contains("the opening handshake failed"))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test func `a twin serves with its one fault, and the suite finds it`() async throws {
    try await withFolder { folder in
      let file = "\(folder)/ready"
      let server = try Subprocess([
        "serve", "--listen", "ws://127.0.0.1:0", "--fault", "pings-unanswered",
        "--ready-file", file,
      ])
      let url = try await server.content(of: file).trimmingCharacters(in: .newlines)
      let (code, run) = try await run([
        "conform", "server", url, "--cases", "autobahn:2.2", "--cases", "autobahn:1.1.1",
        "--jsonl", "-",
      ])
      #expect(code == 1)
      let failed = run.output.split(separator: "\n").filter { $0.contains("\"fail\"") }
      #expect(failed.contains { $0.contains("autobahn") || $0.contains("ping") })
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
      #expect(server.output.hasPrefix("listening on \(url)"))
      #expect(
        server.errors.contains(
          "fault pings-unanswered: It does not answer Pings. (RFC 6455 §5.5.2)"))
    }
  }

  @Test func `a client twin plays all cases as a driver`() async throws {
    try await withFolder { folder in
      let client = "'\(try Subprocess.executable().path)' echo-client --driver --jobs 4"
      for (fault, code) in [("", Int32(0)), (" --fault messages-twice", 1)] {
        let (found, run) = try await run([
          "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.*",
          "--driver", "\(client)\(fault) --agent twin {url}", "--out", "\(folder)/out", "--fresh",
        ])
        #expect(found == code, "\(run.errors)")
      }
    }
  }

  @Test func `what a client twin makes of certificates is found over TLS`() async throws {
    try await withFolder { folder in
      let names = [
        "certificate-unchecked", "certificate-name-unchecked", "certificate-dates-unchecked",
        "certificate-chain-unchecked", "no-server-name", "honest",
      ]
      let (code, process) = try await run(
        ["faults", "--side", "client", "--cases", "4.1/certificate-*", "--out", "\(folder)/out"]
          + names.flatMap { ["--fault", $0] })
      #expect(code == 0, "\(process.output)\(process.errors)")
      #expect(process.output.contains("client: 5 of 5 faults found, 5 by a case of their own"))
      #expect(process.output.contains("honest client: 10 of 10 cases played, 0 failed"))
    }
  }

  @Test func `the table says which cases find which fault`() async throws {
    try await withFolder { folder in
      let out = "\(folder)/out"
      let (code, process) = try await run([
        "faults", "--fault", "pings-unanswered", "--fault", "version-by-number",
        "--fault", "honest", "--cases", "autobahn:2.2", "--cases", "4.2.1/version-*", "--out", out,
      ])
      #expect(code == 0, "\(process.output)\(process.errors)")
      #expect(
        process.output.contains(
          "server: 2 of 2 faults found, 2 by a case of their own clause; the 517 established cases "
            + "alone find 1\n"),
        "\(process.output)")
      #expect(process.output.contains("client: 1 of 1 faults found"))
      #expect(process.output.contains("honest server: ") && process.output.contains(", 0 failed"))
      let page = try String(contentsOfFile: "\(out)/faults.md", encoding: .utf8)
      #expect(page.contains("## server: control\n"))
      #expect(page.contains("| `pings-unanswered`: It does not answer Pings. | server |"))
      #expect(page.contains("## Not found by the 517 established cases\n"))
      let rows = try String(contentsOfFile: "\(out)/faults.tsv", encoding: .utf8)
        .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
      #expect(rows.allSatisfy { $0.count == 8 })
      #expect(
        Set(rows.dropFirst().map { String($0[2]) }) == ["pings-unanswered", "version-by-number"])
    }
  }

  @Test func `a fault that the cases do not find is named, with exit code 1`() async throws {
    try await withFolder { folder in
      let (code, process) = try await run([
        "faults", "--side", "server", "--fault", "masks", "--fault", "no-accept",
        "--cases", "autobahn:2.2", "--out", "\(folder)/out",
      ])
      #expect(code == 1)
      #expect(
        process.output.contains(
          "found, but not by a case of its clause: server masks (RFC 6455 §5.1): "),
        "\(process.output)")
    }
    let (code, process) = try await run([
      "faults", "--side", "server", "--fault", "honest", "--cases", "autobahn:2.2",
      "--out", "/proc/nowhere",
    ])
    #expect(code == 3)
    #expect(process.errors.contains("cannot write /proc/nowhere"))
  }
}
