/// What a client asks a conformance server for, by the path and the query of its request.
///
/// The paths and the names in the queries are those that the client drivers of libraries use.
enum DriverRequest: Hashable, Sendable {
  /// How many cases there are.
  case caseCount
  /// What a case is.
  case caseInfo(CaseReference)
  /// Play a case on this connection.
  case runCase(CaseReference, agent: String)
  /// How a case that was played came out.
  case caseStatus(CaseReference, agent: String)
  /// Write the reports, and perhaps end.
  case updateReports(endsAfter: Bool)
  /// End.
  case stopServer

  /// How a request names a case.
  enum CaseReference: Hashable, Sendable {
    /// By its place among the selected ones, from 1.
    case position(Int)
    /// By its number in the established suite, or its id.
    case name(String)
  }

  /// The longest name of an agent, in octets.
  static let agentByteCount = 128

  /// Reads a request target; `agent` is the name for clients that give none.
  ///
  /// `/runCase/17` is `/runCase?case=17`, for clients that shun a path after a failure on it.
  ///
  /// - Returns: The request, or nil for a path that means nothing here.
  /// - Throws: What is wrong with the query.
  static func parse(
    _ target: String, agent: String?
  ) throws(DriverRequestError) -> DriverRequest? {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard var path = parts.first else { return nil }
    var number: Substring?
    if path.hasPrefix(Kind.runCase.rawValue + "/") {
      number = path.dropFirst(Kind.runCase.rawValue.count + 1)
      path = path.dropLast((number?.count ?? 0) + 1)
    }
    guard let kind = Kind(rawValue: String(path)) else { return nil }
    var query = try DriverQuery(parts.count > 1 ? parts[1] : "")
    if let number, query.values.updateValue(String(number), forKey: "case") != nil {
      throw .doubled("case")
    }
    switch kind {
    case .caseCount: return .caseCount
    case .caseInfo: return .caseInfo(try query.reference(in: path))
    case .runCase:
      return .runCase(try query.reference(in: path), agent: try query.agent(or: agent, in: path))
    case .caseStatus:
      return .caseStatus(
        try query.reference(in: path), agent: try query.agent(or: agent, in: path))
    case .updateReports:
      let choice = query.values["shutdownOnComplete"]?.lowercased()
      return .updateReports(endsAfter: choice == "true" || choice == "yes")
    case .stopServer: return .stopServer
    }
  }

  private enum Kind: String {
    case caseCount = "/getCaseCount"
    case caseInfo = "/getCaseInfo"
    case runCase = "/runCase"
    case caseStatus = "/getCaseStatus"
    case updateReports = "/updateReports"
    case stopServer = "/stopServer"
  }
}

/// Why a request of a driver cannot be answered; one line for its author.
enum DriverRequestError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing(String, path: String, example: String)
  case notANumber(String)
  case badAgent(String)
  case badEscape(String)
  case doubled(String)
  case unknownCase(String, count: Int)

  var description: String {
    switch self {
    case .missing(let name, let path, let example):
      "\(path) needs \(name) in its query: \(path)?\(example)"
    case .notANumber(let text):
      "case=\(text) is no number: give the place of the case, from 1, or casetuple=1.1.1"
    case .badAgent(let why): "the agent's name \(why)"
    case .badEscape(let text): "'\(text)' in the query is not percent-encoded UTF-8"
    case .doubled(let name): "\(name) is in the query more than once"
    case .unknownCase(let text, let count):
      "there is no case \(text) among the \(count) that were selected"
    }
  }
}

/// The names and values of a query, decoded.
private struct DriverQuery {
  var values: [String: String] = [:]

  init(_ text: Substring) throws(DriverRequestError) {
    for pair in text.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Self.decoded(halves[0])
      let value = halves.count > 1 ? try Self.decoded(halves[1]) : ""
      guard values.updateValue(value, forKey: name) == nil else { throw .doubled(name) }
    }
  }

  func reference(in path: Substring) throws(DriverRequestError) -> DriverRequest.CaseReference {
    if let text = values["case"] {
      guard let number = Int(text) else { throw .notANumber(String(text.prefix(40))) }
      return .position(number)
    }
    guard let name = values["casetuple"], !name.isEmpty else {
      throw .missing("case", path: String(path), example: "case=1")
    }
    return .name(name)
  }

  func agent(or usual: String?, in path: Substring) throws(DriverRequestError) -> String {
    guard let name = values["agent"] ?? usual else {
      throw .missing("agent", path: String(path), example: "case=1&agent=NAME")
    }
    guard !name.isEmpty else { throw .badAgent("is empty") }
    guard name.utf8.count <= DriverRequest.agentByteCount else {
      throw .badAgent("has more than \(DriverRequest.agentByteCount) octets")
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw .badAgent("has a control character")
    }
    return name
  }

  /// Undoes percent-encoding, and `+` for a space as forms have it.
  private static func decoded(_ text: Substring) throws(DriverRequestError) -> String {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      switch octet {
      case UInt8(ascii: "+"): octets.append(0x20)
      case UInt8(ascii: "%"):
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
          let value = UInt8(digits, radix: 16)
        else { throw .badEscape(String(text.prefix(40))) }
        octets.append(value)
        rest = rest.dropFirst(2)
      default: octets.append(octet)
      }
    }
    guard let decoded = String(validating: octets, as: UTF8.self) else {
      throw .badEscape(String(text.prefix(40)))
    }
    return decoded
  }
}
