/// The report files of the established suite: `index.json`, and one file for each case and agent.
///
/// The keys, their order, the layout and the names of the files are that suite's own, so that
/// scripts which read them keep working.
enum EstablishedReport {
  struct File: Equatable {
    var name: String
    var text: String
  }

  /// A result that has a place in the report.
  struct Entry {
    var agent: String
    var number: String
    /// The name of its files, without their ending.
    var name: String
    var result: CaseResult
    var view: AliasView
    var description: CaseDescription
  }

  /// What the report is about, agent by agent.
  static func entries(of results: ConformanceResults) -> [Entry] {
    let descriptions = Dictionary(
      results.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var entries: [Entry] = []
    var prefixes: Set<String> = []
    for agent in results.agents {
      let prefix = unused(fileName(of: agent.name), in: &prefixes)
      for result in agent.results {
        guard let view = result.aliasView, let description = descriptions[result.caseID] else {
          continue
        }
        for number in description.establishedNumbers {
          entries.append(
            Entry(
              agent: agent.name, number: number,
              name: "\(prefix)_case_\(number.replacing(".", with: "_"))", result: result,
              view: view, description: description))
        }
      }
    }
    return entries
  }

  /// The JSON files of a run; empty when no case of it has a number in the established suite.
  static func files(for results: ConformanceResults) -> [File] {
    var rows: [String: [String: JSONText]] = [:]
    for agent in results.agents { rows[agent.name] = [:] }
    var files: [File] = []
    for entry in entries(of: results) {
      let name = entry.name + ".json"
      rows[entry.agent, default: [:]][entry.number] = row(entry.view, reportFile: name)
      let details = details(
        of: entry.result, entry.view, entry.description, number: entry.number, agent: entry.agent)
      files.append(File(name: name, text: details.text(indent: 3)))
    }
    guard !files.isEmpty else { return [] }
    let index = JSONText.sorted(rows.mapValues { .sorted($0) })
    return [File(name: "index.json", text: index.text(indent: 3))] + files
  }

  /// Events on one line.
  static func eventText(_ events: [AliasEvent]) -> String {
    JSONText.array(events.map(event)).text(indent: nil)
  }

  /// An agent's name as it begins file names: what is not a letter or a digit of ASCII is `_`.
  static func cleaned(_ name: String) -> String {
    let kept = name.lowercased().unicodeScalars.map { scalar in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : " "
    }
    return String(kept).trimmed.replacing(" ", with: "_")
  }

  /// As ``cleaned(_:)``, and no longer than what file systems take with a case's number behind it.
  private static func fileName(of agent: String) -> String {
    String(cleaned(agent).unicodeScalars.prefix(160))
  }

  private static func unused(_ name: String, in names: inout Set<String>) -> String {
    var candidate = name
    var number = 2
    while !names.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }

  private static func row(_ view: AliasView, reportFile: String) -> JSONText {
    .sorted([
      "behavior": .string(view.behavior.rawValue),
      "behaviorClose": .string(view.behaviorClose.rawValue),
      "duration": .int(view.durationMilliseconds),
      "remoteCloseCode": .optional(view.remoteCloseCode),
      "reportfile": .string(reportFile),
    ])
  }

  private static func details(
    of result: CaseResult, _ view: AliasView, _ description: CaseDescription, number: String,
    agent: String
  ) -> JSONText {
    let head: [String: JSONText] = [
      "agent": .string(agent), "id": .string(number), "case": .int(view.caseNumber),
      "description": .string(description.aliasDescription ?? description.title ?? description.why),
      "expectation": .string(description.aliasExpectation ?? description.why),
      "started": .string(view.started.description), "duration": .int(view.durationMilliseconds),
      "reportTime": .bool(view.reportTime),
      "reportCompressionRatio": .bool(view.reportCompressionRatio),
      "behavior": .string(view.behavior.rawValue),
      "behaviorClose": .string(view.behaviorClose.rawValue),
      "result": .string(view.result), "resultClose": .string(view.resultClose),
      "expected": .sorted(view.expected.mapValues { .array($0.map(event)) }),
      "received": .array(view.received.map(event)),
      "expectedClose": expectedClose(view.expectedClose),
      "isServer": .bool(view.isServer),
      "httpRequest": .string(view.httpRequest ?? "?"),
      "httpResponse": .string(view.httpResponse ?? "?"),
      "trafficStats": trafficStats(view.trafficStats),
      "createStats": .bool(true),
      "createWirelog": .bool(!result.transcript.isEmpty),
      "wirelog": .array(result.transcript.compactMap(wirelogRecord)),
    ]
    return .sorted(head.merging(connectionFacts(view)) { first, _ in first })
  }

  private static func connectionFacts(_ view: AliasView) -> [String: JSONText] {
    [
      "closedByMe": .bool(view.closedByMe), "failedByMe": .bool(view.failedByMe),
      "droppedByMe": .bool(view.droppedByMe), "wasClean": .bool(view.wasClean),
      "wasNotCleanReason": .optional(view.wasNotCleanReason),
      "wasServerConnectionDropTimeout": .bool(view.wasServerConnectionDropTimeout),
      "wasOpenHandshakeTimeout": .bool(view.wasOpenHandshakeTimeout),
      "wasCloseHandshakeTimeout": .bool(view.wasCloseHandshakeTimeout),
      "localCloseCode": .optional(view.localCloseCode),
      "localCloseReason": .optional(view.localCloseReason),
      "remoteCloseCode": .optional(view.remoteCloseCode),
      "remoteCloseReason": .optional(view.remoteCloseReason),
      "rxOctetStats": counts(view.rxOctetStats), "txOctetStats": counts(view.txOctetStats),
      "rxFrameStats": counts(view.rxFrameStats), "txFrameStats": counts(view.txFrameStats),
    ]
  }

  /// The keys of these objects are numbers and sorted as numbers.
  private static func counts(_ counts: [Int: Int]) -> JSONText {
    .object(counts.sorted { $0.key < $1.key }.map { ("\($0.key)", .int($0.value)) })
  }

  private static func event(_ event: AliasEvent) -> JSONText {
    switch event {
    case .message(let bytes, let byteCount, let isBinary):
      .array([
        .string("message"), .string(payloadText(bytes.octets, byteCount: byteCount)),
        .bool(isBinary),
      ])
    case .ping(let bytes):
      .array([
        .string("ping"), .string(payloadText(bytes.octets, byteCount: bytes.octets.count)),
      ])
    case .pong(let bytes):
      .array([
        .string("pong"), .string(payloadText(bytes.octets, byteCount: bytes.octets.count)),
      ])
    case .timeout(let mark):
      .array([.string("timeout"), .string(mark)])
    }
  }

  /// Payloads of up to 60 octets whole, longer ones as their first 64 and dots; hexadecimal when
  /// what is kept is not UTF-8.
  static func payloadText(_ octets: [UInt8], byteCount: Int) -> String {
    let isCut = byteCount > 60
    let kept = isCut ? Array(octets.prefix(64)) : octets
    let text = String(validating: kept, as: UTF8.self) ?? "0x\(PeerBytes(kept).hexadecimal)"
    return isCut ? text + " ..." : text
  }

  private static func cutHexadecimal(_ octets: [UInt8], byteCount: Int) -> String {
    let isCut = byteCount > 60
    let text = PeerBytes(isCut ? Array(octets.prefix(64)) : octets).hexadecimal
    return isCut ? text + " ..." : text
  }

  private static func expectedClose(_ expected: ExpectedClose?) -> JSONText {
    guard let expected else { return .object([]) }
    var members: [String: JSONText] = [
      "closedByMe": .bool(expected.closedByMe),
      "closeCode": .array(expected.closeCode.map { .int($0) }),
      "requireClean": .bool(expected.requireClean),
    ]
    if let isFatal = expected.closedByWrongEndpointIsFatal {
      members["closedByWrongEndpointIsFatal"] = .bool(isFatal)
    }
    return .sorted(members)
  }

  private static func trafficStats(_ stats: TrafficStats?) -> JSONText {
    guard let stats else { return .null }
    var members: [String: JSONText] = [:]
    for (name, capitalised, way) in [
      ("outgoing", "Outgoing", stats.outgoing), ("incoming", "Incoming", stats.incoming),
    ] {
      members["\(name)OctetsWireLevel"] = .int(way.wireOctets)
      members["\(name)OctetsWebSocketLevel"] = .int(way.webSocketOctets)
      members["\(name)OctetsAppLevel"] = .int(way.messageOctets)
      members["\(name)CompressionRatio"] = ratio(Double(way.webSocketOctets), to: way.messageOctets)
      members["\(name)WebSocketOverhead"] = ratio(
        Double(way.wireOctets) - Double(way.webSocketOctets), to: way.webSocketOctets)
      members["\(name)WebSocketFrames"] = .int(way.frameCount)
      members["\(name)WebSocketMessages"] = .int(way.messageCount)
      members["preopen\(capitalised)OctetsWireLevel"] = .int(way.preopenOctets)
    }
    return .sorted(members)
  }

  private static func ratio(_ part: Double, to whole: Int) -> JSONText {
    whole > 0 ? .double(part / Double(whole)) : .null
  }

  /// What a transcript's entry is in the wire log; pauses have no counterpart that readers use.
  private static func wirelogRecord(_ entry: TranscriptEntry) -> JSONText? {
    let payload = entry.payload ?? PayloadExcerpt(bytes: [], byteCount: 0)
    guard let frame = entry.frame, entry.kind == .frame else {
      guard entry.direction != .noted, entry.payload != nil else { return nil }
      let octets: JSONText = .array([
        .int(payload.byteCount),
        .string(cutHexadecimal(payload.bytes.octets, byteCount: payload.byteCount)),
      ])
      return entry.direction == .received
        ? .array([.string("RO"), octets]) : .array([.string("TO"), octets, .bool(false)])
    }
    let text: JSONText = .array([
      .int(payload.byteCount),
      .string(payloadText(payload.bytes.octets, byteCount: payload.byteCount)),
    ])
    let fields: [JSONText] = [
      text, .int(Int(frame.opcode)), .bool(frame.isFinal), .int(Int(frame.rsv)),
    ]
    let mask = JSONText.optional(frame.maskingKey?.hexadecimal)
    guard entry.direction == .sent else {
      return .array([.string("RF")] + fields + [.bool(frame.maskingKey != nil), mask])
    }
    return .array([.string("TF")] + fields + [mask, .null, .null, .bool(false)])
  }
}
