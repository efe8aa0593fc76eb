extension HeadScript: CustomStringConvertible {
  /// The head as a case file writes it: `request Upgrade=none chop=1`.
  public var description: String {
    var words = [kind.rawValue]
    if isBare { words.append("bare") }
    words += edits.map(\.description)
    if lineEnd != HeadScript.usualLineEnd { words.append("eol=\(lineEnd)") }
    if isUnfinished { words.append("unfinished") }
    return words.joined(separator: " ") + StepNotation.delivery(delivery)
  }
}

extension HeadScript.Edit: CustomStringConvertible {
  /// The difference as a case file writes it: `Upgrade="h2c"`.
  public var description: String {
    switch self {
    case .part(let part, let value): "\(part.rawValue)=\(value?.description ?? "none")"
    case .field(let name, let value): "\(name)=\(value?.description ?? "none")"
    case .addition(let name, let value): "\(name)+=\(value)"
    case .line(let value): "raw=\(value)"
    }
  }
}

extension HeadValue: CustomStringConvertible {
  /// The value as a case file writes it: `"keep-alive, " + usual`.
  public var description: String { terms.map(\.description).joined(separator: " + ") }
}

extension HeadValue.Term: CustomStringConvertible {
  /// The term as a case file writes it.
  public var description: String {
    switch self {
    case .octets(let payload): return payload.description
    case .elsewhere: return "elsewhere"
    case .usual(let name, let isLowercased):
      let usual = "usual" + (name.map { "(\($0))" } ?? "")
      return isLowercased ? "lowercase(\(usual))" : usual
    }
  }
}

extension OpeningOutcome: CustomStringConvertible {
  /// The outcome as a case file writes it: `refuse 4xx`.
  public var description: String {
    switch self {
    case .accepted(let tests): Self.words("accept", tests)
    case .refused(let statuses, let tests):
      Self.words((["refuse"] + statuses.map(\.description)).joined(separator: " "), tests)
    case .dropped: "drop"
    case .requested(let tests): Self.words("request", tests)
    case .unasked: "no-request"
    case .followed(let tests): Self.words("follow", tests)
    case .stayed: "stay"
    }
  }

  private static func words(_ word: String, _ tests: [HeadTest]) -> String {
    ([word] + tests.map(\.description)).joined(separator: " ")
  }
}

extension StatusPattern: CustomStringConvertible {
  /// The pattern as a case file writes it: `400`, `4xx`.
  public var description: String {
    switch self {
    case .code(let code): "\(code)"
    case .hundreds(let number): "\(number)xx"
    }
  }
}

extension HeadTest: CustomStringConvertible {
  /// The test as a case file writes it: `Sec-WebSocket-Version="13"`.
  public var description: String {
    let name: String =
      switch subject {
      case .part(let part): part.rawValue
      case .field(let name): name
      case .serverName: "server-name"
      }
    return switch condition {
    case .absent: "\(name)=none"
    case .once: "\(name)=once"
    case .key: "\(name)=key"
    case .names(let text): "\(name)=\(PayloadNotation.literal(Array(text.utf8)))"
    }
  }
}
