import WebSocketProtocol

/// Writes cases as case files do, with everything expanded.
///
/// What the parser made, it makes again from the printed text: `parse(print(x)) == x`.
public enum CasePrinter {
  /// One case, with a line feed at the end of each line.
  public static func print(_ item: Case) -> String {
    var lines = ["case  \(item.id)"]
    func add(_ word: String, _ text: String) {
      lines.append("  " + word + String(repeating: " ", count: max(1, 7 - word.count)) + text)
    }
    add("section", item.citation.description)
    if !item.aliases.isEmpty {
      add("alias", item.aliases.map(\.description).joined(separator: " "))
    }
    add("title", item.title)
    add("why", item.why)
    add("level", item.level.rawValue)
    if !item.tags.isEmpty { add("tags", item.tags.joined(separator: " ")) }
    if item.peers != .both { add("peer", item.peers.word) }
    if let certificate = item.certificate { add("certificate", certificate.rawValue) }
    if let credentials = item.credentials { add("credentials", credentials) }
    if let policy = item.compression {
      if !policy.offers.isEmpty { add("offer", policy.offerFieldValue) }
      if !policy.acceptance.isEmpty {
        add("accept", policy.acceptance.map(\.description).joined(separator: ", "))
      }
      if !policy.agreements.isEmpty {
        add("agree", policy.agreements.map(\.description).joined(separator: ", "))
      }
      let needs =
        (policy.needsContext ? ["context"] : []) + (policy.needsReset ? ["reset"] : [])
        + (policy.neededWindowBits > 8 ? ["window=\(policy.neededWindowBits)"] : [])
      if !needs.isEmpty { add("need", needs.joined(separator: " ")) }
    }
    if !item.report.isEmpty { add("report", words(item.report)) }
    let checks = PeerChecks.words.filter { item.checks.contains($0.check) }.map(\.word)
    if !checks.isEmpty { add("check", checks.joined(separator: " ")) }
    for step in item.steps { add(">", step.description) }
    for (index, reaction) in item.expectation.reactions.enumerated() {
      append(reaction, of: item, word: index == 0 ? "<" : "or <", add)
    }
    if item.expectation.isInformational { add("informational", "") }
    if let deadline = item.deadline {
      add("within", "\(StepNotation.duration(deadline.duration)) \(deadline.action.rawValue)")
    }
    return lines.map { $0.trimmingEnd() + "\n" }.joined()
  }

  private static func append(
    _ reaction: Reaction, of item: Case, word: String, _ add: (String, String) -> Void
  ) {
    let first = item.expectation.judgement == .firstMessage ? "first " : ""
    var word = word
    if reaction.opening != .accepted([]) || (item.concernsOpening && item.peers == .server) {
      add(word, reaction.opening.description)
      word = "<"
    }
    if !reaction.opening.opens {
      appendGrade(of: reaction, add)
      return
    }
    if reaction.events.isEmpty, item.expectation.judgement == .events {
      add(word, "nothing")
      word = "<"
    }
    for event in reaction.events {
      add(word, first + event.description)
      word = "<"
    }
    add(word, reaction.ending.description)
    appendGrade(of: reaction, add)
  }

  private static func appendGrade(of reaction: Reaction, _ add: (String, String) -> Void) {
    if reaction.grade != .pass || !reaction.isEstablished {
      add("grade", reaction.grade.rawValue + (reaction.isEstablished ? "" : " ours"))
    }
  }

  private static func words(_ flags: ReportFlags) -> String {
    var words: [String] = []
    if flags.contains(.time) { words.append("time") }
    if flags.contains(.compressionRatio) { words.append("compression-ratio") }
    return words.joined(separator: " ")
  }
}

extension ExpectedEvent: CustomStringConvertible {
  /// The event as a case file writes it: `pong "hello"`.
  public var description: String {
    let text =
      switch kind {
      case .message(let kind, let payload): "\(kind.word) \(payload)"
      case .pong(let payload): "pong \(payload)"
      case .mark(let name): "mark \(name)"
      }
    return text + (isOptional ? " optional" : "")
  }
}

extension Ending: CustomStringConvertible {
  /// The ending as a case file writes it: `fail 1002`.
  public var description: String {
    var text = initiator == .us ? "close" : "fail"
    for code in codes { text += " \(code)" }
    if isCleanRequired != (initiator == .us) { text += isCleanRequired ? " clean" : " unclean" }
    switch (failsOnWrongInitiator, failsOnWrongCode) {
    case (true, true): text += " fatal=initiator,code"
    case (true, false): text += " fatal=initiator"
    case (false, true): text += " fatal=code"
    case (false, false): break
    }
    return text
  }
}

extension CompressionPolicy.AcceptanceRule: CustomStringConvertible {
  /// The rule as a case file writes it: what is added to the answer, or `any`.
  public var description: String {
    var parameters: [String] = []
    if clientNoContextTakeover { parameters.append("client_no_context_takeover") }
    if let bits = clientMaxWindowBits { parameters.append("client_max_window_bits=\(bits)") }
    return parameters.isEmpty ? "any" : parameters.joined(separator: "; ")
  }
}

extension AgreementRule: CustomStringConvertible {
  /// The rule as a case file writes it: `none`, `any`, or what the answer must say.
  public var description: String {
    switch self {
    case .declined: "none"
    case .accepted(let demands) where demands.isEmpty: "any"
    case .accepted(let demands): demands.map(\.description).joined(separator: "; ")
    }
  }
}

extension AgreementRule.Demand: CustomStringConvertible {
  /// The demand as a case file writes it: `server_max_window_bits<=10`.
  public var description: String {
    switch condition {
    case .present: name
    case .absent: "!" + name
    case .equal(let value): "\(name)=\(value)"
    case .atMost(let most): "\(name)<=\(most)"
    }
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var octets = utf8[...]
    while octets.last == 0x20 { octets.removeLast() }
    return String(octets) ?? self
  }
}
