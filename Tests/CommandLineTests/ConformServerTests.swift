import Foundation
import Testing

@testable import gauntlet

@Suite("gauntlet conform server", .timeLimit(.minutes(5)))
struct ConformServerTests {
  /// A few light cases.
  static let few = ["autobahn:1.1.1", "autobahn:2.2", "autobahn:2.5"].flatMap { ["--cases", $0] }

  private func ours() throws -> String {
    "'\(try Subprocess.executable().path)' serve --port {port}"
  }

  private func run(_ arguments: [String]) async throws -> (code: Int32, process: Subprocess) {
    let process = try Subprocess(["conform", "server"] + arguments)
    return (await process.exitCode(), process)
  }

  private func results(_ folder: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(filePath: "\(folder)/run.json"))
    let run = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let conformance = try #require(run["conformance"] as? [String: Any])
    return try #require(conformance["agents"] as? [[String: Any]])
  }

  /// The grades of an agent's results, by case.
  private func grades(_ agent: [String: Any]) -> [String: String] {
    var grades: [String: String] = [:]
    for result in agent["results"] as? [[String: Any]] ?? [] {
      let verdict = result["verdict"] as? [String: String]
      grades[result["caseID"] as? String ?? ""] = verdict?["behaviour"]
    }
    return grades
  }

  @Test func `a server behind a gate is reached with what lets us in`() async throws {
    try await withFolder { folder in
      try ("me:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8::\n").write(
        toFile: "\(folder)/keys", atomically: true, encoding: .utf8)
      let server = "\(try ours()) --api-keys \(folder)/keys --subprotocol chat"
      let arguments = ["--exec", server] + Self.few + ["--cases", "4.2.2/*subprotocol*"]
      #expect(try await run(arguments).code == 1)
      let (code, process) = try await run(
        arguments + [
          "--header", "Authorization: Bearer alpha", "--subprotocol", "chat", "--out", folder,
          "--transcripts", "all",
        ])
      #expect(code == 0, "\(process.errors)\(process.output)")
      let text = try String(contentsOfFile: "\(folder)/run.json", encoding: .utf8)
      #expect(text.contains("Sec-WebSocket-Protocol: chat"))
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
      for name in names where !name.hasSuffix("/keys") {
        let content = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        #expect(content.range(of: Data("alpha".utf8)) == nil, "\(name)")
      }
      let bad = try await run(arguments + ["--header", "Sec-WebSocket-Protocol: chat"])
      #expect(bad.code == 2 && bad.process.errors.contains("--subprotocol"))
    }
  }

  @Test func `what was started leaves no files behind`() async throws {
    func left(_ process: Subprocess) throws -> [String] {
      try FileManager.default.contentsOfDirectory(
        atPath: FileManager.default.temporaryDirectory.path()
      ).filter { $0.hasPrefix("gauntlet-\(process.identifier)-") }
    }
    let good = try await run(["--exec", try ours(), "--cases", "autobahn:1.1.1"])
    #expect(good.code == 0)
    #expect(try left(good.process) == [])
    let dead = try await run(["--exec", "echo no such thing; exit 4"])
    #expect(dead.code == 3 && dead.process.output.contains("127.0.0.1"))
    #expect(!dead.process.output.contains("{port}"), "\(dead.process.output)")
    #expect(try left(dead.process) == [])
    let client = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.1", "--exec",
      "'\(try Subprocess.executable().path)' wstest -m echoclient -w {url}",
    ])
    #expect(await client.exitCode() == 0)
    #expect(try left(client) == [])
  }

  @Test func `servers are started, tested one after the other, and ended`() async throws {
    try await withFolder { folder in
      try "ours = \(try ours())\n".write(
        toFile: "\(folder)/peers", atomically: true, encoding: .utf8)
      let (code, process) = try await run([
        "--peers", "\(folder)/peers", "--peer",
        "again = echo $$ >\(folder)/pid; exec \(try ours())",
        "--cases", "autobahn:1.1.*", "--out", "\(folder)/out", "--jsonl", "-", "--seed", "3",
        "--pcap", "\(folder)/pcap", "--transcripts", "all",
      ])
      #expect(code == 0, "\(process.errors)")
      let agents = try results("\(folder)/out")
      #expect(agents.compactMap { $0["name"] as? String } == ["ours", "again"])
      for agent in agents { #expect(Set(grades(agent).values) == ["pass"]) }
      let lines = try process.output.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      let types = lines.compactMap { $0["type"] as? String }
      #expect(types.first == "start" && types.last == "end")
      #expect(types.count { $0 == "peer" } == 2)
      // Eight cases of each; on a busy machine one may be played again, and has another line then.
      let played = Set(
        lines.filter { $0["type"] as? String == "result" }.map {
          "\($0["agent"] ?? "") \($0["case"] ?? "")"
        })
      #expect(played.count == 16)
      let log = try String(contentsOfFile: "\(folder)/out/peers/ours.log", encoding: .utf8)
      #expect(log.hasPrefix("listening on ws://127.0.0.1:"))
      let text = try String(contentsOfFile: "\(folder)/pid", encoding: .utf8)
      let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(kill(pid, 0) != 0)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/pcap/again/5.2-text-of-0.pcap"))
    }
  }

  @Test func `what failed can be expected, and must then fail`() async throws {
    try await withFolder { folder in
      let known = "\(folder)/known.txt"
      let bad = try BadPeer(.closesAtOnce)
      let arguments = [bad.url] + ["--cases", "autobahn:1.1.[12]", "--cases", "2.2"]
      #expect(try await run(arguments).code == 2)
      let chosen = [bad.url, "--cases", "autobahn:1.1.1", "--cases", "autobahn:2.2"]
      #expect(try await run(chosen).code == 1)
      #expect(try await run(chosen + ["--write-expect", known]).code == 0)
      #expect(try await run(chosen + ["--expect", known]).code == 0)
      let (code, process) = try await run(
        ["--exec", try ours()] + chosen.dropFirst() + ["--expect", known])
      #expect(code == 1)
      #expect(process.output.contains("UNEXPECTED PASS"), "\(process.output)")
      try "5.2/text-of-0 fail x\n2.2 fail y\n99.* pass z\n".write(
        toFile: known, atomically: true, encoding: .utf8)
      let stale = try await run(chosen + ["--expect", known])
      #expect(stale.code == 1)
      #expect(stale.process.output.contains("known.txt:3: no case matches '99.*'"))
      bad.stop()
    }
  }

  @Test func `annotations and the step summary are for a workflow`() async throws {
    try await withFolder { folder in
      let bad = try BadPeer(.closesAtOnce)
      let summary = "\(folder)/summary"
      let process = try Subprocess(
        ["conform", "server", bad.url, "--cases", "autobahn:1.1.1", "--github"],
        environment: ["GITHUB_STEP_SUMMARY": summary])
      #expect(await process.exitCode() == 1)
      #expect(process.output.contains("\n::error title="), "\(process.output)")
      #expect(
        try String(contentsOfFile: summary, encoding: .utf8).contains("| fail | 5.2/text-of-0"))
      bad.stop()
    }
  }

  @Test(arguments: BadPeer.Badness.allCases)
  func `with a bad peer the run ends, and every case has a result`(
    badness: BadPeer.Badness
  ) async throws {
    try await withFolder { folder in
      let bad = try BadPeer(badness)
      let (code, process) = try await run(
        [
          bad.url, "--cases", "autobahn:1.1.[1]", "--cases", "autobahn:2.5", "--cases",
          "autobahn:7.1.1", "--out", folder,
        ].map { $0 == "autobahn:1.1.[1]" ? "autobahn:1.1.1" : $0 })
      #expect(code == 1, "\(process.errors)\(process.output)")
      #expect(grades(try results(folder)[0]).count == 3)
      #expect(process.output.contains("5.2/text-of-0"))
      bad.stop()
    }
  }

  @Test func `a server that answers nobody is given up, and others are not`() async throws {
    try await withFolder { folder in
      let bad = try BadPeer(.neverAnswers)
      let (code, process) = try await run(
        [
          "--peer", "ours = \(try ours())", "--peer", "mute = \(bad.url)", "--out", folder,
          "--jobs", "2", "--cases", "autobahn:1.1.*",
        ])
      #expect(code == 1, "\(process.errors)\(process.output)")
      #expect(process.errors.contains("gauntlet: the server takes connections and answers no open"))
      let agents = try results(folder)
      #expect(grades(agents[0]).count == 8)
      #expect((4..<8).contains(grades(agents[1]).count))
      let troubles = agents[1]["troubles"] as? [String] ?? []
      #expect(troubles.contains { $0.contains("answers no opening handshake") }, "\(troubles)")
      let list = try String(contentsOfFile: "\(folder)/junit.xml", encoding: .utf8)
      #expect(list.contains("answers no opening handshake"))
      bad.stop()
    }
  }

  @Test func `a peer that dies is started again, and the case is named`() async throws {
    try await withFolder { folder in
      // It dies of a Ping that is too long, and of nothing else.
      let script = "\(folder)/peer.py"
      try BadPeer.mortal.write(toFile: script, atomically: true, encoding: .utf8)
      let (code, process) = try await run([
        "--exec", "python3 \(script) {port}", "--cases", "autobahn:1.1.*", "--cases",
        "autobahn:2.5", "--out", folder,
      ])
      #expect(code == 1, "\(process.errors)")
      let agent = try results(folder)[0]
      let grades = grades(agent)
      #expect(grades.count == 9)
      #expect(grades["5.5/payload-over-125"] == "fail")
      #expect(grades["5.2/text-of-0"] == "pass")
      let troubles = agent["troubles"] as? [String] ?? []
      #expect(
        troubles.contains { $0.contains("so it does in: 5.5/payload-over-125") }, "\(troubles)")
      #expect(process.output.contains("exited with code 7"), "\(process.output)")
      #expect(process.output.contains("a ping of 126 octets is too much"))
    }
  }

  @Test(arguments: [
    (["--exec", "echo no such thing >&2; exit 4"], Int32(3), "exited with code 4"),
    (["--exec", "sleep 100", "--ready-timeout", "200ms"], 3, "takes no connection"),
    (["--exec", "true", "ws://127.0.0.1:1/", "--dry-run"], 0, "would be played"),
    (["ws://127.0.0.1:1/", "--insecure"], 3, "warning: --insecure has no effect"),
    (["ws://127.0.0.1:1/", "--connect-timeout", "0"], 2, "--connect-timeout is a time above 0"),
    (["ws://127.0.0.1:1/", "--ready-timeout", "9s"], 2, "--ready-timeout is for a server that"),
    (["ws://127.0.0.1:1/", "--exec", "x {port}"], 2, "--exec has {port} and the URL has not"),
    (["--peer", "x = ws://127.0.0.1:1/ y {port}"], 2, "expected a URL with {port}"),
    (["ws://127.0.0.1:1/", "--key", "x"], 2, "add --cert FILE"),
    (["ws://127.0.0.1:1/", "--section", "RFC 6455 §99"], 2, "no case is about 'RFC 6455 §99'"),
    (["ws://127.0.0.1:1/", "--tag", "nobody"], 2, "no case has the tag 'nobody'"),
    (["ws://127.0.0.1:1/", "--tier", "huge"], 2, "--tier"),
    (["ws://127.0.0.1:1/", "--fail-on", "never"], 2, "--fail-on"),
    (["ws://127.0.0.1:1/", "--expect", "/none"], 2, "--expect"),
    (["ws://127.0.0.1:1/", "--jsonl", "/none/x"], 3, "/none/x"),
    (["ws://127.0.0.1:1/", "--pcap", "/proc/none"], 3, "--pcap"),
    (["ws://127.0.0.1:{port}/"], 2, "--exec"), (["--peer", "nonsense"], 2, "NAME = [URL]"),
    (["--peer", "a = x", "ws://127.0.0.1:1/"], 2, "--peer"), ([], 2, "Name a server"),
    (["--peers", "/none"], 2, "--peers"), (["nonsense"], 2, "nonsense"),
    (["ws://127.0.0.1:1/", "--repeat", "0"], 2, "--repeat"),
  ])
  func `what cannot run says so`(
    arguments: [String], code: Int32, mention: String
  ) async throws {
    let found = try await run(arguments)
    #expect(found.code == code, "\(found.process.errors)")
    #expect(found.process.errors.contains(mention), "\(found.process.errors)")
  }

  @Test func `a mistake in the expectations has its place`() async throws {
    try await withFolder { folder in
      let file = "\(folder)/known.txt"
      try "# fine\n5.5/* broken x\n".write(toFile: file, atomically: true, encoding: .utf8)
      let found = try await run(["ws://127.0.0.1:1/", "--expect", file])
      #expect(found.code == 2)
      #expect(
        found.process.errors.hasPrefix(
          "\(file):2: error: expected a verdict instead of 'broken': one of pass"))
    }
  }

  @Test func `cases play several times, and until one fails`() async throws {
    let (code, process) = try await run([
      "--exec", try ours(), "--cases", "autobahn:1.1.1", "--repeat", "3", "--until-failure",
    ])
    #expect(code == 0, "\(process.errors)")
    #expect(process.errors.split(separator: "\n").count { $0.hasSuffix("playing 1 case") } == 3)
    let bad = try BadPeer(.closesAtOnce)
    #expect(try await run([bad.url, "--cases", "autobahn:1.1.1", "--until-failure"]).code == 1)
    bad.stop()
  }

  @Test func `an interruption ends the peer and keeps the results`() async throws {
    try await withFolder { folder in
      let process = try Subprocess([
        "conform", "server", "--exec", "echo $$ >\(folder)/pid; exec \(try ours())", "--cases",
        "autobahn:1.1.1", "--out", folder, "--repeat", "1000000",
      ])
      let text = try await process.content(of: "\(folder)/pid")
      while !process.errors.contains("1/1 cases") { try await Task.sleep(for: .milliseconds(10)) }
      process.send(signal: SIGINT)
      #expect(await process.exitCode() == 3)
      let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(kill(pid, 0) != 0)
      #expect(grades(try results(folder)[0]) == ["5.2/text-of-0": "pass"])
    }
  }
}

@Suite("The line that shows how far a run is")
struct ConformProgressTests {
  private func line(width: Int, peer: String? = nil, running: [String]) -> String {
    ConformProgress.line(
      peer: peer, round: nil, count: 130, total: 517, unmet: 2, elapsed: .seconds(75),
      running: running, width: width)
  }

  @Test func `it has what fits`() {
    #expect(
      line(width: 100, peer: "ours", running: ["5.5/payload-over-125", "b"])
        == "ours  ━━━━━───────────────  130/517 cases, 2 failed  1:15  5.5/payload-over-125 and 1 more"
    )
    #expect(line(width: 40, running: ["5.5/payload-over-125"]) == "130/517 cases, 2 failed  1:15")
    for width in 1...200 {
      #expect(line(width: width, peer: "a\u{1B}[2Jb", running: ["x"]).count < max(width, 11))
    }
  }
}
