/// What became of the verdicts on the peers that two sides have in common.
public struct ConformanceComparison: Equatable, Sendable {
  /// What became of the verdicts on one peer.
  public struct Agent: Equatable, Sendable {
    /// Its name in base.
    public var baseName: String
    /// Its name in head.
    public var headName: String
    /// How many cases both sides have played.
    public var sharedCount: Int
    /// The cases whose verdict is another one, worse ones first, then in head's order.
    public var changes: [CaseChange]
    /// The names of cases that only base has played.
    public var onlyInBase: [String]
    /// The names of cases that only head has played.
    public var onlyInHead: [String]
  }

  /// The peers, in head's order.
  public var agents: [Agent] = []
  /// The names of peers that only base has.
  public var onlyInBase: [String] = []
  /// The names of peers that only head has.
  public var onlyInHead: [String] = []
  /// Whether every change for the worse is a regression.
  public var isStrict = false

  /// Compares the verdicts on the peers of the same name, or on the only peer of each side.
  ///
  /// - Throws: ``ComparisonError`` when no peer is on both sides.
  init(
    base: [ConformanceResults], head: [ConformanceResults], _ rules: ComparisonRules
  ) throws(ComparisonError) {
    isStrict = rules.isStrict
    var others = try Self.peers(of: base, side: "base")
    let peers = try Self.peers(of: head, side: "head")
    let roles = [others, peers].map { $0.first?.results.role == .client ? "servers" : "clients" }
    if roles[0] != roles[1] {
      throw ComparisonError(["base tested \(roles[0]) and head \(roles[1])"], canBeForced: false)
    }
    let isSingle = others.count == 1 && peers.count == 1
    for peer in peers {
      let match = others.firstIndex { $0.agent.name == peer.agent.name || isSingle }
      if let match {
        agents.append(Agent(base: others.remove(at: match), head: peer))
      } else {
        onlyInHead.append(peer.agent.name)
      }
    }
    onlyInBase = others.map(\.agent.name)
    if agents.isEmpty {
      let names = [onlyInBase, onlyInHead].map { names in
        names.prefix(5).map { VisibleText.line($0) }.joined(separator: ", ")
      }
      throw ComparisonError(
        ["no peer is on both sides: base has \(names[0]), head has \(names[1])"],
        canBeForced: false)
    }
  }

  /// A peer, and the results that its own are a part of.
  fileprivate struct Peer {
    var agent: AgentResults
    var results: ConformanceResults
  }

  private static func peers(
    of results: [ConformanceResults], side: String
  ) throws(ComparisonError) -> [Peer] {
    var peers: [Peer] = []
    var names: Set<String> = []
    for results in results {
      for agent in results.agents {
        guard names.insert(agent.name).inserted else {
          throw ComparisonError(
            ["\(side) has several results of \(VisibleText.line(agent.name)): name one run"],
            canBeForced: false)
        }
        peers.append(Peer(agent: agent, results: results))
      }
    }
    return peers
  }

  /// Whether a verdict became worse in a way that counts.
  public var isRegression: Bool {
    agents.contains { agent in
      agent.changes.contains { $0.isRegression(isStrict: isStrict) }
    }
  }
}

extension ConformanceComparison.Agent {
  fileprivate init(base: ConformanceComparison.Peer, head: ConformanceComparison.Peer) {
    (baseName, headName) = (base.agent.name, head.agent.name)
    let before = Dictionary(
      base.agent.results.map { ($0.caseID, $0) }, uniquingKeysWith: { _, last in last })
    let ordered = CaseGroups(head.results, agent: head.agent).groups.flatMap(\.results)
    sharedCount = 0
    onlyInHead = []
    changes = []
    for (description, result) in ordered {
      guard let earlier = before[description.id] else {
        onlyInHead.append(description.id)
        continue
      }
      sharedCount += 1
      let change = CaseChange(
        description, base: earlier, of: base.results, head: result, of: head.results)
      if let change { changes.append(change) }
    }
    let played = Set(ordered.map { $0.0.id })
    onlyInBase = CaseGroups(base.results, agent: base.agent).groups.flatMap(\.results)
      .map { $0.0.id }.filter { !played.contains($0) }
    let order: [CaseChange.Direction] = [.worse, .aside, .better]
    changes = order.flatMap { direction in changes.filter { $0.direction == direction } }
  }
}
