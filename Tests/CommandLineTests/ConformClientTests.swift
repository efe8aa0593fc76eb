import Foundation
import Testing

@Suite("gauntlet conform client", .serialized, .timeLimit(.minutes(5)))
struct ConformClientTests {
  func program() throws -> String { try Subprocess.executable().path }

  func verdicts(_ path: String) throws -> [String: [String: [String: Any]]] {
    let data = try Data(contentsOf: URL(filePath: path))
    return try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: [String: [String: Any]]])
  }

  @Test func `a driver plays all cases, and results accumulate over runs`() async throws {
    try await withFolder { folder in
      for agent in ["first", "second"] {
        let run = try Subprocess([
          "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.*", "--out",
          folder, "--driver", "\(program()) wstest -m testeeclient -w {url} -i \(agent)",
        ])
        #expect(await run.exitCode() == 0, "\(run.errors)")
        #expect(run.output.contains("8 cases: 8 pass"))
      }
      let found = try verdicts("\(folder)/autobahn/index.json")
      #expect(Set(found.keys) == ["first", "second"])
      #expect(found["first"]?.count == 8)
      #expect(found["second"]?["1.1.7"]?["behavior"] as? String == "OK")
      for name in ["run.json", "index.html", "junit.xml", "autobahn/second_case_1_1_7.html"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"))
      }
    }
  }

  @Test func `a command is run for each case, and a bad one fails`() async throws {
    try await withFolder { folder in
      let good = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.[", "--exec", "x",
      ])
      #expect(await good.exitCode() == 2)
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.2.1", "--cases",
        "autobahn:7.1.1", "--agent", "echo", "--exec",
        "\(program()) wstest -m echoclient -w {url}", "--out", folder,
      ])
      #expect(await run.exitCode() == 0, "\(run.errors)")
      let mute = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.2.2", "--agent",
        "mute", "--exec", "\(program()) wstest -m broadcastclient -w {url} # it's mute", "--out",
        folder,
      ])
      #expect(await mute.exitCode() == 1)
      #expect(mute.output.contains("FAIL"))
      // The words of the command stay words for a shell; TAP doubles the backslash.
      let tap = try String(contentsOfFile: "\(folder)/results.tap", encoding: .utf8)
      #expect(tap.contains(#"-w {url} # it'\\''s mute'"#), "\(tap)")
      let found = try verdicts("\(folder)/autobahn/index.json")
      #expect(found["mute"]?["1.2.2"]?["behavior"] as? String == "FAILED")
      #expect(found["echo"]?.count == 2)
    }
  }

  @Test func `a known failure is tolerated, and an unexpected pass is not`() async throws {
    try await withFolder { folder in
      let file = "\(folder)/expected"
      func play(_ client: String, _ flags: [String]) async throws -> Int32 {
        let run = try Subprocess(
          [
            "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.2",
            "--exec", "\(try program()) wstest -m \(client) -w {url}",
          ] + flags)
        return await run.exitCode()
      }
      let codes = [
        try await play("broadcastclient", ["--write-expect", file]),
        try await play("broadcastclient", ["--expect", file]),
        try await play("echoclient", ["--expect", file]),
        try await play("broadcastclient", []),
      ]
      #expect(codes == [0, 0, 1, 1])
    }
  }

  @Test func `results come as lines, and a failing case leaves its packets`() async throws {
    try await withFolder { folder in
      let run = try Subprocess([
        "conform", "client", "--listen", "wss://127.0.0.1:0", "--tls-self-signed", "--cases",
        "autobahn:1.1.2", "--cases", "autobahn:7.1.1", "--agent", "mute", "--exec",
        "\(program()) wstest -m broadcastclient -w {url}", "--jsonl", "-", "--github", "--pcap",
        "\(folder)/packets",
      ])
      #expect(await run.exitCode() == 1)
      let lines = run.output.split(separator: "\n").map(String.init)
      let objects = try lines.map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      #expect(
        objects.map { $0["type"] as? String } == ["start", "peer", "result", "result", "end"])
      #expect(run.errors.contains("::error "))
      #expect(run.errors.contains("listening on wss://127.0.0.1:"))
      // Decrypted: the request stands there as it is.
      let packets = try Data(
        contentsOf: URL(filePath: "\(folder)/packets/mute/5.2-text-of-125.pcap"))
      #expect(packets.range(of: Data("GET /runCase".utf8)) != nil)
      let keys = try String(contentsOfFile: "\(folder)/packets/keys.log", encoding: .utf8)
      #expect(keys.contains("_TRAFFIC_SECRET_"))
    }
  }

  @Test func `a driver finds the page for browsers`() async throws {
    try await withFolder { folder in
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.2", "--agent",
        "a b", "--driver", "echo {page} >\(folder)/page",
      ])
      #expect(await run.exitCode() == 3)
      let page = try String(contentsOfFile: "\(folder)/page", encoding: .utf8)
      #expect(page.hasPrefix("http://127.0.0.1:"))
      #expect(page.hasSuffix("/?run&end&agent=a%20b\n"))
    }
  }

  @Test func `a driver that hangs is ended, and the case that it hung on fails`() async throws {
    try await withFolder { folder in
      let echo = "\(try program()) wstest -m echoclient -w"
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.1", "--cases",
        "autobahn:1.1.2", "--out",
        folder, "--driver-silence", "2s", "--driver",
        "\(echo) \"$GAUNTLET_URL/runCase?case=1&agent=x\"; "
          + "\(echo) \"$GAUNTLET_URL/runCase?case=2&agent=x\"; sleep 300",
      ])
      #expect(await run.exitCode() == 1)
      #expect(
        run.errors.contains("x asked for nothing more for 2.0 seconds while it played 5.2/text-of"))
      let found = try verdicts("\(folder)/autobahn/index.json")
      #expect(found["x"]?["1.1.1"]?["behavior"] as? String == "OK")
      #expect(run.output.contains("2 cases: 1 pass, 1 fail"))
      let page = try String(contentsOfFile: "\(folder)/run.json", encoding: .utf8)
      #expect(page.contains("the client asked for nothing more for 2.0 seconds"))
    }
  }

  @Test func `a driver that ends too early is in the reports`() async throws {
    try await withFolder { folder in
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.1", "--cases",
        "autobahn:1.1.2", "--out", folder, "--driver",
        "\(program()) wstest -m echoclient -w \"$GAUNTLET_URL/runCase?case=1&agent=x\"; exit 5",
      ])
      #expect(await run.exitCode() == 3)
      for name in ["run.json", "junit.xml"] {
        let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        #expect(text.contains("the driver exited with code 5 before it had played all cases"))
      }
    }
  }

  @Test func `what an interruption cuts short is no failure of the client`() async throws {
    try await withFolder { folder in
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.*", "--agent",
        "slow", "--jobs", "2", "--out", folder, "--exec",
        "case $GAUNTLET_CASE in 5.2/text-of-0) exec \(program()) wstest -m echoclient -w {url};; "
          + "*) echo >\(folder)/begun; exec sleep 300;; esac",
      ])
      _ = try await run.content(of: "\(folder)/begun")
      try await Task.sleep(for: .seconds(1))
      run.send(signal: SIGINT)
      #expect(await run.exitCode() == 3, "\(run.output)")
      #expect(run.errors.contains("gauntlet: interrupted"))
      #expect(!run.output.contains("FAIL") && !run.output.contains("ERROR"), "\(run.output)")
    }
  }

  @Test func `a driver that crashes is started again, and told to go on`() async throws {
    try await withFolder { folder in
      let echo = "\(try program()) wstest -m echoclient -w"
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.1", "--cases",
        "autobahn:1.1.2", "--out",
        folder, "--driver-restarts", "2", "--driver",
        """
        case $GAUNTLET_PAGE in
        *resume*) \(echo) "$GAUNTLET_URL/runCase?case=2&agent=x" ;;
        *) \(echo) "$GAUNTLET_URL/runCase?case=1&agent=x"; kill -SEGV $$ ;;
        esac
        """,
      ])
      #expect(await run.exitCode() == 1)
      #expect(run.errors.contains("x killed by signal 11 (SIGSEGV) while it played 5.2/"))
      #expect(run.errors.contains("the driver is started again"))
      #expect(run.output.contains("2 cases: 1 pass, 1 fail"))
    }
  }

  @Test func `nobody to test is not a pass`() async throws {
    let none = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--driver", "true",
    ])
    #expect(await none.exitCode() == 3)
    #expect(none.errors.contains("no client has played a case"))
    let missing = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--driver", "gauntlet-no-such-driver",
    ])
    #expect(await missing.exitCode() == 3)
    #expect(missing.errors.contains("cannot run 'gauntlet-no-such-driver'"))
  }

  @Test func `results of servers are not mixed with those of clients`() async throws {
    try await withFolder { folder in
      try Data("{\"schemaVersion\": 99}".utf8).write(to: URL(filePath: "\(folder)/run.json"))
      let run = try Subprocess([
        "conform", "client", "--listen", "127.0.0.1:0", "--out", folder, "--driver", "true",
      ])
      #expect(await run.exitCode() == 2)
      #expect(run.errors.contains("--fresh"))
    }
  }
}
