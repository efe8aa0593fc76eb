import Foundation
import Testing

@Suite("gauntlet wstest", .serialized, .timeLimit(.minutes(5)))
struct WstestCommandTests {
  @Test func `a fuzzing client tests servers and writes the report files`() async throws {
    try await withFolder { folder in
      let ready = "\(folder)/ready"
      let server = try Subprocess(["serve", "--port", "0", "--ready-file", ready])
      let url = try await server.content(of: ready).trimmingCharacters(in: .whitespacesAndNewlines)
      let spec = """
        {"outdir": "\(folder)/reports", "cases": ["1.1.*", "2.5"], "exclude-cases": ["1.1.8"],
         "exclude-agent-cases": {"My*": ["1.1.1"]},
         "servers": [{"url": "ws://127.0.0.1:1/", "agent": "gone"},
                     {"url": "\(url)", "agent": "My Server", "options": {"version": 18}}]}
        """
      try Data(spec.utf8).write(to: URL(filePath: "\(folder)/spec.json"))
      let run = try Subprocess([
        "wstest", "-m", "fuzzingclient", "-s", "\(folder)/spec.json", "--exit-code",
      ])
      #expect(await run.exitCode() == 3, "\(run.errors)")
      #expect(run.errors.contains("going on with the next server"))
      let data = try Data(contentsOf: URL(filePath: "\(folder)/reports/index.json"))
      let index = try #require(
        try JSONSerialization.jsonObject(with: data) as? [String: [String: [String: Any]]])
      #expect(Array(index.keys) == ["My Server"])
      #expect(
        index["My Server"]?.keys.sorted()
          == ["1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7", "2.5"])
      #expect(
        index["My Server"]?["2.5"]?["reportfile"] as? String == "my_server_case_2_5.json")
      for name in ["index.html", "my_server_case_2_5.json", "my_server_case_2_5.html"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/reports/\(name)"))
      }
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test(arguments: [
    ([String](), false, Int32(0)), (["--exit-code"], false, 3), (["--exit-code"], true, 1),
  ])
  func `a server that cannot be reached counts where verdicts do`(
    flags: [String], hasFailure: Bool, exitCode: Int32
  ) async throws {
    try await withFolder { folder in
      let ready = "\(folder)/ready"
      let server = try Subprocess([
        "serve", "--port", "0", "--ready-file", ready, "--fault", "pings-unanswered",
      ])
      defer { server.send(signal: SIGKILL) }
      let url = try await server.content(of: ready).trimmingCharacters(in: .whitespacesAndNewlines)
      let spec = """
        {"outdir": "\(folder)/reports", "cases": ["\(hasFailure ? "2.2" : "1.1.1")"],
         "servers": [{"url": "ws://127.0.0.1:1/"}, {"url": "\(url)"}]}
        """
      try Data(spec.utf8).write(to: URL(filePath: "\(folder)/spec.json"))
      let run = try Subprocess(
        ["wstest", "-m", "fuzzingclient", "-s", "\(folder)/spec.json"] + flags)
      #expect(await run.exitCode() == exitCode, "\(run.errors)")
    }
  }

  @Test func `a mass of connections waits for its server`() async throws {
    try await withFolder { folder in
      let socket = "\(folder)/socket"
      let spec = """
        {"options": {"connections": 5, "retrydelay": 20},
         "servers": [{"name": "late", "uri": "ws+unix:\(socket)"}]}
        """
      try Data(spec.utf8).write(to: URL(filePath: "\(folder)/spec.json"))
      let run = try Subprocess(["wstest", "-m", "massconnect", "-s", "\(folder)/spec.json"])
      defer { run.send(signal: SIGKILL) }
      try await Task.sleep(for: .milliseconds(300))
      let ready = "\(folder)/ready"
      let server = try Subprocess(["serve", "--listen", "unix:\(socket)", "--ready-file", ready])
      _ = try await server.content(of: ready)
      #expect(await run.exitCode() == 0, "\(run.errors)")
      #expect(run.output.contains("5 of 5 clients were connected"))
      server.send(signal: SIGTERM)
      #expect(await server.exitCode() == 0)
    }
  }

  @Test func `mistakes are told`() async throws {
    try await withFolder { folder in
      let path = "\(folder)/spec.json"
      try Data("{\"url\": \"ws://127.0.0.1:1\",\n\"cases\": [\"1.*\",]}".utf8)
        .write(to: URL(filePath: path))
      let broken = try Subprocess(["wstest", "-m", "fuzzingserver", "-s", path])
      #expect(await broken.exitCode() == 2)
      #expect(broken.errors == "\(path):2:17: error: expected a JSON value, found ']'\n")
      let missing = try Subprocess(["wstest", "-m", "fuzzingclient", "-s", "\(folder)/none.json"])
      #expect(await missing.exitCode() == 2)
      let none = try Subprocess(["wstest"])
      #expect(await none.exitCode() == 2)
      #expect(none.errors.contains("give a mode with -m: fuzzingclient"))
    }
  }
}
