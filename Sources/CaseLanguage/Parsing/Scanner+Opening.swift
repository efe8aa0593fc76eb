/// The lines about the opening handshake: `request Upgrade=none`, `accept`, `refuse 4xx`.
extension Scanner {
  /// What comes after `request` or `response` in a step.
  mutating func headScript(_ kind: HeadScript.Kind) throws(CaseSyntaxError) -> HeadScript {
    var script = HeadScript(kind)
    while true {
      skipBlanks()
      if isAtEnd { return script }
      if takeWord("bare") {
        script.isBare = true
      } else if takeWord("unfinished") {
        script.isUnfinished = true
      } else if takeWord("sync") {
        script.delivery = .alone
      } else if attribute(["chop"]) != nil {
        let size = try integer("a number of octets", in: 1...UInt64(Scanner.largestPayload))
        script.delivery = .pieces(Int(size))
      } else if attribute(["eol"]) != nil {
        script.lineEnd = try payload()
      } else {
        script.edits.append(try headEdit(kind))
        guard script.edits.count <= 256 else { throw error("expected at most 256 changes") }
      }
    }
  }

  private mutating func headEdit(
    _ kind: HeadScript.Kind
  ) throws(CaseSyntaxError) -> HeadScript.Edit {
    let start = position
    let name = headName()
    let isAddition = take("+=")
    guard !name.isEmpty, isAddition || take("=") else {
      throw error(
        """
        expected bare, unfinished, sync, chop=N, eol=…, raw=…, \
        \(kind == .request ? "method=…, target=…" : "status=…"), version=…, NAME=… or NAME+=…
        """, at: start)
    }
    let isNone = takeWord("none")
    if isAddition || name == "raw" {
      guard !isNone else { throw error("there is nothing to add", at: start) }
      let value = try headValue()
      return name == "raw" ? .line(value) : .addition(name, value)
    }
    let value = isNone ? nil : try headValue()
    guard let part = HeadPart(rawValue: name) else { return .field(name, value) }
    guard part.belongs(to: kind) else {
      throw error("a \(kind.rawValue) has no \(name)", at: start)
    }
    return .part(part, value)
  }

  /// The name of a part or of a field.
  private mutating func headName() -> String {
    let name = text.octets[position...].prefix { $0.isNamePart }
    advance(name.count)
    return String(decoding: name, as: UTF8.self)
  }

  /// Payload terms, `usual`, `usual(NAME)` and `lowercase(usual)`, joined by `+`.
  private mutating func headValue() throws(CaseSyntaxError) -> HeadValue {
    var terms: [HeadValue.Term] = []
    while true {
      let term = try headTerm()
      if case .octets(let payload) = term, case .octets(let last) = terms.last {
        terms[terms.count - 1] = .octets(Payload.joined([last, payload]))
      } else {
        terms.append(term)
      }
      guard terms.count <= 64 else { throw error("expected at most 64 terms") }
      let beforeBlanks = position
      skipBlanks()
      guard take("+") else {
        position = beforeBlanks
        return HeadValue(terms)
      }
    }
  }

  private mutating func headTerm() throws(CaseSyntaxError) -> HeadValue.Term {
    skipBlanks()
    if take("elsewhere") { return .elsewhere }
    let isLowercased = take("lowercase(")
    guard take("usual") else {
      if isLowercased { throw error("expected usual, or usual(NAME)") }
      return .octets(try payloadTerm())
    }
    var name: String?
    if take("(") {
      name = headName()
      guard take(")"), name?.isEmpty == false else {
        throw error("expected the name of a part or a field, and )")
      }
    }
    if isLowercased {
      guard take(")") else { throw error("expected )") }
    }
    return .usual(of: name, isLowercased: isLowercased)
  }

  /// The statuses after `refuse`.
  mutating func statuses() throws(CaseSyntaxError) -> [StatusPattern] {
    var statuses: [StatusPattern] = []
    while true {
      skipBlanks()
      guard let octet = next, octet.isDigit else { return statuses }
      let word = Array(peekToken().utf8)
      let isClass = word.dropFirst().elementsEqual("xx".utf8)
      guard let number = Int(String(decoding: word.prefix(isClass ? 1 : 3), as: UTF8.self)),
        word.count == 3, (1...5).contains(isClass ? number : number / 100), number != 101
      else {
        throw error("expected a status such as 400, other than 101, or a class such as 4xx")
      }
      statuses.append(isClass ? .hundreds(number) : .code(number))
      guard statuses.count <= 64 else { throw error("expected at most 64 statuses") }
      _ = token()
    }
  }

  /// The tests of the peer's head, up to the end of the line.
  mutating func headTests(of kind: HeadScript.Kind) throws(CaseSyntaxError) -> [HeadTest] {
    var tests: [HeadTest] = []
    while true {
      skipBlanks()
      if isAtEnd { return tests }
      let start = position
      let name = headName()
      guard !name.isEmpty, take("=") else {
        throw error("expected NAME=\"value\", NAME=once, NAME=key or NAME=none", at: start)
      }
      let part = HeadPart(rawValue: name)
      if let part, !part.belongs(to: kind) {
        throw error("a \(kind.rawValue) has no \(name)", at: start)
      }
      let isServerName = name == "server-name" && kind == .request
      let subject: HeadTest.Subject =
        part.map { .part($0) } ?? (isServerName ? .serverName : .field(name))
      tests.append(HeadTest(subject, try headCondition()))
      guard tests.count <= 64 else { throw error("expected at most 64 tests") }
    }
  }

  private mutating func headCondition() throws(CaseSyntaxError) -> HeadTest.Condition {
    if takeWord("none") { return .absent }
    if takeWord("once") { return .once }
    if takeWord("key") { return .key }
    let start = position
    guard isAtPayload, case .octets(let octets) = try payloadTerm(),
      let text = String(validating: octets, as: UTF8.self), octets.count <= 1024
    else {
      throw error("expected \"value\", once, key or none", at: start)
    }
    return .names(text)
  }
}

extension HeadScript {
  /// The payloads that the head describes.
  var payloads: [Payload] {
    var payloads = [lineEnd]
    for edit in edits {
      let value: HeadValue? =
        switch edit {
        case .part(_, let value), .field(_, let value): value
        case .addition(_, let value), .line(let value): value
        }
      for case .octets(let payload) in value?.terms ?? [] { payloads.append(payload) }
    }
    return payloads
  }
}
