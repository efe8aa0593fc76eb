import CaseLanguage
import Reports
import Transport
import WebSocketProtocol

/// Makes results out of records: the verdicts, the alias view, the transcript where it is wanted.
struct ResultBuilder: Sendable {
  let url: String
  private let transcripts: ConformanceOptions.Transcripts
  private let caseNumbers: [String: Int]
  private let replayCommand: String?
  private var captures: CaptureFolder?
  private var agent: String?
  private var port: UInt16 = 0

  init(_ options: ConformanceOptions) {
    let place = options.url
    let scheme = place.isSecure ? "wss" : "ws"
    url =
      if let path = place.socketPath {
        "\(scheme)+unix:\(path):\(place.resourceName)"
      } else {
        "\(scheme)://\(place.authority)\(place.resourceName)"
      }
    transcripts = options.transcripts
    caseNumbers = options.caseNumbers
    replayCommand = options.replayCommand
    captures = options.captures
    agent = options.agent
    port = UInt16(clamping: place.port)
  }

  init(
    url: String, transcripts: ConformanceOptions.Transcripts, caseNumbers: [String: Int],
    replayCommand: String?, captures: CaptureFolder? = nil
  ) {
    self.url = url
    self.transcripts = transcripts
    self.caseNumbers = caseNumbers
    self.replayCommand = replayCommand
    self.captures = captures
  }

  /// The result of a case that was played; `agent` is the peer's name where each has its own.
  func result(_ record: PlayRecord, agent: String? = nil) -> CaseResult {
    let item = record.playedCase
    let replay = replayCommand?.replacing("{id}", with: item.id)
    if let error = record.transportError {
      return CaseResult(
        caseID: item.id, verdict: Verdict(.error), reason: error.description,
        started: record.started, elapsed: record.elapsed, replay: replay)
    }
    var strict = StrictVerdict(of: item, facts: record.facts)
    let complaints = record.health?.complaints ?? []
    if !complaints.isEmpty {
      let sentence = "peer health: " + complaints.joined(separator: "; ")
      strict.reason = strict.verdict.isMet ? sentence : "\(strict.reason); \(sentence)"
      strict.verdict.behaviour = .fail
    }
    let isMet = strict.verdict.isMet
    var result = CaseResult(
      caseID: item.id, verdict: strict.verdict, reason: strict.reason, started: record.started,
      elapsed: record.elapsed, aliasView: aliasView(record), replay: replay)
    if !isMet || strict.verdict.overall == .acceptable {
      result.expected = Self.expected(item)
      result.received = Self.received(record.facts) + Self.summary(of: record.health)
    }
    if transcripts == .all || (transcripts == .failing && !isMet) {
      result.transcript = Self.transcript(record)
      result.omittedEntryCount = record.omittedEntryCount
      result.capture = write(record, agent: agent ?? self.agent)
    }
    return result
  }

  /// Writes the packets of a play, and tells the file.
  private func write(_ record: PlayRecord, agent: String?) -> String? {
    guard let captures, let capture = record.capture, capture.connectedAt != nil else { return nil }
    let file = captures.file(forCase: record.playedCase.id, agent: agent)
    // Dissectors know 443 as TLS, and the capture has none.
    let port = record.facts.role == .server || record.tls != nil ? 80 : port
    let octets = PacketFile.octets(
      of: capture, sentBy: record.facts.role, serverPort: port,
      clientPort: record.clientPort == 0 ? 50_000 : record.clientPort,
      startedAt: record.started.millisecondsSinceEpoch * 1_000_000)
    return captures.write(octets, to: file) ? file : nil
  }

  // MARK: The alias view

  private func aliasView(_ record: PlayRecord) -> AliasView? {
    let (item, facts) = (record.playedCase, record.facts)
    guard item.number(in: "autobahn") != nil else { return nil }
    let verdict = EstablishedVerdict(of: item, facts: facts)
    var view = AliasView(
      behavior: verdict.behaviour, behaviorClose: verdict.closing, result: verdict.result,
      resultClose: verdict.closingResult, caseNumber: caseNumbers[item.id] ?? 0,
      duration: record.elapsed, started: record.started)
    view.reportTime = item.report.contains(.time)
    view.reportCompressionRatio = item.report.contains(.compressionRatio)
    view.expected = Self.expectedEvents(item)
    view.received = facts.events.prefix(64).map(AliasEvent.init)
    if facts.isOpened { view.expectedClose = ExpectedClose(item.expectation.ending) }
    view.closedByMe = facts.closedByUs
    view.failedByMe = facts.failedByUs
    view.droppedByMe = facts.droppedByUs
    view.wasClean = facts.wasClean
    view.wasNotCleanReason = Self.uncleanReason(facts)
    view.wasServerConnectionDropTimeout = facts.serverDropTimedOut
    view.wasOpenHandshakeTimeout = facts.openingTimedOut
    view.wasCloseHandshakeTimeout = facts.closeReplyTimedOut
    view.localCloseCode = facts.localClose?.code.map(Int.init)
    view.localCloseReason = Self.reasonText(facts.localClose)
    view.remoteCloseCode = facts.remoteClose?.code.map(Int.init)
    view.remoteCloseReason = Self.reasonText(facts.remoteClose)
    view.isServer = facts.role == .server
    view.rxOctetStats = record.reads
    view.txOctetStats = record.writes
    view.rxFrameStats = record.received.framesByOpcode
    view.txFrameStats = record.sent.framesByOpcode
    view.httpRequest = Self.text(ofHead: record.requestHead)
    view.httpResponse = Self.text(ofHead: record.responseHead)
    if item.report.contains(.compressionRatio), verdict.behaviour == .ok {
      view.trafficStats = TrafficStats(
        outgoing: .init(
          record.sent, head: record.requestHead.count, messageOctets: facts.echo.sentByteCount,
          messageCount: facts.echo.count),
        incoming: .init(
          record.received, head: record.responseHead.count,
          messageOctets: facts.echo.receivedByteCount, messageCount: facts.echo.count))
    }
    return view
  }

  private static func text(ofHead octets: [UInt8]) -> String? {
    octets.isEmpty ? nil : String(peerOctets: SecretFields.hidden(inHead: octets))
  }

  private static func expectedEvents(_ item: Case) -> [AliasView.Behavior.RawValue: [AliasEvent]] {
    guard item.expectation.judgement == .events else { return [:] }
    var events: [AliasView.Behavior.RawValue: [AliasEvent]] = [:]
    for reaction in item.expectation.establishedReactions {
      let behavior: AliasView.Behavior = reaction.grade == .pass ? .ok : .nonStrict
      events[behavior.rawValue] = reaction.events.map { AliasEvent($0.kind) }
    }
    return events
  }

  private static func uncleanReason(_ facts: CaseFacts) -> String? {
    guard !facts.wasClean else { return nil }
    if facts.openingTimedOut { return "peer did not finish the opening handshake in time" }
    if facts.closeReplyTimedOut { return "peer did not answer our Close in time" }
    if facts.serverDropTimedOut { return "server did not drop TCP in time" }
    return facts.droppedByUs
      ? "we dropped the TCP connection" : "peer dropped the TCP connection without a Close"
  }

  /// The reason of a Close as text; in hexadecimal where it is none.
  private static func reasonText(_ close: PlayedClose?) -> String? {
    guard let close, !close.reason.isEmpty else { return nil }
    if let text = String(validating: close.reason, as: UTF8.self) { return text }
    return PeerBytes(close.reason).hexadecimal
  }

  // MARK: For people

  /// What was measured of the peer's health, for the evidence of a case that fails.
  private static func summary(of health: HealthReport?) -> String {
    guard let health else { return "" }
    var parts = ["\(health.answerCount) innocent echoes, the slowest in \(health.longestWait)"]
    if let growth = health.memoryGrowth { parts.append("memory +\(growth >> 10) KiB") }
    if let time = health.processorTime { parts.append("processor time \(time)") }
    return "; peer: " + parts.joined(separator: ", ")
  }

  private static func expected(_ item: Case) -> String {
    item.expectation.reactions.map { reaction in
      guard reaction.opening.opens else { return reaction.opening.description }
      let opening = reaction.opening == .accepted([]) ? "" : "\(reaction.opening), "
      let events =
        reaction.events.isEmpty
        ? "nothing" : reaction.events.map(\.description).joined(separator: ", ")
      return opening + "\(events), then \(reaction.ending)"
    }.joined(separator: "; or ")
  }

  private static func received(_ facts: CaseFacts) -> String {
    guard facts.isOpened else { return facts.openingSummary }
    var parts = facts.events.prefix(16).map(\.notation)
    if facts.events.count > 16 { parts.append("… \(facts.events.count - 16) more") }
    if facts.echo.count > 0 { parts.append("\(facts.echo.count) echoes") }
    if parts.isEmpty { parts.append("nothing") }
    if let close = facts.remoteClose {
      parts.append(close.code.map { "close \($0)" } ?? "close")
    } else if !facts.droppedByUs {
      parts.append("eof")
    }
    return parts.joined(separator: ", ")
  }
}
