extension CaseBuilder {
  /// Reads `< line` or `or < line`, and `< N x event`, where `{i}` counts from 0.
  mutating func readExpectations(
    _ line: SourceText, _ bindings: CaseBindings, in budget: inout ExpansionBudget,
    isDefault: Bool
  ) throws(CaseSyntaxError) {
    var bindings = bindings
    bindings.bind("i", to: 0)
    var scanner = Scanner(try line.filled(in: &budget, bindings.value))
    let count = try scanner.expectationCount()
    for index in 0..<count {
      if index > 0 {
        bindings.bind("i", to: index)
        scanner = Scanner(try line.filled(in: &budget, bindings.value))
        _ = try scanner.expectationCount()
      }
      try readExpectation(&scanner, in: &budget, isDefault: isDefault)
      try scanner.expectEnd()
    }
  }

  private mutating func readExpectation(
    _ scanner: inout Scanner, in budget: inout ExpansionBudget, isDefault: Bool
  ) throws(CaseSyntaxError) {
    let isEcho = scanner.text.octets.contains(subsequence: "echo".utf8)
    if isEcho { try budget.spend(literalCount + 64 * steps.count, at: scanner.text) }
    let line = try scanner.expectation(echo: steps)
    if case .ending(let ending) = line, isDefault {
      defaultEnding = ending
      return
    }
    guard !isDefault else {
      throw scanner.error("only an ending (close, fail) can be a default", at: scanner.wordStart)
    }
    if reactions.isEmpty { reactions.append(PartialReaction()) }
    let last = reactions.count - 1
    guard reactions[last].ending == nil else {
      throw scanner.error("nothing can follow the ending", at: scanner.wordStart)
    }
    if let opening = reactions[last].opening, !opening.opens {
      throw scanner.error(
        "nothing can follow where the connection does not open", at: scanner.wordStart)
    }
    switch line {
    case .ending(let ending): reactions[last].ending = ending
    case .opening(let outcome):
      try isFor(outcome, scanner)
      guard reactions[last].opening == nil, reactions[last].events.isEmpty else {
        throw scanner.error(
          "the opening comes first in a reaction, and once", at: scanner.wordStart)
      }
      reactions[last].opening = outcome
    case .events(let events):
      try add(events, of: scanner)
    case .firstMessage(let event):
      judgement = .firstMessage
      try add([event], of: scanner)
    }
  }

  private mutating func add(
    _ events: [ExpectedEvent], of scanner: Scanner
  ) throws(CaseSyntaxError) {
    eventCount += events.count
    guard eventCount <= ExpansionBudget.mostSteps, reactions.count <= 256 else {
      throw scanner.error("the case expects too much: 10000 events and 256 reactions are the most")
    }
    for event in events {
      switch event.kind {
      case .message(_, let payload), .pong(let payload): try hold(payload, of: scanner)
      case .mark: break
      }
    }
    reactions[reactions.count - 1].events += events
  }

  private mutating func isFor(
    _ outcome: OpeningOutcome, _ scanner: Scanner
  ) throws(CaseSyntaxError) {
    switch outcome {
    case .accepted, .refused: try isFor(.server, scanner)
    case .requested, .unasked, .followed, .stayed: try isFor(.client, scanner)
    case .dropped: break
    }
  }

  /// Reads `grade pass`, `grade acceptable`, and whether the reaction is `ours` alone.
  mutating func readGrade(_ scanner: inout Scanner) throws(CaseSyntaxError) {
    guard !reactions.isEmpty else {
      throw scanner.error("expected a reaction (<) above its grade", at: scanner.wordStart)
    }
    let last = reactions.count - 1
    reactions[last].grade = try scanner.choice("pass or acceptable", Grade.init(rawValue:))
    reactions[last].isEstablished = !scanner.takeWord("ours")
  }
}

extension Scanner {
  /// Reads `<` or `or <`, and the number of `N x` if it is there.
  fileprivate mutating func expectationCount() throws(CaseSyntaxError) -> Int {
    skipBlanks()
    if takeWord("or") { skipBlanks() }
    guard peekToken().utf8.first == 0x3c else { throw error("expected < after `or`") }
    return try repetitions(after: "<")
  }
}
