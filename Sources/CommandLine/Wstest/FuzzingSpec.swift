import CaseLanguage
import Conformance
import WebSocketProtocol

/// The keys that the specs of both fuzzing modes have.
struct CaseChoice {
  /// The selected cases, in the order of their numbers.
  var cases: [Case]
  /// Which cases which agents are spared: patterns, matched whole.
  var exclusions: [(agent: String, cases: [String])]

  /// Reads `cases`, `exclude-cases` and `exclude-agent-cases`.
  init(_ spec: SpecObject, from corpus: [Case]) throws(SpecError) {
    guard let patterns = try spec.strings("cases") else {
      throw spec.mistake("\"cases\" is missing: for example \"cases\": [\"*\"]")
    }
    var chosen: Set<String> = []
    for (text, place) in patterns {
      chosen.formUnion(try Self.numbers(text, at: place, in: spec, corpus))
    }
    for (text, place) in try spec.strings("exclude-cases") ?? [] {
      chosen.subtract(try Self.numbers(text, at: place, in: spec, corpus))
    }
    cases = corpus.filter { $0.number(in: "autobahn").map(chosen.contains) ?? false }
    guard !cases.isEmpty else {
      throw spec.mistake("no case is left: \"exclude-cases\" covers all of \"cases\"")
    }
    exclusions = []
    guard let object = try spec.object("exclude-agent-cases") else { return }
    for member in object.members {
      exclusions.append((member.key, try object.strings(member.key)?.map(\.text) ?? []))
    }
  }

  /// Whether an agent is spared a case.
  func isExcluded(_ item: Case, for agent: String) -> Bool {
    guard let number = item.number(in: "autobahn") else { return false }
    return exclusions.contains { exclusion in
      Self.fits(exclusion.agent, agent, anchored: true)
        && exclusion.cases.contains { Self.fits($0, number, anchored: true) }
    }
  }

  /// The numbers that an entry means: a pattern if it has a `*`, else one number.
  private static func numbers(
    _ text: String, at place: SpecPlace?, in spec: SpecObject, _ corpus: [Case]
  ) throws(SpecError) -> [String] {
    let all = corpus.compactMap { $0.number(in: "autobahn") }
    guard text.contains("*") else {
      guard all.contains(text) else {
        throw SpecError(
          path: spec.path, place: place,
          message: "there is no case \"\(text)\": write a number such as \"1.1.1\", or \"1.*\"")
      }
      return [text]
    }
    return all.filter { fits(text, $0, anchored: false) }
  }

  /// Whether a pattern fits; `*` stands for anything, and without an anchor anything may follow.
  static func fits(_ pattern: String, _ text: String, anchored: Bool) -> Bool {
    var item = Case(id: text, citation: Citation(document: "", section: ""))
    item.aliases = []
    // A question mark is a letter like others here.
    let pattern = anchored ? pattern : pattern + "*"
    return pattern.contains("?") ? pattern == text : item.matches(pattern)
  }
}

/// What a `fuzzingclient.json` says.
struct FuzzingClientSpec {
  struct Server {
    var url: String
    var place: SpecPlace?
    var agent: String?
    var origin: String?
    var protocols: [String]
    var hostname: String?
    var options: SpecOptions
  }

  var folder: String
  var servers: [Server]
  var choice: CaseChoice
  /// What the spec asks for and will not get.
  var remarks: [String]

  init(_ spec: SpecObject, corpus: [Case], defaultURL: String?) throws(SpecError) {
    folder = try spec.string("outdir") ?? "./reports/servers/"
    choice = try CaseChoice(spec, from: corpus)
    let common = try spec.object("options")
    let options = try SpecOptions(common, over: SpecOptions(), role: .client)
    servers = []
    for entry in try spec.objects("servers") ?? [] {
      servers.append(
        Server(
          url: try entry.requiredString("url", example: "ws://127.0.0.1:9001"), place: entry.place,
          agent: try entry.string("agent"), origin: try entry.string("origin"),
          protocols: try entry.strings("protocols")?.map(\.text) ?? [],
          hostname: try entry.string("hostname"),
          options: try SpecOptions(try entry.object("options"), over: options, role: .client)))
    }
    if servers.isEmpty {
      guard let defaultURL else {
        throw spec.mistake(
          "\"servers\" is empty: give \"servers\": [{\"url\": \"ws://127.0.0.1:9001\"}], or --wsuri"
        )
      }
      servers = [
        Server(
          url: defaultURL, place: spec.place, agent: nil, origin: nil, protocols: [], hostname: nil,
          options: options)
      ]
    }
    remarks = servers.flatMap(\.options.remarks)
  }

  static let text = """
    {
       "outdir": "./reports/servers",
       "servers": [
          {
             "url": "ws://127.0.0.1:9001"
          }
       ],
       "cases": ["*"],
       "exclude-cases": [],
       "exclude-agent-cases": {}
    }

    """
}

/// What a `fuzzingserver.json` says.
struct FuzzingServerSpec {
  var url: String
  var folder: String
  var choice: CaseChoice
  var options: SpecOptions
  var key: String?
  var certificate: String?

  init(_ spec: SpecObject, corpus: [Case]) throws(SpecError) {
    url = try spec.requiredString("url", example: "ws://127.0.0.1:9001")
    folder = try spec.string("outdir") ?? "./reports/clients/"
    choice = try CaseChoice(spec, from: corpus)
    options = try SpecOptions(try spec.object("options"), over: SpecOptions(), role: .server)
    // Read and kept by the old tool too, which never chooses a subprotocol.
    _ = try spec.strings("protocols")
    key = try spec.string("key")
    certificate = try spec.string("cert")
    guard (key == nil) == (certificate == nil) else {
      throw spec.mistake("\"key\" and \"cert\" belong together: give both")
    }
    if url.hasPrefix("wss:"), key == nil {
      throw spec.mistake("a wss URL needs \"key\" and \"cert\", two PEM files")
    }
  }

  static let text = """
    {
       "url": "ws://127.0.0.1:9001",
       "outdir": "./reports/clients",
       "cases": ["*"],
       "exclude-cases": [],
       "exclude-agent-cases": {}
    }

    """
}

/// What a `massconnect.json` says.
struct MassConnectSpec {
  struct Server {
    var name: String
    var url: String
    var description: String
  }

  var connections: Int
  var batchCount: Int
  var batchDelay: Duration
  var retryDelay: Duration
  var servers: [Server]

  init(_ spec: SpecObject) throws(SpecError) {
    let options = try spec.object("options")
    connections = try options?.count("connections") ?? 10_000
    batchCount = try options?.count("batchsize") ?? 100
    batchDelay = .milliseconds(try options?.count("batchdelay") ?? 10)
    retryDelay = .milliseconds(try options?.count("retrydelay") ?? 10)
    guard connections > 0, batchCount > 0, connections <= 1_000_000 else {
      throw (options ?? spec).mistake(
        "\"connections\" is to be 1 to 1000000, and \"batchsize\" at least 1")
    }
    servers = []
    for entry in try spec.objects("servers") ?? [] {
      let url = try entry.requiredString("uri", example: "ws://127.0.0.1:9000")
      servers.append(
        Server(
          name: try entry.string("name") ?? url, url: url,
          description: try entry.string("desc") ?? ""))
    }
    guard !servers.isEmpty else {
      throw spec.mistake("\"servers\" is empty: give [{\"uri\": \"ws://127.0.0.1:9000\"}]")
    }
  }

  static let text = """
    {
       "options": {
          "connections": 10000,
          "batchsize": 100,
          "batchdelay": 10,
          "retrydelay": 10
       },
       "servers": [
          {
             "name": "test",
             "uri": "ws://127.0.0.1:9000",
             "desc": "a server on this machine"
          }
       ]
    }

    """
}
