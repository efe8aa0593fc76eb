import CaseLanguage
import HTTP
import WebSocketProtocol

extension OpeningOutcome {
  /// Why the facts are not this outcome, in one line; nil: they are.
  func complaint(_ facts: CaseFacts) -> String? {
    switch self {
    case .accepted(let tests):
      guard facts.isOpened else { return "no opening handshake: \(facts.openingSummary)" }
      if case .head(_, let complaint?) = facts.answer { return complaint }
      return tests.lazy.compactMap { $0.complaint(about: facts.response) }.first
    case .refused(let statuses, let tests):
      guard case .head(let head, nil) = facts.answer, head.status.code != 101 else {
        return "the server should have refused the opening handshake: \(facts.openingSummary)"
      }
      guard statuses.isEmpty || statuses.contains(where: { $0.matches(head.status.code) }) else {
        let wanted = statuses.map(\.description).joined(separator: " or ")
        return "status \(head.status.code) instead of \(wanted)"
      }
      return tests.lazy.compactMap { $0.complaint(about: head) }.first
    case .dropped:
      return facts.role == .client ? serverDropComplaint(facts) : clientComplaint(facts)
    case .unasked: return trustComplaint(facts)
    case .followed(let tests):
      guard let request = facts.elsewhere else { return nil }
      return tests.lazy.compactMap { $0.complaint(about: request) }.first.map {
        "where the redirect led the client, \($0)"
      }
    case .stayed:
      return facts.elsewhere == nil ? nil : "the client followed the redirect"
    case .requested(let tests):
      if facts.request == nil { return "no request came: \(facts.openingSummary)" }
      if facts.spokeEarly { return "the client did not wait for the answer to its request" }
      if tests.isEmpty, let complaint = facts.requestComplaint {
        return "the request is not valid: \(complaint)"
      }
      return tests.lazy.compactMap { $0.complaint(aboutClient: facts) }.first
        ?? (facts.isOpened ? nil : "no opening handshake: \(facts.openingSummary)")
    }
  }

  private func serverDropComplaint(_ facts: CaseFacts) -> String? {
    guard facts.answer == .none, facts.droppedByPeer, !facts.isOpened else {
      return "the server should have dropped TCP: \(facts.openingSummary)"
    }
    return nil
  }

  /// A client that does not trust the server asks it nothing; whether it ends TLS or TCP is its choice.
  private func trustComplaint(_ facts: CaseFacts) -> String? {
    if facts.request != nil || facts.spokeEarly {
      return "the client took the server's certificate, and sent its request"
    }
    return facts.droppedByPeer
      ? nil : "the client did not give the connection up: \(facts.openingSummary)"
  }

  /// A client fails the connection by dropping TCP; that it says why in a Close before is no fault.
  private func clientComplaint(_ facts: CaseFacts) -> String? {
    if let event = facts.events.first {
      return "the client should have failed the connection, and sent \(event.summary)"
    }
    if let violation = facts.violations.first {
      return "the client should have failed the connection, and sent \(violation)"
    }
    let hasClosed = facts.remoteClose != nil && !facts.closedByUsFirst
    let hasDropped =
      facts.droppedByPeer && facts.remoteClose == nil && !facts.deadlinePassed
    guard hasClosed || hasDropped else {
      return "the client should have failed the connection, and did not"
    }
    return nil
  }
}

extension CaseFacts {
  /// What came of the opening handshake, in one line.
  var openingSummary: String {
    if let openingFailure { return openingFailure }
    return isOpened ? "the connection was opened" : "the connection ended"
  }
}

extension HeadTest {
  /// What the response lacks, in one line; nil: nothing.
  func complaint(about head: ResponseHead?) -> String? {
    guard let head else { return "there is no response" }
    switch subject {
    case .part(let part):
      let text = part == .version ? head.version.description : "\(head.status.code)"
      return complaint(about: [text], isList: false, name: part.rawValue)
    case .field(let name): return complaint(about: head.fields, name)
    case .serverName: return nil
    }
  }

  /// What the client's request lacks, or what came of TLS before it; nil: nothing.
  func complaint(aboutClient facts: CaseFacts) -> String? {
    guard subject == .serverName else { return complaint(about: facts.request) }
    let names = facts.serverName.map { [$0] } ?? []
    return complaint(about: names, isList: false, name: "the server name in TLS (SNI)")
  }

  /// What the request lacks, in one line; nil: nothing.
  func complaint(about head: RequestHead?) -> String? {
    guard let head else { return "there is no request" }
    switch subject {
    case .part(let part):
      let text: String =
        switch part {
        case .method: head.method.rawValue
        case .target: head.target
        case .version, .status: head.version.description
        }
      return complaint(about: [text], isList: false, name: part.rawValue)
    case .field(let name): return complaint(about: head.fields, name)
    case .serverName: return nil
    }
  }

  private func complaint(about fields: HTTPFields, _ name: String) -> String? {
    let lines = fields.filter { Syntax.isEqualIgnoringCase($0.name.rawName, name) }
    return complaint(about: lines.map(\.value), isList: true, name: name)
  }

  private func complaint(about values: [String], isList: Bool, name: String) -> String? {
    let found = values.map { $0.debugDescription }.joined(separator: ", ")
    switch condition {
    case .absent: return values.isEmpty ? nil : "\(name) should not be there, and is \(found)"
    case .once:
      return values.count == 1
        ? nil : values.isEmpty ? "\(name) is missing" : "\(name) is there \(values.count) times"
    case .key:
      guard values.count == 1, HandshakeKey(value: values[0]) != nil else {
        return "\(name) is not base64 of 16 octets, once: \(values.isEmpty ? "missing" : found)"
      }
      return nil
    case .names(let text):
      let isNamed = values.contains { value in
        guard isList, !Syntax.isEqualIgnoringCase(value, text) else {
          return isList || value == text
        }
        return HTTPFields([HTTPField(name: .connection, value: value)])
          .contains(token: text, in: .connection)
      }
      return isNamed
        ? nil
        : "\(name) does not name \(text.debugDescription): \(values.isEmpty ? "missing" : found)"
    }
  }
}
