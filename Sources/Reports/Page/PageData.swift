/// The cases and their results as the page's script reads them: short keys, and text in which
/// nothing is invisible.
enum PageData {
  static func json(_ content: PageContent) -> JSONText {
    .object([
      ("grades", .array(Grade.allCases.map { .string($0.rawValue) })),
      ("agents", .array(content.agents.map { .string(VisibleText.visible($0.name)) })),
      ("cases", .array(content.cases.indices.map { description(content, at: $0) })),
      (
        "results",
        .array(
          content.agents.map { agent in
            .array(content.cases.map { result(agent.resultsByID[$0.id]) })
          })
      ),
    ])
  }

  private static func description(_ content: PageContent, at index: Int) -> JSONText {
    let description = content.cases[index]
    var members: [(String, JSONText)] = [
      ("id", text(description.id)),
      ("group", .int(content.groupOfCase[index])),
      ("section", text(description.section)),
      ("level", .string(description.level.rawValue)),
      ("why", text(description.why)),
    ]
    if !description.aliases.isEmpty {
      members.append(("aliases", .array(description.aliases.map(text))))
    }
    if let title = description.title { members.append(("title", text(title))) }
    if let script = description.script { members.append(("script", text(script))) }
    if let link = TranscriptText.link(toSection: description.section) {
      members.append(("link", .string(link)))
    }
    return .object(members)
  }

  private static func result(_ result: CaseResult?) -> JSONText {
    guard let result else { return .int(0) }
    var members: [(String, JSONText)] = [
      ("v", grade(result.verdict.overall)),
      ("b", grade(result.verdict.behaviour)),
      ("c", grade(result.verdict.closing)),
      ("ms", .double(Double(result.elapsedNanoseconds / 1000) / 1000)),
      ("why", text(result.reason)),
    ]
    for (key, value) in [
      ("expected", result.expected), ("received", result.received), ("known", result.knownFailure),
      ("replay", result.replay),
    ] {
      if let value { members.append((key, text(value))) }
    }
    if let view = result.aliasView {
      members.append(
        ("alias", .string("\(view.behavior.rawValue) / \(view.behaviorClose.rawValue)")))
      if let code = view.remoteCloseCode { members.append(("code", .int(code))) }
    }
    if !result.transcript.isEmpty {
      members.append(("log", .array(result.transcript.map(entry))))
      if result.omittedEntryCount > 0 { members.append(("cut", .int(result.omittedEntryCount))) }
    }
    return .object(members)
  }

  private static func grade(_ grade: Grade) -> JSONText {
    .int(Grade.allCases.firstIndex(of: grade) ?? 0)
  }

  /// Time in milliseconds, mark, notation, header, octets.
  private static func entry(_ entry: TranscriptEntry) -> JSONText {
    .array([
      .double(Double(entry.offsetNanoseconds / 1000) / 1000),
      .string(TranscriptText.mark(entry)),
      text(entry.notation),
      .string(entry.frame.map(header) ?? ""),
      text(entry.payload.map { entry.kind == .handshake ? head($0) : octets($0) } ?? ""),
    ])
  }

  /// A frame's header in the words of RFC 6455 §5.2.
  private static func header(_ frame: FrameFields) -> String {
    var words = [frame.isFinal ? "FIN" : "fin=0"]
    if frame.rsv != 0 { words.append("rsv=\(frame.rsv)") }
    words.append("opcode=\(frame.opcode)")
    words.append("length=\(frame.payloadLength) (\(frame.lengthBits) bits)")
    words.append(frame.maskingKey.map { "mask=\($0.hexadecimal)" } ?? "unmasked")
    return words.joined(separator: " ")
  }

  /// A request or response head as its lines.
  private static func head(_ excerpt: PayloadExcerpt) -> String {
    let text = excerpt.bytes.text.replacing("\r\n", with: "\n").trimmed
    return excerpt.isCut ? "\(text)…" : text
  }

  private static func octets(_ excerpt: PayloadExcerpt) -> String {
    let shown = excerpt.bytes.octets.prefix(64)
    guard !shown.isEmpty else { return "" }
    let hexadecimal = PeerBytes(Array(shown)).hexadecimal
    return shown.count < excerpt.byteCount
      ? "\(hexadecimal)… of \(excerpt.byteCount) octets" : hexadecimal
  }

  private static func text(_ text: String) -> JSONText { .string(VisibleText.visible(text)) }
}
