/// SARIF 2.1.0: a rule for each case, a result for each failure, the known ones suppressed; what else went wrong is
/// a notification.
enum SARIFReport {
  /// How many results are written; platforms refuse more.
  static let resultLimit = 5000
  /// How long a message may be, in characters.
  private static let textLimit = 2000

  static func text(for run: Run) -> String {
    let failures = FlatResult.all(run.conformance).filter { $0.standing != .met }
    let reported = failures.prefix(resultLimit)
    var indices: [String: Int] = [:]
    var rules: [JSONText] = []
    for item in reported where indices[item.description.id] == nil {
      indices[item.description.id] = rules.count
      rules.append(rule(item.description))
    }
    let driver = JSONText.object([
      ("name", text(run.tool.name)), ("version", text(run.tool.version)),
      ("rules", .array(rules)),
    ])
    let invocation = JSONText.object([
      ("executionSuccessful", .bool(run.isComplete)),
      ("commandLine", text(run.commandLine.joined(separator: " "))),
      ("startTimeUtc", .string("\(run.started)")),
      ("toolExecutionNotifications", .array(notifications(run))),
    ])
    let document = JSONText.object([
      ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")),
      ("version", .string("2.1.0")),
      (
        "runs",
        .array([
          .object([
            ("tool", .object([("driver", driver)])), ("invocations", .array([invocation])),
            ("columnKind", .string("unicodeCodePoints")),
            (
              "results",
              .array(reported.map { result($0, ruleIndex: indices[$0.description.id] ?? 0) })
            ),
          ])
        ])
      ),
    ])
    return document.text(indent: 1) + "\n"
  }

  /// Troubles, and loads whose numbers may not tell of the server.
  private static func notifications(_ run: Run) -> [JSONText] {
    func notification(_ level: String, _ words: String) -> JSONText {
      .object([("level", .string(level)), ("message", message(words))])
    }
    let troubles = RunTrouble.all(run).prefix(resultLimit).map { trouble in
      notification(
        trouble.standing == .broken ? "error" : "note",
        "\(trouble.place): \(trouble.name): \(trouble.reason)")
    }
    let suspects = run.load.filter { $0.generator.validity == .suspect && $0.generator.isTrusted }
    return troubles
      + suspects.map { load in
        notification(
          "warning",
          (["load: \(load.name): suspect"] + load.generator.remarks).joined(separator: "; "))
      }
  }

  private static func rule(_ description: CaseDescription) -> JSONText {
    let title = description.title ?? description.why
    var members: [(String, JSONText)] = [
      ("id", text(description.id)),
      ("shortDescription", message(title)), ("fullDescription", message(description.why)),
      (
        "defaultConfiguration", .object([("level", .string(level(description.level)))])
      ),
      (
        "properties",
        .object([
          ("tags", .array(([description.section] + description.aliases).map(text)))
        ])
      ),
    ]
    if let link = TranscriptText.link(toSection: description.section) {
      members.append(("helpUri", .string(link)))
    }
    return .object(members)
  }

  private static func level(_ level: RequirementLevel) -> String {
    switch level {
    case .must: "error"
    case .should: "warning"
    case .may: "note"
    }
  }

  private static func result(_ item: FlatResult, ruleIndex: Int) -> JSONText {
    let name = "\(item.agent.name)/\(item.description.id)"
    var words = ["\(item.agent.name): \(item.result.explanation)"]
    if let expected = item.result.expected { words.append("Expected: \(expected)") }
    if let received = item.result.received { words.append("Received: \(received)") }
    if let replay = item.result.replay { words.append("Again: \(replay)") }
    var members: [(String, JSONText)] = [
      ("ruleId", text(item.description.id)), ("ruleIndex", .int(ruleIndex)),
      ("level", .string(level(item.description.level))),
      ("message", message(words.joined(separator: "\n"))),
      (
        "locations",
        .array([
          .object([
            // Viewers want a place in a file; a peer has none but its name.
            (
              "physicalLocation",
              .object([
                (
                  "artifactLocation",
                  .object([("uri", .string(VisibleText.percentEncoded(name)))])
                )
              ])
            ),
            (
              "logicalLocations",
              .array([.object([("fullyQualifiedName", text(name)), ("kind", .string("member"))])])
            ),
          ])
        ])
      ),
      ("partialFingerprints", .object([("caseAndAgent/v1", text(name))])),
    ]
    if item.standing != .broken {
      let why = item.result.knownFailure ?? "below the level that counts"
      members.append(
        (
          "suppressions",
          .array([.object([("kind", .string("external")), ("justification", text(why))])])
        ))
    }
    return .object(members)
  }

  private static func message(_ words: String) -> JSONText { .object([("text", text(words))]) }

  private static func text(_ text: String) -> JSONText {
    .string(VisibleText.visible(String(text.prefix(textLimit))))
  }
}
