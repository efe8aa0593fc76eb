/// The matrix of cases and agents: the clauses with their counts stand in the page; the script
/// adds the cases of a clause when it is opened.
enum ConformanceSection {
  static func text(_ content: PageContent) -> String {
    guard !content.agents.isEmpty else { return "" }
    return """
      <section id="conformance"><h2>Conformance</h2>
      \(filters(content))
      <div class="scroll" tabindex="0" role="region" aria-label="Cases and verdicts">
      <table id="matrix" class="\(width(content))">
      <caption class="vh">Verdicts by clause, and by case when a clause is opened</caption>
      <thead><tr><th scope="col">Clause and case</th><th scope="col" class="why">Requirement</th>
      \(content.agents.map { agentHead($0) }.joined())</tr></thead>
      \(content.groups.indices.map { group(content, at: $0) }.joined(separator: "\n"))
      </table></div>
      <p id="nothing" hidden>No case fits.</p>
      <noscript><p class="more">The cases of each clause, with their transcripts, need the page’s \
      script.</p></noscript>
      </section>
      """
  }

  /// With three agents and more the requirement is left to the details; with seven and more their
  /// names stand upright, and the cells have no room for words.
  private static func width(_ content: PageContent) -> String {
    switch content.agents.count {
    case 1: "single"
    case 2: "many"
    case 7...: "many lean crowd"
    default: "many lean"
    }
  }

  private static func filters(_ content: PageContent) -> String {
    var totals: [Grade: Int] = [:]
    for agent in content.agents {
      totals.merge(content.counts(of: agent)) { $0 + $1 }
    }
    var chips = ""
    for (position, grade) in Grade.allCases.enumerated() {
      guard let count = totals[grade], count > 0 else { continue }
      chips +=
        "<button type=\"button\" class=\"chip\" aria-pressed=\"false\" data-grade=\"\(position)\">"
      chips += "\(HTMLPage.badge(grade)) <span>\(count)</span></button>"
    }
    return """
      <div class="filters" hidden><label><span class="vh">Filter cases</span>
      <input type="search" id="filter" placeholder="Filter by name, number, clause, words" \
      autocomplete="off" spellcheck="false"></label>
      <div class="chips" role="group" aria-label="Filter by verdict">\(chips)</div>
      <button type="button" id="all" class="plain">Open all</button></div>
      """
  }

  private static func agentHead(_ agent: PageContent.Agent) -> String {
    let facts = [agent.results.url, agent.results.serverHeader].compactMap { $0 }
    let title = VisibleText.attribute(facts.joined(separator: " · "))
    return "<th scope=\"col\" class=\"agent\" title=\"\(title)\">"
      + "\(VisibleText.escaped(agent.name))</th>"
  }

  private static func group(_ content: PageContent, at index: Int) -> String {
    let group = content.groups[index]
    let heading = group.heading.map { " <span>\(VisibleText.escaped($0))</span>" } ?? ""
    var cells = ""
    for agent in content.agents {
      let counts = content.counts(of: agent, in: group)
      let total = counts.values.reduce(0, +)
      let failed = counts[.fail, default: 0] + counts[.error, default: 0]
      let sign = failed > 0 ? HTMLPage.badge(.fail, label: "\(failed)") : ""
      // What the peer lacks is neither met nor broken.
      let judged = total - counts[.unsupported, default: 0]
      let share =
        judged > 0
        ? "<span class=\"n\">\(judged - failed)/\(judged)</span>"
        : total > 0 ? HTMLPage.badge(.unsupported, label: "\(total)") : "–"
      cells += "<td>\(HTMLPage.bar(counts))\(share)\(sign)</td>"
    }
    return """
      <tbody data-group="\(index)"><tr class="group"><th scope="rowgroup" colspan="2">\
      <button type="button" aria-expanded="false" disabled>\(VisibleText.escaped(group.section))\
      \(heading)</button></th>\(cells)</tr></tbody>
      """
  }
}
