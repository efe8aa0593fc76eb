import CaseLanguage
import FoundationEssentials
import Reports

/// What the server says in JSON: to drivers over WebSocket, and to its own page over HTTP.
enum DriverJSON {
  /// What `/getCaseInfo` says.
  struct Information: Encodable {
    var id: String
    var description: String
  }

  /// What `/getCaseStatus` says.
  struct Status: Encodable {
    var behavior: String
  }

  /// All that the page shows.
  struct Board: Encodable {
    /// A case; its number is its place from 1.
    struct Item: Encodable {
      var id: String
      var number: String?
      var section: String
      var title: String
      var isHeavy: Bool
    }

    /// A client's results: `null` where there is none.
    struct Agent: Encodable {
      var name: String
      var grades: [String?]
      var reasons: [String?]
      /// For each case, whether the client has played it in this run.
      var isPlayed: [Bool]
      /// The places, from 0, of the cases that it is to play one at a time.
      var suspects: [Int]
    }

    var cases: [Item]
    var agents: [Agent]
  }

  static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and arrays of them can always be encoded.
    guard let data = try? encoder.encode(value) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }
}

extension DriverJSON.Board {
  /// The board of a server; the reasons of results that nobody has to read are left out.
  init(
    cases: [Case], results: ConformanceResults, standings: [String: DriverLedger.Standing]
  ) {
    self.cases = cases.map { item in
      Item(
        id: item.id, number: item.number(in: "autobahn"), section: item.citation.description,
        title: item.title.isEmpty ? item.why : item.title,
        isHeavy: item.weight >= CaseWeight.heavy)
    }
    agents = results.agents.map { agent in
      let byCase = Dictionary(
        agent.results.map { ($0.caseID, $0) }, uniquingKeysWith: { _, last in last })
      let found = cases.map { byCase[$0.id] }
      let standing = standings[agent.name] ?? DriverLedger.Standing()
      return Agent(
        name: agent.name, grades: found.map { $0?.verdict.overall.rawValue },
        reasons: found.map { $0.flatMap { $0.verdict.isMet ? nil : $0.reason } },
        isPlayed: cases.map { standing.played.contains($0.id) },
        suspects: cases.indices.filter { standing.suspects.contains(cases[$0].id) })
    }
  }
}
