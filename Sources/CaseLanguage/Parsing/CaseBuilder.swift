/// Gathers the lines of one case.
struct CaseBuilder {
  private var item: Case
  private var hasSection: Bool
  private var why: [String] = []
  var reactions: [PartialReaction] = []
  var defaultEnding: Ending?
  var judgement = Judgement.events
  var steps: [Step] = []
  /// The octets of payloads that are written out.
  var literalCount = 0
  /// The events of all reactions.
  var eventCount = 0
  /// The peers that the lines about the opening handshake are for.
  private var openingPeers: Peers?

  /// A reaction whose ending may still be missing.
  struct PartialReaction {
    var events: [ExpectedEvent] = []
    var ending: Ending?
    var grade = Grade.pass
    var isEstablished = true
    var opening: OpeningOutcome?
  }

  init(id: String, section: Citation?) {
    hasSection = section != nil
    item = Case(id: id, citation: section ?? Citation(document: "", section: ""))
  }

  /// Reads one line of the body of a case or of a `defaults` block.
  mutating func read(
    _ line: SourceText, _ bindings: CaseBindings, in budget: inout ExpansionBudget,
    isDefault: Bool
  ) throws(CaseSyntaxError) {
    let word = Scanner(line).peekToken()
    switch word {
    case ">":
      guard !isDefault else { throw line.error("a step cannot be a default") }
      return try readSteps(line, bindings, in: &budget)
    case "<":
      return try readExpectations(line, bindings, in: &budget, isDefault: isDefault)
    case "or":
      guard !isDefault else { throw line.error("another reaction cannot be a default") }
      if reactions.isEmpty { reactions.append(PartialReaction()) }
      reactions.append(PartialReaction())
      return try readExpectations(line, bindings, in: &budget, isDefault: false)
    default: break
    }
    // Scripts get the values of what varies, all else its names.
    let isScript = ["within", "offer", "accept", "agree", "need"].contains(word)
    var scanner = Scanner(
      try line.filled(in: &budget, isScript ? bindings.value : bindings.name))
    _ = scanner.token()
    switch word {
    case "grade": try readGrade(&scanner)
    default: try readProperty(word, &scanner)
    }
    try scanner.expectEnd()
  }

  /// A line about the opening handshake is for these peers: then the whole case is.
  mutating func isFor(_ peers: Peers, _ scanner: Scanner) throws(CaseSyntaxError) {
    guard openingPeers ?? peers == peers else {
      throw scanner.error(
        """
        the peer cannot be server and client at once: `request` steps, accept and refuse are for \
        servers, `response` steps, certificate and `< request` for clients
        """, at: scanner.wordStart)
    }
    openingPeers = peers
  }

  private mutating func readProperty(
    _ word: String, _ scanner: inout Scanner
  ) throws(CaseSyntaxError) {
    switch word {
    case "title": item.title = try scanner.sentence("the title")
    case "alias": try readAliases(&scanner)
    case "why": why.append(try scanner.sentence("the requirement"))
    case "level": item.level = try scanner.choice("must, should or may", Level.init(rawValue:))
    case "section":
      item.citation = try CaseBuilder.citation(&scanner)
      hasSection = true
    case "tags":
      while !scanner.peekToken().isEmpty {
        let tag = scanner.token()
        if !item.tags.contains(tag) { item.tags.append(tag) }
        guard item.tags.count <= 32 else { throw scanner.error("expected at most 32 tags") }
      }
    case "peer":
      item.peers = try scanner.choice("server, client or both") { Peers(word: $0) }
    case "certificate":
      try isFor(.client, scanner)
      item.certificate = try scanner.choice(
        """
        trusted, other-name, common-name, expired, not-yet-valid, unknown-authority, self-signed, \
        forged, issued-by-server or for-clients
        """,
        ServerCertificate.init(rawValue:))
    case "credentials":
      try isFor(.client, scanner)
      item.credentials = try scanner.choice("NAME:SECRET, of letters and digits") {
        text -> String? in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isGood =
          parts.count == 2
          && parts.allSatisfy {
            !$0.isEmpty && $0.utf8.allSatisfy(\.isNamePart)
          }
        return isGood ? text : nil
      }
    case "report":
      while !scanner.peekToken().isEmpty {
        item.report.formUnion(
          try scanner.choice("time or compression-ratio") { ReportFlags(word: $0) })
      }
    case "check":
      while !scanner.peekToken().isEmpty {
        item.checks.formUnion(
          try scanner.choice("fresh-masks, written-reason or no-tunnel") { word in
            PeerChecks.words.first { $0.word == word }?.check
          })
      }
    case "within":
      let duration = try scanner.duration()
      let action = try scanner.choice("kill or close after the duration") {
        Deadline.Action(rawValue: $0)
      }
      item.deadline = Deadline(duration, action)
    case "informational": item.expectation.isInformational = true
    case "offer", "accept", "agree", "need":
      var policy = item.compression ?? CompressionPolicy(offers: [], acceptance: [])
      try policy.read(word, &scanner)
      item.compression = policy
    case let word: throw scanner.error(CaseBuilder.unknown(word), at: scanner.wordStart)
    }
  }

  private static func unknown(_ word: String) -> String {
    if word == "if" || word == "for" { return "there are no conditions or loops in a case" }
    return """
      expected >, <, or <, alias, why, level, title, tags, peer, certificate, credentials, within, grade, report, check, \
      informational, offer, accept, agree, need, section, table or vary, not `\(word)`
      """
  }

  private mutating func readAliases(_ scanner: inout Scanner) throws(CaseSyntaxError) {
    repeat {
      scanner.skipBlanks()
      let start = scanner.position
      guard let alias = CaseAlias(scanner.token()) else {
        throw scanner.error("expected an alias such as autobahn:2.5", at: start)
      }
      item.aliases.append(alias)
    } while !scanner.peekToken().isEmpty
  }

  /// `RFC 6455 §5.5`, up to the end of the line.
  static func citation(_ scanner: inout Scanner) throws(CaseSyntaxError) -> Citation {
    let start = scanner
    let text = Array(scanner.rest().utf8)
    let sign = text.indices.first { text[$0...].starts(with: "§".utf8) } ?? text.count
    let document = String(decoding: text[..<sign], as: UTF8.self).trimmingBlanks()
    let section = String(decoding: text[sign...].dropFirst(2), as: UTF8.self).trimmingBlanks()
    guard !document.isEmpty, sign == text.count || !section.isEmpty else {
      throw start.error("expected a clause such as RFC 6455 §5.5")
    }
    return Citation(document: document, section: section)
  }

  /// The case, once all its lines are read.
  func finish(_ head: SourceText) throws(CaseSyntaxError) -> Case {
    try checkTexts(head)
    guard hasSection else { throw head.error("expected a section above the case, or in it") }
    guard !why.isEmpty else { throw head.error("expected a why line: which requirement is it?") }
    let looksAtOpening = reactions.contains {
      switch $0.opening {
      case .requested, .unasked, .followed, .stayed: true
      case .accepted, .refused, .dropped, nil: false
      }
    }
    guard !steps.isEmpty || looksAtOpening else { throw head.error("expected a step: > …") }
    try checkTLS(head)
    var item = item
    if let openingPeers {
      guard item.peers.contains(openingPeers) else {
        throw head.error("its opening handshake is that of a case for peer \(openingPeers.word)")
      }
      item.peers = openingPeers
    }
    item.why = why.joined(separator: " ")
    if item.title.isEmpty { item.title = CaseBuilder.title(of: item.id) }
    item.steps = steps
    if let index = steps.firstIndex(where: \.isExchange) {
      guard index == steps.count - 1 else { throw head.error("an exchange must be the last step") }
      item.expectation.judgement = .exchange
      guard reactions.allSatisfy(\.events.isEmpty) else {
        throw head.error("an exchange has its own expectations: only an ending can be added")
      }
    } else {
      item.expectation.judgement = judgement
    }
    if judgement == .firstMessage,
      reactions.contains(where: { $0.opening?.opens != false && $0.events.count != 1 })
    {
      throw head.error("expected one message after `< first`, and nothing else")
    }
    let partial = reactions.isEmpty ? [PartialReaction()] : reactions
    let ending = partial[0].ending ?? defaultEnding ?? Ending()
    item.expectation.reactions = partial.map {
      let opening = $0.opening ?? .accepted([])
      return Reaction(
        events: $0.events, ending: opening.opens ? $0.ending ?? ending : Ending(),
        grade: $0.grade, isEstablished: $0.isEstablished, opening: opening)
    }
    return item
  }

  /// Whether what is expected in TLS is expected where TLS is what the case is about.
  private func checkTLS(_ head: SourceText) throws(CaseSyntaxError) {
    guard item.needsOwnPort || !reactions.contains(where: { $0.opening?.concernsRedirects == true })
    else {
      throw head.error(
        "follow and stay need a line that gives the case a port of its own: "
          + "credentials, or certificate")
    }
    guard item.certificate == nil, reactions.contains(where: { $0.opening?.concernsTLS == true })
    else { return }
    throw head.error("no-request and server-name need a certificate line: which one do we show?")
  }

  /// Whether what people wrote can be printed and read again as the same.
  private func checkTexts(_ head: SourceText) throws(CaseSyntaxError) {
    let citation = item.citation
    let texts =
      [item.title, citation.document, citation.section] + why + item.tags
      + item.aliases.map(\.description) + (item.compression?.offers ?? [])
    guard texts.reduce(0, { $0 + $1.utf8.count }) <= 8192 else {
      throw head.error("the texts of the case are longer than 8192 octets")
    }
    for text in texts {
      var previous = UInt8.space
      for octet in text.utf8 {
        guard octet >= .space, octet != 0x7f, octet != .openBrace,
          octet != .hash || !previous.isBlank
        else {
          throw head.error(
            "expected a text without control characters, braces and #, not `\(text)`")
        }
        previous = octet
      }
    }
  }

  /// `5.5/payload-over-125` is about “Payload over 125”.
  private static func title(of id: String) -> String {
    let last = id.split(separator: "/").dropFirst().joined(separator: " ")
    let words = (last.isEmpty ? id : last).split(separator: "-").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

extension Step {
  var isExchange: Bool {
    if case .exchange = self { return true }
    return false
  }
}

extension StringProtocol {
  func trimmingBlanks() -> String {
    let octets = Array(utf8).drop { $0.isBlank }
    var end = octets.endIndex
    while end > octets.startIndex, octets[end - 1].isBlank { end -= 1 }
    return String(decoding: octets[..<end], as: UTF8.self)
  }
}
