import Histogram

@testable import Reports

/// A small run with every kind of result, the same on every machine.
enum SampleRun {
  static let started = Timestamp(millisecondsSinceEpoch: 1_795_228_200_123)

  static var run: Run { run(peerText: nil) }

  /// The run, with every text that a peer or a user may choose replaced.
  static func run(peerText: String?) -> Run {
    Run(
      tool: Tool(name: "gauntlet", version: "0.1.0"), title: peerText, started: started,
      elapsed: .milliseconds(12_345),
      commandLine: ["gauntlet", "conform", "server", peerText ?? "ws://127.0.0.1:9001"],
      environment: environment(peerText), isComplete: true,
      conformance: conformance(peerText), load: [load(peerText)])
  }

  private static func environment(_ text: String?) -> Environment {
    Environment(
      operatingSystem: text ?? "Debian GNU/Linux 12 (bookworm)", kernel: text ?? "Linux 6.8.0",
      architecture: "x86_64", processor: text ?? "A Processor", processorCount: 2,
      memoryByteCount: 24 << 30, loadAverages: [0.5, 0.25, 0], swiftVersion: text ?? "6.3.1",
      openSSLVersion: text ?? "OpenSSL 3.0.17", zlibVersion: text ?? "1.2.13",
      facts: [Fact(text ?? "descriptors", text ?? "1048576")])
  }

  private static func conformance(_ text: String?) -> ConformanceResults {
    let cases = [
      description("5.5/payload-over-125", "autobahn:2.5", "RFC 6455 §5.5", text),
      description("5.5.2/ping-is-answered", "autobahn:2.2", "RFC 6455 §5.5.2", text),
      description("5.4/fragments", "autobahn:5.3", "RFC 6455 §5.4", text),
      description("7.1.6/large-then-close", "autobahn:7.1.6", "RFC 6455 §5.5.1", text),
      description("7692/no-context", "autobahn:12.1.1", "RFC 7692 §7", text),
      description("7692/own", nil, text ?? "RFC 7692 §7", text),
    ]
    let verdicts: [(Verdict, AliasView.Behavior, AliasView.BehaviorClose)] = [
      (Verdict(.fail), .failed, .wrongCode), (Verdict(.pass), .ok, .ok),
      (Verdict(behaviour: .acceptable, closing: .pass), .nonStrict, .ok),
      (Verdict(.informational), .informational, .informational),
      (Verdict(behaviour: .unsupported, closing: .pass), .unimplemented, .ok),
      (Verdict(.error), .failed, .failed),
    ]
    let results = zip(cases, verdicts).map { description, verdict in
      result(description, verdict, text)
    }
    let agent = AgentResults(
      name: text ?? "python-websockets 15.0", url: text ?? "ws://127.0.0.1:9001",
      serverHeader: text ?? "Python/3.11", facts: [Fact(text ?? "TLS", text ?? "none")],
      results: results)
    let cases2 = cases + [description("never/played", nil, "RFC 6455 §9", text)]
    return ConformanceResults(role: .client, cases: cases2, agents: [agent])
  }

  private static func description(
    _ id: String, _ alias: String?, _ section: String, _ text: String?
  ) -> CaseDescription {
    CaseDescription(
      id: text.map { "\(id)\($0)" } ?? id, aliases: [alias, text].compactMap { $0 },
      section: section, sectionTitle: text ?? "A clause", level: .must, title: text ?? "Title",
      why: text ?? "All control frames MUST have a payload length of 125 bytes or less",
      script: text ?? "> ping payload=126*\"x\"", aliasDescription: text ?? "Send a ping.",
      aliasExpectation: text ?? "The peer fails the connection.")
  }

  private static func result(
    _ description: CaseDescription,
    _ verdict: (Verdict, AliasView.Behavior, AliasView.BehaviorClose), _ text: String?
  ) -> CaseResult {
    var view = AliasView(
      behavior: verdict.1, behaviorClose: verdict.2, result: text ?? "Actual events differ.",
      resultClose: text ?? "The close code should have been 1002.", caseNumber: 21,
      duration: .milliseconds(7), started: started)
    view.expected = ["OK": [], "NON-STRICT": [.pong([0x61]), .timeout(mark: text ?? "A")]]
    view.received = [
      .message(PeerBytes(Array("ok \u{1F600}".utf8)), byteCount: 7, isBinary: false),
      .message(PeerBytes([UInt8](repeating: 0xFE, count: 64)), byteCount: 300, isBinary: true),
      .ping(PeerBytes(Array((text ?? "ping").utf8))), .pong([0xC3]),
    ]
    view.expectedClose = ExpectedClose(closedByMe: false, closeCode: [1002], requireClean: false)
    view.wasNotCleanReason = text
    view.localCloseCode = 1001
    view.localCloseReason = text ?? "Going Away"
    view.remoteCloseCode = 1000
    view.remoteCloseReason = text
    view.rxOctetStats = [129: 1, 4: 2, 65536: 3]
    view.rxFrameStats = [8: 1, 10: 1]
    view.httpRequest = text ?? "GET / HTTP/1.1"
    view.httpResponse = text
    view.trafficStats = TrafficStats(
      outgoing: .init(
        preopenOctets: 120, wireOctets: 1040, webSocketOctets: 1000, messageOctets: 4000,
        frameCount: 10, messageCount: 10))
    return CaseResult(
      caseID: description.id, verdict: verdict.0,
      reason: text ?? "expected close 1002, received pong",
      expected: text ?? "close 1002", received: text ?? "pong", started: started,
      elapsed: .microseconds(7_654), aliasView: description.establishedNumbers.isEmpty ? nil : view,
      transcript: verdict.0.isMet ? [] : transcript(text), omittedEntryCount: 1,
      replay: text ?? "gauntlet conform server ws://127.0.0.1:9001 --cases \(description.id)")
  }

  private static func transcript(_ text: String?) -> [TranscriptEntry] {
    let octets = Array((text ?? "GET / HTTP/1.1\r\nHost: x\r\n\r\n").utf8)
    return [
      TranscriptEntry(
        offset: .microseconds(10), direction: .sent, kind: .handshake,
        notation: text ?? "GET / HTTP/1.1", payload: PayloadExcerpt(of: octets.span)),
      TranscriptEntry(
        offset: .microseconds(900), direction: .sent, kind: .frame,
        notation: text ?? "ping payload=126*\"x\"",
        frame: FrameFields(
          isFinal: true, opcode: 9, maskingKey: [1, 2, 3, 4], payloadLength: 126, lengthBits: 16),
        payload: PayloadExcerpt(of: [UInt8](repeating: 0x78, count: 126).span)),
      TranscriptEntry(
        offset: .microseconds(1_900), direction: .received, kind: .frame, notation: text ?? "pong",
        frame: FrameFields(isFinal: true, rsv: 4, opcode: 10, payloadLength: 2, lengthBits: 7),
        payload: PayloadExcerpt(bytes: [0xFF, 0x00], byteCount: 2)),
      TranscriptEntry(
        offset: .milliseconds(1_001), direction: .noted, kind: .timer, notation: text ?? "deadline"),
      TranscriptEntry(
        offset: .milliseconds(1_002), direction: .received, kind: .octets,
        notation: text ?? "octets",
        payload: PayloadExcerpt(bytes: [1, 2, 3], byteCount: 3)),
    ]
  }

  private static func load(_ text: String?) -> LoadResults {
    var histogram = Histogram<UInt64>(highestTrackableValue: 3_600_000_000_000)
    for value in 1...1000 { histogram.record(UInt64(value * value) * 50 + 40_000) }
    let record = LatencyRecord(
      name: text ?? "from planned send", histogram: StoredHistogram(histogram))
    var results = LoadResults(
      name: text ?? "echo",
      scenario: LoadScenario(
        mode: .openLoop, connections: 200, plannedMessagesPerSecond: 20_000,
        payloadByteCount: 1024, offersCompression: true,
        settings: [Fact(text ?? "seed", text ?? "7")]),
      target: LoadTarget(
        url: text ?? "ws://127.0.0.1:9001/", serverHeader: text ?? "gauntlet",
        facts: [Fact(text ?? "TLS", text ?? "TLSv1.3")]))
    results.phases = [
      LoadPhase(
        name: text ?? "warm-up", start: .zero, duration: .seconds(1), isMeasured: false),
      LoadPhase(
        name: text ?? "measure", start: .seconds(1), duration: .seconds(4), isMeasured: true),
    ]
    results.totals.connectionsAttempted = 200
    results.totals.connectionsEstablished = 199
    results.totals.messagesSent = 80_010
    results.totals.messagesReceived = 80_000
    results.totals.payloadBytesReceived = 81_920_000
    results.errors = [
      ErrorCount(.lost, count: 10, example: text ?? "connection 3: message 17"),
      ErrorCount(.corrupted, count: 0),
    ]
    results.latencies = [record]
    results.setUp = [
      LatencyRecord(name: text ?? "tcp", histogram: record.histogram),
      LatencyRecord(
        name: "tls", histogram: StoredHistogram(Histogram(highestTrackableValue: 1000))),
    ]
    results.series = (0..<5).map { second in
      var sample = LoadSample(offset: .seconds(second), duration: .seconds(1))
      sample.messagesReceived = second == 0 ? 3000 : 20_000
      sample.p50Nanoseconds = 90_000
      sample.p90Nanoseconds = 140_000
      sample.p99Nanoseconds = second == 3 ? 40_000_000 : 300_000
      sample.maximumNanoseconds = 51_000_000
      return sample
    }
    results.generator.userNanoseconds = 100_000_000
    results.generator.systemNanoseconds = 500_000_000
    results.generator.peakMemoryBytes = 38 << 20
    results.generator.validity = .suspect
    results.generator.remarks = [text ?? "the loop was late"]
    results.connectionsPerSecond = 12_345.6
    results.serverProcess = ObservedProcess()
    results.serverProcess?.cpuNanoseconds = 400_000_000
    results.serverProcess?.residentBytesAfter = 12 << 20
    results.replay = text ?? "gauntlet load ws://127.0.0.1:9001/"
    return results
  }
}
